import type { UpstreamFormat } from "../../support/upstream/answer.ts";
import { chatDialect } from "../../support/upstream/upstream.ts";
import type { Part } from "../call.ts";
import type { Ending } from "../expect.ts";
import { answered, body, changed, end, head, instead, inTurn, raw, refused, sliced } from "../parts.ts";
import { type Row, row } from "../row.ts";

const SENSELESS: Ending = { sees: "elsewhere", kind: "malformed", tries: 1, status: 502 };

const FINE: Ending = { sees: "fine", kind: "target", tries: 1, status: 200 };

const HTML = "<!doctype html><html><body><h1>200 OK</h1>This page is not what you think.</body></html>";

const NONSENSE: Row[] = [
  row(16, "half of a JSON body", { play: instead('{"id": "x", "choices": [', "application/json"), ends: SENSELESS }),
  row(16, "JSON of another shape", { play: instead('{"hello": ["world"]}', "application/json"), ends: SENSELESS }),
  row(16, "JSON that is no object", { play: instead('"hello"', "application/json"), ends: SENSELESS }),
  row(16, "an HTML page with status 200", { play: instead(HTML, "text/html"), ends: SENSELESS }),
  row(16, "an empty body with status 200", { play: instead("", "application/json"), ends: SENSELESS }),
];

const lines = (count: number, length: number) =>
  Array.from({ length: count }, (_, at) => `x-filler-${at}: ${"x".repeat(length)}`);

const HEADS: Row[] = [
  row(18, "a header of 300 KB", { play: inTurn(head({ more: lines(1, 300_000) }), body("all"), end), ends: SENSELESS }),
  row(18, "a thousand headers", { play: inTurn(head({ more: lines(1000, 100) }), body("all"), end), ends: SENSELESS }),
  row(18, "bytes that are no HTTP", { play: raw("\u0000\u0001 what is this? \r\n\r\n"), ends: SENSELESS }),
  row(18, "junk for a chunk's length", {
    play: inTurn(head(), raw("zzz\r\nhello\r\n")),
    ends: SENSELESS,
  }),
];

/** The frames of a stream, each as this makes it. */
function frames(change: (frame: string) => string): Part {
  return changed((answer) => {
    const text = answer.toString("utf8");
    const separator = text.startsWith("{") ? "\n" : "\n\n";
    const parts = text.split(separator).slice(0, -1);
    return parts.map((part) => change(part + separator)).join("");
  });
}

function odd(fault: string, ...parts: Part[]): Row {
  const play = inTurn(...parts, head(), body("all"), end);
  return row(17, fault, { play, oddBytes: true, ends: FINE }, { only: "stream" });
}

/** Ollama's lines have neither comments nor fields. */
const sse = (text: string) => (frame: string) => (frame.startsWith("{") ? frame : text + frame);

const ODDITIES: Row[] = [
  row(17, "a byte at a time", { play: inTurn(sliced(1), answered), ends: FINE }, { only: "stream" }),
  row(17, "seven bytes at a time", { play: inTurn(sliced(7), answered), ends: FINE }, { only: "stream" }),
  odd(
    "CRLF, cut between the two",
    frames((frame) => frame.replaceAll("\n", "\r\n")),
    sliced(1),
  ),
  odd(
    "a BOM at the start",
    changed((answer) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), answer])),
  ),
  odd("comments between the events", frames(sse(": keep-alive\n\n"))),
  odd("events without data", frames(sse("event: nothing\n\n"))),
  odd("unknown fields", frames(sse("id: 7\nretry: 1000\n"))),
  odd(
    "data: without its space",
    frames((frame) => frame.replace(/^data: /gm, "data:")),
  ),
  odd(
    "no [DONE]",
    frames((frame) => (frame.includes("[DONE]") ? "" : frame)),
  ),
  odd(
    "[DONE] twice",
    frames((frame) => (frame.includes("[DONE]") ? frame + frame : frame)),
  ),
];

/** What each API's error inside a stream stands for. */
const IN_STREAM: Record<UpstreamFormat, Pick<Ending, "kind" | "status">> = {
  openai: { kind: "target", status: 502 },
  "openai-responses": { kind: "target", status: 502 },
  anthropic: { kind: "overloaded", status: 503 },
  gemini: { kind: "overloaded", status: 503 },
  ollama: { kind: "target", status: 502 },
};

const errorFrame =
  (words: string): Part =>
  (call) =>
    call.send(Buffer.from(chatDialect(call.format).errorFrame(words)));

const INSIDE: Row[] = [
  row(
    17,
    "an error as the first event",
    ({ provider }) => ({
      play: inTurn(head(), errorFrame("it broke at once"), end),
      ends: { sees: "elsewhere", tries: 3, ...IN_STREAM[provider] },
    }),
    { only: "stream" },
  ),
  row(
    17,
    "an error in the middle",
    ({ provider }) => ({
      play: inTurn(head(), body("half"), errorFrame("it broke inside"), end),
      ends: { sees: "broken", tries: 1, ...IN_STREAM[provider] },
    }),
    { only: "stream" },
  ),
  row(
    17,
    "nonsense in the middle",
    {
      play: inTurn(head(), body("half"), (call) => call.send(Buffer.from("\n\ndata: {{nonsense\n\n{{nonsense\n")), end),
      ends: { sees: "broken", kind: "malformed", tries: 1, status: 200 },
    },
    { only: "stream" },
  ),
];

const BIG = "word ".repeat(400_000);

/** Answered before the request was read. */
const EARLY: Row[] = [
  row(27, "answered before the request is sent", { play: answered, early: true, prompt: BIG, ends: FINE }),
  row(27, "refused before the request is sent", {
    play: refused({ status: 413 }),
    early: true,
    prompt: BIG,
    ends: { sees: "told", kind: "caller", tries: 1, status: 413 },
  }),
];

export const CONTENTS: Row[] = [...NONSENSE, ...ODDITIES, ...INSIDE, ...HEADS, ...EARLY];
