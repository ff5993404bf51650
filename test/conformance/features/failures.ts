import { doesNotMatch, equal, match, ok } from "node:assert/strict";
import type { Heard } from "../../support/clients/heard.ts";
import type { Answer } from "../../support/upstream/answer.ts";
import { anthropic } from "../../support/upstream/anthropic.ts";
import { gemini } from "../../support/upstream/gemini.ts";
import { ollama } from "../../support/upstream/ollama.ts";
import { openai } from "../../support/upstream/openai.ts";
import { responses } from "../../support/upstream/responses.ts";
import { ASK_ALL, ASK_CHATS, type Feature, type Pair } from "../feature.ts";

/** What a stream of each client's API looks like when it ended well. */
const ENDS: Record<Pair["client"], RegExp> = {
  openai: /data: \[DONE\]/,
  "openai-completions": /data: \[DONE\]/,
  "openai-responses": /event: response\.(completed|incomplete)/,
  anthropic: /event: message_stop/,
  ollama: /"done":true/,
  "ollama-generate": /"done":true/,
  gemini: /"finishReason":/,
};

function expectStatus(heard: Heard, pair: Pair, status: number, words: RegExp): void {
  equal(heard.status, status);
  match(heard.raw, words);
  expectErrorShape(heard, pair);
}

/** The error body of the client's own API. */
export function expectErrorShape(heard: Heard, pair: Pair): void {
  const body = JSON.parse(heard.raw);
  if (pair.client.startsWith("ollama")) return equal(typeof body.error, "string");
  if (pair.client === "anthropic") equal(body.type, "error");
  equal(typeof body.error.message, "string");
  if (pair.client === "gemini") {
    match(body.error.status, /^[A-Z_]+$/);
    // Passed through, the code is the provider's own.
    return pair.same ? equal(typeof body.error.code, "number") : equal(body.error.code, heard.status);
  }
  equal(typeof body.error.type, "string");
  if (pair.client.startsWith("openai")) ok("code" in body.error && "param" in body.error, heard.raw);
}

/** An answer that did not end well must not look as if it had: the SDK raises, and no terminal of a good end is there. */
export function expectBroken(heard: Heard, pair: Pair): void {
  ok(heard.error, `the client took it for an answer: ${heard.raw}`);
  if (heard.status === 200) doesNotMatch(heard.raw, ENDS[pair.client]);
  else ok(heard.status >= 500, `status ${heard.status}`);
}

/** A stream of status 200 whose first frame is an error. */
function firstEventIsAnError(path: string): NonNullable<Answer["raw"]> {
  const dialect = [openai, responses, anthropic, gemini, ollama].find(
    ({ asks, chat }) => asks?.(path) ?? chat === path,
  );
  const frame = dialect?.errorFrame("it broke at once") ?? "";
  return { headers: { "content-type": dialect?.streamType ?? "" }, chunks: [frame] };
}

function failing(name: string, status: number, client: (pair: Pair) => number): Feature {
  return {
    name,
    answer: { error: { status, message: "the upstream says no" } },
    ask: ASK_ALL,
    heard: (heard, pair) => expectStatus(heard, pair, client(pair), /the upstream says no/),
  };
}

export const FAILURES: Feature[] = [
  failing("the provider answers 400", 400, () => 400),
  // Not 401: the client would take its own key for the bad one.
  failing("the provider refuses the router's key", 401, () => 502),
  failing("the provider does not know the model", 404, () => 404),
  failing("the provider limits the rate", 429, () => 429),
  failing("the provider is overloaded", 529, (pair) => (pair.client === "anthropic" ? 529 : 503)),
  failing("the provider breaks", 500, () => 502),
  {
    name: "the provider answers HTML",
    answer: { error: { status: 502, message: "", text: "<html><body>502 Bad Gateway of the proxy</body></html>" } },
    ask: ASK_ALL,
    heard: (heard, pair) => expectStatus(heard, pair, 502, /502/),
  },
];

export const BROKEN_STREAMS: Feature[] = [
  {
    name: "an error before anything else in a stream",
    only: "stream",
    answer: (request) => ({ raw: firstEventIsAnError(request.path) }),
    ask: ASK_CHATS,
    heard(heard, pair) {
      // Nothing was sent yet: the status says it, and the client may try elsewhere.
      ok(heard.status >= 500, `status ${heard.status}: ${heard.raw}`);
      match(heard.raw, /it broke at once/);
      expectErrorShape(heard, pair);
    },
  },
  {
    name: "an error inside the stream",
    only: "stream",
    answer: { text: "half an ans", stream: { error: "it broke inside" } },
    ask: ASK_CHATS,
    heard(heard, pair) {
      expectBroken(heard, pair);
      match(heard.raw, /it broke inside/);
    },
  },
  {
    name: "a stream that ends without its end",
    only: "stream",
    answer: { text: "half an ans", stream: { cut: "end" } },
    ask: ASK_ALL,
    heard: expectBroken,
  },
  {
    name: "a stream whose connection breaks",
    only: "stream",
    answer: { text: "half an ans", stream: { cut: "reset" } },
    ask: ASK_ALL,
    heard: expectBroken,
  },
  {
    name: "a stream of nothing",
    only: "stream",
    answer: { stream: { empty: true } },
    ask: ASK_ALL,
    heard(heard, pair) {
      expectBroken(heard, pair);
      equal(heard.status, 502, "nothing was sent yet: the status can say it");
    },
  },
  {
    name: "bytes cut anywhere",
    only: "stream",
    answer: { thinking: { text: "grübel 🤔" }, text: "grüße, 你好, 🎉🏽 \u2028 end", stream: { slice: 3 } },
    ask: ASK_CHATS,
  },
  {
    name: "pings, comments and CRLF",
    only: "stream",
    answer: { text: "hello", toolCalls: [{ id: "call_1", name: "now", args: "{}" }], stream: { noise: true } },
    ask: ASK_CHATS,
    heard(heard) {
      equal(heard.error?.message, undefined);
      equal(heard.text, "hello");
      equal(heard.toolCalls.length, 1);
    },
  },
];
