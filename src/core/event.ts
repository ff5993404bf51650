import type { Failure } from "./failure.ts";
import type { Citation, OpaquePart, OpaqueState, TokenLogprob } from "./part.ts";
import type { Usage } from "./usage.ts";

/**
 * - `stop`: the model was done. `stop_sequence`: it met one of the client's. `length`: the output limit.
 * - `context`: the model's window was full. `tool_calls`: it waits for results. `refusal`: it or a filter would not.
 * - `pause`: a hosted tool takes long; the client is to call again (Anthropic). `other`: a reason we do not know.
 */
export type FinishReason =
  | "stop"
  | "stop_sequence"
  | "length"
  | "context"
  | "tool_calls"
  | "refusal"
  | "pause"
  | "other";

export interface Finish {
  reason: FinishReason;
  stopSequence?: string;
  /** The reason as the provider wrote it. */
  native?: string;
  /** Why it would not answer, where the provider says so (Anthropic's `stop_details`). */
  refusal?: { category?: string; explanation?: string };
}

/** What a block is, said when it opens. */
export type BlockStart =
  | { type: "text" }
  | { type: "reasoning"; id?: string; summary?: boolean }
  | { type: "refusal" }
  | { type: "tool-call"; id: string; name: string; kind: "function" | "custom" };

/**
 * One step of an answer, whole or streamed. The grammar every reader keeps:
 *
 *     start (ping | usage | block | opaque)* (finish (ping | usage)* end | error)
 *
 * where a block is `block-start`, its deltas, `block-end`. `index` names a block, counts up from 0 in order of opening and is
 * never used twice. Text, reasoning and refusal blocks do not overlap one another; tool-call blocks may overlap anything
 * (Chat interleaves them). A call has an id and a name. `finish` comes once, when every block has ended; `usage` any number of
 * times: the last one counts. Exactly one `end` or `error` closes the answer, at any place the latter, and nothing follows it.
 */
export type ChatEvent =
  | { type: "start"; id: string; model: string; usage?: Usage }
  | { type: "block-start"; index: number; block: BlockStart }
  /** The text may be empty where tokens are told of that make no character yet. */
  | { type: "text-delta"; index: number; text: string; logprobs?: TokenLogprob[] }
  | { type: "reasoning-delta"; index: number; text: string }
  | { type: "refusal-delta"; index: number; text: string }
  /** A fragment of the raw JSON text of the arguments (or of a custom tool's free text). */
  | { type: "arguments-delta"; index: number; text: string }
  | { type: "citation"; index: number; citation: Citation }
  /** `state` only on reasoning and tool-call blocks: the signature or encrypted content that belongs to it. */
  | { type: "block-end"; index: number; state?: OpaqueState }
  /** A whole block the vocabulary has no word for (a hosted tool's call or result). */
  | { type: "opaque"; index: number; part: OpaquePart }
  | ({ type: "finish" } & Finish)
  | { type: "usage"; usage: Usage }
  | { type: "ping" }
  | { type: "end" }
  | { type: "error"; failure: Failure };

/** True for events that show the client something of the answer: after the first of them nothing may be retried. */
export function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case "text-delta":
    case "reasoning-delta":
    case "refusal-delta":
    case "arguments-delta":
      return event.text !== "";
    case "block-start":
      return event.block.type === "tool-call";
    case "block-end":
      return event.state !== undefined;
    case "opaque":
    case "finish":
    case "end":
      return true;
    default:
      return false;
  }
}
