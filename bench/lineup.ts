import { type Api, type Ask, askOf } from "./asks.ts";
import { CHUNKS } from "./bodies.ts";
import type { Contender, Running } from "./contenders/contender.ts";

/** What a contender is asked in one case. */
export interface Question {
  readonly api: Api;
  readonly bytes: number;
  readonly stream: boolean;
}

/** A contender that runs and has shown that it answers rightly. */
export interface Ready {
  readonly name: string;
  readonly running: Running;
  readonly headers: Readonly<Record<string, string>>;
  readonly takes: readonly Api[];
}

export interface Lineup {
  readonly ready: readonly Ready[];
  /** Why others are not there, a sentence each. */
  readonly absent: readonly string[];
}

const ANSWER_MS = 15_000;

/** Starts contenders one after the other and asks each of `questions` once that it takes; who cannot do it is left out, and said so. */
export async function lineUp(
  contenders: readonly Contender[],
  upstreamUrl: string,
  questions: readonly Question[],
): Promise<Lineup> {
  const ready: Ready[] = [];
  const absent: string[] = [];
  for (const contender of contenders) {
    const { name, takes } = contender;
    try {
      const running = await contender.start(upstreamUrl);
      const one: Ready = { name, running, takes, headers: contender.headers?.(upstreamUrl) ?? {} };
      for (const question of questions) if (takes.includes(question.api)) await check(one, askFor(one, question));
      ready.push(one);
    } catch (error) {
      absent.push(`${name} is not measured: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }
  return { ready, absent };
}

/** What it is asked: OpenAI's request where it does not take the client's. */
export function askFor({ takes }: Pick<Ready, "takes">, { api, bytes, stream }: Question): Ask {
  return askOf(takes.includes(api) ? api : "openai", bytes, stream);
}

/** Throws when the answer is not the one that the provider gave. */
async function check({ running, headers }: Ready, { path, body, stream }: Ask): Promise<void> {
  const response = await fetch(`${running.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`it answered ${response.status}: ${text.trim().slice(0, 200)}`);
  const words = stream ? Array.from({ length: CHUNKS }, (_, index) => `"word${index} "`) : ["The quick brown fox"];
  const missing = words.filter((word) => !text.includes(word));
  if (missing.length > 0)
    throw new Error(`its answer to ${path} lacks ${missing[0]} (${missing.length} of ${words.length})`);
}
