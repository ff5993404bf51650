import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readAll } from "../../../test/support/streams.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import type { StreamReader } from "../format.ts";
import { MAX_LINE_CHARS } from "./lines.ts";
import { dataEvent, namedEvent, ndjsonReader, type StreamProtocol, sseReader } from "./stream.ts";

/** Writes down what it is given; ends at a frame with `end`, or at `[DONE]`. */
class Scribe implements StreamProtocol {
  readonly seen: (string | [string, JsonObject])[] = [];

  frame(name: string, value: JsonObject, out: ChatEvent[]): void {
    this.seen.push([name, value]);
    if (value["end"]) out.push({ type: "end" });
  }
  done(out: ChatEvent[]): void {
    this.seen.push("[DONE]");
    out.push({ type: "end" });
  }
  eof(out: ChatEvent[]): void {
    this.seen.push("eof");
    out.push({ type: "error", failure: { kind: "cut", message: "cut" } });
  }
}

function read(make: (protocol: StreamProtocol) => StreamReader, text: string, sizes?: readonly number[]) {
  const scribe = new Scribe();
  const out = readAll(make(scribe), text, sizes);
  return { seen: scribe.seen, out };
}

const sse = (text: string, sizes?: readonly number[]) => read(sseReader, text, sizes);
const ndjson = (text: string, sizes?: readonly number[]) => read(ndjsonReader, text, sizes);

const value = fc.record(
  { text: fc.string({ unit: "grapheme", maxLength: 8 }), n: fc.nat() },
  { noNullPrototype: true },
);
const name = fc.constantFrom("", "message_start", "error");
const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const ending = fc.constantFrom("\n", "\r\n", "\r");
const noise = fc.constantFrom("", ": OPENROUTER PROCESSING\n\n", ": ping\n", "id: 7\n", "retry: 100\n", "strange\n");

test("SSE frames survive any slicing, line end, comment and BOM", () => {
  const frames = fc.array(fc.tuple(name, value, noise), { maxLength: 6 });
  fc.assert(
    fc.property(frames, cuts, ending, fc.boolean(), fc.boolean(), (sent, sizes, end, bom, last) => {
      let text = "";
      for (const [event, body, before] of sent) text += before + (event ? namedEvent(event, body) : dataEvent(body));
      if (!last) text = text.replace(/\n\n$/, "");
      text = (bom ? "\ufeff" : "") + text.replaceAll("\n", end);
      const { seen } = sse(text, sizes);
      assert.deepEqual(seen, [...sent.map(([event, body]) => [event, body]), "eof"]);
    }),
    { numRuns: 300 },
  );
});

test("several data lines are one frame, with or without the blank after the colon", () => {
  assert.deepEqual(sse('event: x\ndata: {"a":\ndata:1}\n\n').seen, [["x", { a: 1 }], "eof"]);
});

test("comments never become data (mnfst/llm-gateway#2053)", () => {
  assert.deepEqual(sse(': OPENROUTER PROCESSING\n\ndata: {"a":1}\n: ping\n\n').seen, [["", { a: 1 }], "eof"]);
});

test("an event name belongs to one event only", () => {
  assert.deepEqual(sse('event: x\n\ndata: {"a":1}\n\n').seen, [["", { a: 1 }], "eof"]);
});

test("a bare JSON line is a frame: some servers send their errors so", () => {
  assert.deepEqual(sse('data: {"a":1}\n\n{"error":"no"}\n').seen, [["", { a: 1 }], ["", { error: "no" }], "eof"]);
});

test("[DONE] closes, with blanks around it, and a second one does not count", () => {
  for (const done of ["data: [DONE]\n\n", "data:[DONE]  \n\n", "data:  [DONE]\n\n"]) {
    const { seen, out } = sse(`data: {"a":1}\n\n${done}${done}data: {"late":1}\n\n`);
    assert.deepEqual(seen, [["", { a: 1 }], "[DONE]"]);
    assert.deepEqual(out, [{ type: "end" }]);
  }
});

