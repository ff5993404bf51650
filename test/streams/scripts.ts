import {
  type Answer,
  type Frames,
  UPSTREAM_FORMATS,
  type UpstreamDialect,
  type UpstreamFormat,
} from "../support/upstream/answer.ts";
import { chatDialect } from "../support/upstream/upstream.ts";

const CITED = { url: "https://paper.test/rain", title: "The Paper", cited: "It rains" };
const TWO_CALLS = [
  { id: "call_1", name: "look", args: '{"at":"a b","deep":true}' },
  { id: "call_2", name: "now", args: '{"zone":"UTC"}' },
];

/** Answers that have in them what streams are broken by. */
export const SCRIPTS: Record<string, Answer> = {
  text: { text: "hello, this is an answer" },
  "any script and emoji": { text: 'grüße, 你好, 🎉🏽, \u2028 "quotes" \\ \n end' },
  "thinking with its signature": { thinking: { text: "let me see 🤔", state: "c2lnbmVk" }, text: "done" },
  "text and two calls": { text: "one moment", toolCalls: TWO_CALLS },
  "calls whose deltas take turns": { toolCalls: TWO_CALLS, stream: { interleave: true } },
  "arguments with escapes": { toolCalls: [{ id: "call_1", name: "write", args: '{"a":"\\"\\\\ \\n \\u00e9 🎉 }{"}' }] },
  "a call without arguments": { toolCalls: [{ id: "call_1", name: "now", args: "" }] },
  refusal: { refusal: "I will not do that." },
  citations: { text: "It rains, says the paper.", citations: [CITED] },
  "the limit met": { text: "this is not all", finish: "length" },
  "usage in full": { text: "ok", usage: { input: 100, output: 40, cachedRead: 60, cacheWrite: 10, reasoning: 15 } },
  "an error inside": { text: "half an ans", toolCalls: TWO_CALLS.slice(0, 1), stream: { error: "it broke inside" } },
};

/** What makes the client's own word for "this ended well" legal: the frame that says so. */
const TERMINAL: Record<UpstreamFormat, RegExp> = {
  openai: /"finish_reason":"/,
  "openai-responses": /^event: response\.(completed|incomplete)/,
  anthropic: /^event: message_stop/,
  ollama: /"done":true/,
  gemini: /"finishReason":"/,
};

/** A script as a provider of some format streams it. */
export interface Script {
  name: string;
  format: UpstreamFormat;
  answer: Answer;
  frames: string[];
  bytes: Buffer;
  /** How many bytes there must have been before the answer may count as whole; Infinity for one that never is. */
  wholeFrom: number;
}

export const ALL_SCRIPTS: Script[] = UPSTREAM_FORMATS.flatMap((format) =>
  Object.entries(SCRIPTS).map(([name, answer]) => scriptOf(chatDialect(format), name, answer)),
);

export function scriptOf(dialect: UpstreamDialect, name: string, answer: Answer): Script {
  const { format } = dialect;
  const body = { stream: true, stream_options: { include_usage: true } };
  const rendered: Frames = dialect.frames(answer, { model: "m", serial: 1, body });
  const failed = answer.stream?.error;
  const closing = failed === undefined ? rendered.closing : [dialect.errorFrame(failed)];
  const frames = [...rendered.content, ...closing];
  const bytes = Buffer.from(frames.join(""));
  const terminal = frames.findIndex((frame) => TERMINAL[format].test(frame));
  const upTo = frames.slice(0, terminal + 1).join("");
  const wholeFrom = failed === undefined ? Buffer.byteLength(upTo.trimEnd()) : Number.POSITIVE_INFINITY;
  return { name, format, answer, frames, bytes, wholeFrom };
}
