import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Boundary } from "./boundary.ts";

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
