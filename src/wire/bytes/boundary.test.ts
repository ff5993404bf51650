import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Boundary, WholeEvents } from "./boundary.ts";

const SSE = "text/event-stream; charset=utf-8";
const NDJSON = "application/x-ndjson";

function after(type: string, ...pieces: string[]): boolean {
  const boundary = new Boundary(type);
  for (const piece of pieces) boundary.wrote(Buffer.from(piece));
  return boundary.reached;
}

test("a stream is at a boundary before its first byte and behind a blank line", () => {
  assert.equal(after(SSE), true);
  for (const pieces of [
    ["data: 1\n\n"],
    ["data: 1\r\n\r\n"],
    ["data: 1\r\n", "\r", "\n"],
    ["data: 1\n", "\n"],
    [": c\n\n", ""],
  ])
    assert.equal(after(SSE, ...pieces), true, JSON.stringify(pieces));
  for (const pieces of [
    ["data: 1"],
    ["data: 1\n"],
    ["data: 1\r\n"],
    ["data: 1\r\n\r"],
    ["data: 1\n\n", "d"],
    ["a\n", "b\n"],
  ])
    assert.equal(after(SSE, ...pieces), false, JSON.stringify(pieces));
});

test("a line of NDJSON ends at its line feed", () => {
  assert.equal(after(NDJSON), true);
  assert.equal(after(NDJSON, '{"a":1}\n'), true);
  assert.equal(after(NDJSON, '{"a":1}\r\n'), true);
  assert.equal(after(NDJSON, '{"a":1}'), false);
  assert.equal(after(NDJSON, '{"a":1}\n', "{"), false);
});

test("slicing changes nothing, and it is reached exactly behind blank lines", () => {
  const text = fc.array(fc.constantFrom("\n", "\r\n", "a", ": c", "data: {}\n\n", "é"), { maxLength: 12 });
  fc.assert(
    fc.property(text, fc.infiniteStream(fc.integer({ min: 1, max: 5 })), (parts, cuts) => {
      const bytes = Buffer.from(parts.join(""));
      const boundary = new Boundary(SSE);
      for (let at = 0; at < bytes.length; ) {
        const size = cuts.next().value ?? 1;
        boundary.wrote(bytes.subarray(at, at + size));
        at += size;
      }
      const blank = parts.length === 0 || /(?:^|\n)\r?\n$/.test(parts.join(""));
      // At the very beginning one line end is a blank line already.
      assert.equal(boundary.reached, blank);
    }),
  );
});

test("whole events go through as they came, and only whole ones", () => {
  const events = fc.array(fc.constantFrom("data: {}\n\n", "data: a\r\n\r\n", ": c\n\n", "event: x\ndata: é\n\n"), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(events, fc.nat({ max: 8 }), fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (parts, cut, sizes) => {
      const bytes = Buffer.from(parts.join("") + "data: never".slice(0, cut));
      const whole = new WholeEvents(SSE);
      const passed: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value ?? 1;
        passed.push(whole.push(bytes.subarray(at, at + size)));
        at += size;
        const text = Buffer.concat(passed).toString();
        assert.ok(text === "" || /\n\r?\n$/.test(text), JSON.stringify(text));
      }
      assert.equal(Buffer.concat(passed).toString(), parts.join(""));
      assert.equal(whole.rest().toString(), "data: never".slice(0, cut));
    }),
  );
});
