import type { Feature } from "../../../core/loss.ts";
import type { ChatRequest } from "../../../core/request.ts";
import { emptyRequest } from "../../../core/request.ts";
import type { ChatResponse } from "../../../core/response.ts";
import type { AskedOnce, AskOnceOptions } from "../../../pipeline/small/ask-once.ts";
import type { Provider } from "../../../upstream/provider.ts";
import { modelInfo, upstreamModel } from "../../../upstream/provider.ts";
import { ask, type ProviderTools } from "../checks/provider/tools.ts";
import type { Finding, State } from "../finding.ts";
import { remedyFor, wordsOf } from "../remedies.ts";

/** What the cases before found out, for those after them. */
export interface Earlier {
  whole?: ChatResponse;
  streamed?: ChatResponse;
  /** With a tool call in it. */
  call?: ChatResponse;
}

/** One provider and model under test. */
export interface DeepTarget {
  readonly provider: Provider;
  /** As the router calls it. */
  readonly model: string;
  readonly tools: ProviderTools;
  readonly earlier: Earlier;
}

/** One thing that clients do. */
export interface DeepCase {
  /** The column's head: at most eight characters. */
  readonly name: string;
  /** What it asks, for saying beforehand what it will cost; undefined: nothing that is paid for. */
  readonly outlook: ((model: string) => ChatRequest) | undefined;
  /** Tokens an answer to it usually has. */
  readonly usualOutput: number;
  /**
   * `failed`: the provider refuses it. `warning`: the provider takes it, but the model does not do it, or something is missing.
   * `skipped`: its API, or by its own word its model, has no such thing.
   */
  run(target: DeepTarget): Promise<Finding>;
}

export interface Verdict {
  readonly state: State;
  readonly text: string;
  readonly todo?: string;
}

/** A case of one request. */
interface AskingCase {
  readonly name: string;
  readonly usualOutput: number;
  /** What the provider's API must have a place for. */
  readonly feature?: Feature;
  /** What the model must be able to do, where its provider tells that. */
  readonly capability?: string;
  /** What a refusal means for clients, and what to do: `images to MODEL are refused: …`. */
  refusedMeans(model: string): string;
  request(model: string, earlier: Earlier): ChatRequest;
  readonly options?: Pick<AskOnceOptions, "cancelAfter">;
  /** Of an answer that came. */
  judge(asked: AskedOnce, target: DeepTarget): Verdict;
}

export function askingCase(spec: AskingCase): DeepCase {
  const { name, usualOutput } = spec;
  return {
    name,
    usualOutput,
    outlook: (model) => spec.request(model, {}),
    async run(target) {
      const { provider, model, tools, earlier } = target;
      const sent = upstreamModel(provider, model);
      const missing = whatIsMissing(spec, provider, model);
      if (missing !== undefined) return { check: name, state: "skipped", text: missing };
      const asked = await ask(provider, spec.request(model, earlier), tools, spec.options);
      const rejected = asked.losses.find((loss) => loss.class === "reject");
      if (rejected) return { check: name, state: "skipped", text: `its API has no place for ${rejected.field}` };
      if (asked.failure) {
        const isRefusal = asked.failure.kind === "caller" || asked.failure.kind === "not-found";
        const todo = isRefusal ? spec.refusedMeans(sent) : remedyFor(asked.failure, provider, sent);
        return { check: name, state: "failed", text: wordsOf(asked.failure), todo, ms: asked.ms };
      }
      return { check: name, ms: asked.ms, ...spec.judge(asked, target) };
    },
  };
}

function whatIsMissing({ feature, capability }: AskingCase, provider: Provider, model: string): string | undefined {
  const support = feature && provider.half.support[feature];
  if (support !== undefined && support !== "native" && support !== "adapted")
    return `its API (${provider.half.dialect}) has no such thing`;
  const known = modelInfo(provider, model)?.capabilities;
  if (capability === undefined || known === undefined || known.has(capability)) return undefined;
  return `${upstreamModel(provider, model)} cannot, says its provider: the router sends such requests to others`;
}

/** A question of a user, with whatever else. */
export function question(model: string, text: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    ...emptyRequest("openai", model),
    messages: [{ role: "user", parts: [{ type: "text", text }] }],
    maxOutputTokens: MOST_TOKENS,
    includeUsage: true,
    ...more,
  };
}

/** Room for a model that thinks first; others stop long before. */
const MOST_TOKENS = 1_000;

export const good = (text: string): Verdict => ({ state: "ok", text });
export const poor = (text: string, todo?: string): Verdict => ({
  state: "warning",
  text,
  ...(todo !== undefined && { todo }),
});

/** What was said instead, for people. */
export function excerpt(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return short.trim() === "" ? "it said nothing" : `it said ${JSON.stringify(short)}`;
}
