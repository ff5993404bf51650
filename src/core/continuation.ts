import { estimateTextTokens, estimateTokens } from "./estimate/estimate.ts";
import type { Dialect } from "./part.ts";
import type { ChatRequest } from "./request.ts";
import type { Place, ResponseBuilder } from "./response.ts";
import type { Usage } from "./usage.ts";

/** A broken-off answer that another target may go on with. */
export interface Continuation {
  /** The client's request, and behind it what it has of the answer. */
  request: ChatRequest;
  /** The text in the request's last message. */
  text: string;
  /** White space at the end of what the client has, not sent: Anthropic refuses it, and models say it again. */
  trimmed: string;
  place: Place;
  /** What the answer has cost so far, as far as is known. */
  spent: Usage;
}

/** Of less text it could not be told whether a provider repeats it, or means it. */
const MIN_CHARS = 16;

/** Fields of the older endpoints that make their answers something else than what follows a prompt. */
const NO_PLAIN_PROMPT = ["suffix", "echo", "best_of", "raw", "template", "context"];

/**
 * What to ask so that the answer so far is gone on with; undefined where that could not be the same answer: only plain text is
 * continued, never what stands in or behind a tool call, reasoning, a refusal or sources. `earlier`: what it had cost before,
 * when this is not its first continuation. `dialect`: of the provider that broke off.
 */
export function continuationOf(
  request: ChatRequest,
  answer: ResponseBuilder,
  { earlier, dialect }: { earlier?: Usage; dialect?: Dialect } = {},
): Continuation | undefined {
  if (answer.finished || answer.omitted > 0 || !mayBeContinued(request)) return undefined;
  const whole = plainText(answer);
  const text = whole?.trimEnd();
  if (whole === undefined || text === undefined || text.length < MIN_CHARS) return undefined;
  const written = estimateTextTokens(whole);
  const left = request.maxOutputTokens === undefined ? undefined : request.maxOutputTokens - written;
  if (left !== undefined && left <= 0) return undefined;
  return {
    request: {
      ...request,
      messages: [...request.messages, { role: "assistant", parts: [{ type: "text", text }] }],
      goesOn: true,
      ...(left !== undefined && { maxOutputTokens: left }),
    },
    text,
    trimmed: whole.slice(text.length),
    place: answer.place(),
    spent: earlier ?? spentOn(request, answer, written, dialect),
  };
}

function mayBeContinued(request: ChatRequest): boolean {
  const { sampling, output, toolChoice, messages, extra } = request;
  if ((sampling.n ?? 1) > 1 || sampling.logprobs || output) return false;
  const mode = toolChoice?.mode;
  if (mode === "required" || mode === "tool" || (toolChoice?.mode === "allowed" && toolChoice.required)) return false;
  // A beginning the client gave: two seams in one text are one too many.
  if (messages.at(-1)?.role === "assistant") return false;
  return !NO_PLAIN_PROMPT.some((field) => Boolean(extra[field]));
}

function plainText(answer: ResponseBuilder): string | undefined {
  let text = "";
  for (const part of answer.response().parts) {
    if (part.type !== "text" || part.citations || part.logprobs) return undefined;
    text += part.text;
  }
  return text;
}

/** Nobody tells the price of an answer that broke off: what was said at its start counts, the rest is estimated. */
function spentOn(request: ChatRequest, answer: ResponseBuilder, written: number, dialect?: Dialect): Usage {
  const { usage } = answer;
  const unknown = { cachedRead: 0, cacheWrite: 0, cacheWriteLong: 0, reasoning: 0 };
  const input = usage?.input || estimateTokens(request, dialect);
  return { ...unknown, ...usage, input, output: Math.max(usage?.output ?? 0, written), reported: false };
}
