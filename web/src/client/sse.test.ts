import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { SseParser } from "./sse.ts";

const STREAM = ': hello\n\nid: 7\ndata: {"a":1}\n\nevent: missed\r\ndata: x\r\ndata: y\r\n\r\ndata:\n\n';
const FRAMES = [
  { event: "message", data: '{"a":1}', id: "7" },
  { event: "missed", data: "x\ny", id: "7" },
  { event: "message", data: "", id: "7" },
];

test("frames, ids that last, comments, both line ends", () => {
  deepEqual(new SseParser().feed(STREAM), FRAMES);
});

test("cut at every place, and into single characters", () => {
  for (let at = 0; at <= STREAM.length; at++) {
    const parser = new SseParser();
    deepEqual([...parser.feed(STREAM.slice(0, at)), ...parser.feed(STREAM.slice(at))], FRAMES, `cut at ${at}`);
  }
  const parser = new SseParser();
  deepEqual(
    [...STREAM].flatMap((character) => parser.feed(character)),
    FRAMES,
  );
});

test("an unfinished frame waits", () => {
  const parser = new SseParser();
  equal(parser.feed("data: half").length, 0);
  deepEqual(parser.feed("\n\n"), [{ event: "message", data: "half", id: undefined }]);
});

test("a frame that has nothing but an id says where the stream is", () => {
  const parser = new SseParser();
  equal(parser.feed("id: run-7\n\n").length, 0);
  equal(parser.lastId, "run-7");
});
