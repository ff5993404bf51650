import { equal } from "node:assert/strict";
import { test } from "node:test";
import { RawBody, RawRoom } from "./raw-body.ts";

test("keeps the first 256 KiB of a body, copied, and says when there was more", () => {
  const room = new RawRoom(() => undefined);
  const body = new RawBody(room);
  equal(body.text(), null);
  const piece = Buffer.from("abc");
  body.add(piece);
  piece.fill(0);
  body.add("é", "latin1");
  equal(body.text()?.startsWith("abc"), true);
  equal(body.bytes, 4);
  equal(body.truncated, false);
  body.add(Buffer.alloc(256 * 1024, "x"));
  equal(body.truncated, true);
  body.add("never");
  equal(body.bytes, 256 * 1024);
  equal(room.bytes, body.bytes);
});

test("takes nothing once its room is closed", () => {
  const room = new RawRoom(() => undefined);
  const body = new RawBody(room);
  body.add("one");
  room.open = false;
  body.add("two");
  equal(body.text(), "one");
  body.clear();
  equal(body.text(), null);
});

test("holds no more of a large body than it keeps", () => {
  const body = new RawBody(new RawRoom(() => undefined));
  body.add("é".repeat(300_000));
  equal(body.truncated, true);
  equal(body.bytes, 256 * 1024);
  equal(body.text(), "é".repeat(128 * 1024));
  const exact = new RawBody(new RawRoom(() => undefined));
  exact.add("x".repeat(256 * 1024));
  equal(exact.truncated, false);
});
