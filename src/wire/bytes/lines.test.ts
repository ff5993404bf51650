import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { slices } from "../../../test/support/streams.ts";
import { LineDecoder, MAX_LINE_CHARS } from "./lines.ts";

function decode(bytes: Uint8Array, sizes: readonly number[] = [bytes.length]): string[] {
  const lines: string[] = [];
  const decoder = new LineDecoder((line) => lines.push(line));
  for (const slice of slices(bytes, sizes)) decoder.push(slice);
  decoder.end();
  return lines;
}

const encode = (text: string) => new TextEncoder().encode(text);
const line = fc
  .string({ unit: "binary", maxLength: 12 })
  .map((text) => text.replace(/[\r\n\ufeff]/g, "").toWellFormed());
const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
const ending = fc.constantFrom("\n", "\r\n", "\r");

test("lines come out whole, whatever their ends and wherever the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(line, ending)), cuts, fc.boolean(), (lines, sizes, bom) => {
      // An empty line after a bare CR would make it CRLF: that pair is another text.
      const ends = lines.map(([text, end], at) =>
        end === "\r" && lines[at + 1]?.[0] === "" ? [text, "\r\n"] : [text, end],
      );
      const text = `${bom ? "\ufeff" : ""}${ends.flat().join("")}`;
      assert.deepEqual(
        decode(encode(text), sizes),
        lines.map(([content]) => content),
      );
    }),
    { numRuns: 500 },
  );
});

test("a last line without its end is given out, an empty one is not", () => {
  assert.deepEqual(decode(encode("a\nb")), ["a", "b"]);
  assert.deepEqual(decode(encode("a\n")), ["a"]);
  assert.deepEqual(decode(encode("")), []);
});

test("UTF-8 split over chunks gives no replacement characters (claude-code-router 79f48c00)", () => {
  const text = "héllo 🦙 世界\n👩‍👩‍👧 ok\n";
  for (let size = 1; size < 12; size++) assert.deepEqual(decode(encode(text), [size]), ["héllo 🦙 世界", "👩‍👩‍👧 ok"]);
});

test("CR at the end of one chunk and LF at the start of the next are one line end (vercel/ai#6197)", () => {
  const lines: string[] = [];
  const decoder = new LineDecoder((text) => lines.push(text));
  for (const chunk of ["a\r", "\nb\r", "c\r", "\n", "\n"]) decoder.push(encode(chunk));
  decoder.end();
  assert.deepEqual(lines, ["a", "b", "c", ""]);
});

test("a character cut between CR and LF chunks changes nothing", () => {
  assert.deepEqual(decode(encode("é\r\né\r\n"), [1]), ["é", "é"]);
});

test("only the first BOM is dropped", () => {
  assert.deepEqual(decode(encode("\ufeffa\n\ufeffb\n"), [1]), ["a", "\ufeffb"]);
});

test("a line without end is bounded", () => {
  const decoder = new LineDecoder(() => assert.fail("no line ended"));
  const chunk = new Uint8Array(4 * 1024 * 1024).fill(0x61);
  for (let sent = chunk.length; sent <= MAX_LINE_CHARS; sent += chunk.length) decoder.push(chunk);
  assert.throws(() => decoder.push(chunk), /longer than/);
});

test("a line in many pieces costs no more than its length", () => {
  const piece = encode("x".repeat(100));
  let length = 0;
  const decoder = new LineDecoder((text) => {
    length = text.length;
  });
  const began = performance.now();
  for (let at = 0; at < 100_000; at++) decoder.push(piece);
  decoder.end();
  assert.equal(length, 10_000_000);
  assert.ok(performance.now() - began < 2_000, "quadratic joining takes minutes");
});