test("nothing is read after the first terminal event, within a chunk and after it", () => {
  for (const sizes of [[1], [1 << 20]]) {
    const { seen, out } = sse('data: {"end":true}\n\ndata: {"late":1}\n\ndata: broken\n\n', sizes);
    assert.deepEqual(seen, [["", { end: true }]]);
    assert.deepEqual(out, [{ type: "end" }]);
  }
});

test("the last event counts without its blank line", () => {
  assert.deepEqual(sse('data: {"a":1}').seen, [["", { a: 1 }], "eof"]);
});

test("empty data is no frame", () => {
  assert.deepEqual(sse("data:\n\ndata\n\ndata:\ndata:\n\n").seen, ["eof"]);
});

test("data that is not a JSON object is an error that shows it", () => {
  assert.throws(() => sse("data: <html>\n\n"), /not JSON: <html>/);
  assert.throws(() => sse("data: 3\n\n"), /not a JSON object: 3/);
  assert.throws(() => ndjson("<html>\n"), /not JSON: <html>/);
  assert.throws(() => ndjson("[1]\n"), /not a JSON object/);
});

test("an SSE event of endless data lines is bounded", () => {
  const reader = sseReader(new Scribe());
  const chunk = new TextEncoder().encode(`data: ${"x".repeat(4 * 1024 * 1024)}\n`);
  assert.throws(() => {
    for (let sent = 0; sent <= MAX_LINE_CHARS + chunk.length; sent += chunk.length) reader.push(chunk, []);
  }, /event of the stream is longer/);
});

test("NDJSON survives any slicing and line end, blank lines and a missing last end", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), cuts, ending, fc.boolean(), (sent, sizes, end, last) => {
      const text = sent.map((body) => JSON.stringify(body)).join(end + end) + (last ? end : "");
      assert.deepEqual(ndjson(text, sizes).seen, [...sent.map((body) => ["", body]), "eof"]);
    }),
    { numRuns: 300 },
  );
});

test("end() after a terminal, and twice, adds nothing", () => {
  const reader = ndjsonReader(new Scribe());
  const out: ChatEvent[] = [];
  reader.push(new TextEncoder().encode('{"end":true}\n'), out);
  reader.end(out);
  reader.end(out);
  assert.deepEqual(out, [{ type: "end" }]);
  const cut = ndjsonReader(new Scribe());
  const outOfCut: ChatEvent[] = [];
  cut.end(outOfCut);
  cut.end(outOfCut);
  cut.push(new TextEncoder().encode('{"end":true}\n'), outOfCut);
  assert.equal(outOfCut.length, 1);
});

/** What `push` says of each slice. */
function progress(make: (protocol: StreamProtocol) => StreamReader, slices: readonly string[]): boolean[] {
  const reader = make(new Pings());
  return slices.map((slice) => reader.push(Buffer.from(slice), []));
}

/** A dialect whose event `ping` is a sign of life. */
class Pings extends Scribe {
  override frame(name: string, value: JsonObject, out: ChatEvent[]): void {
    super.frame(name, value, out);
    if (name === "ping") out.push({ type: "ping" });
  }
}

test("comments, blank lines and pings are signs of life, in any slices; frames are more", () => {
  const ping = 'event: ping\ndata: {"type":"ping"}\n\n';
  const alive = [": OPENROUTER PROCESSING\n\n", "\n", "\r\n\r\n", ": ", "pi", "ng\n\n", ping, ...ping, "retry: 5\n"];
  assert.deepEqual(
    progress(sseReader, alive),
    alive.map(() => false),
  );
  assert.deepEqual(progress(sseReader, ['data: {"a":1}\n\n', ": ping\n\n", `${ping}data: {"a":1}\n\n`]), [
    true,
    false,
    true,
  ]);
  assert.deepEqual(progress(ndjsonReader, ["\n", '{"a":1}\n', "\n"]), [false, true, false]);
});

test("a long line that is still coming is more than a sign of life", () => {
  const slice = "x".repeat(200);
  assert.deepEqual(progress(sseReader, [`data: "${slice}`, slice, slice]), [false, true, true]);
});
