/// <reference path="./http-common.d.ts" />

import { type Head, HTTPParser } from "node:_http_common";
import { deepEqual, ok } from "node:assert/strict";
import { ALL_SCRIPTS } from "../../test/streams/scripts.ts";
import { type Parsed, parsedAnswer } from "../../test/support/parsed-answer.ts";
import type { Target } from "../engine/target.ts";

const MAX_HEAD_BYTES = 64 * 1024;
const HEADS = [
  "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\nKeep-Alive: timeout=5\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n",
  "HTTP/1.0 429 Too Many Requests\r\nConnection: keep-alive\r\nretry-after: 5 \t\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n",
];
const CHUNKS = '11;a=b\r\n{"a":1,"b":[2,3]}\r\n5\r\nhello\r\n0\r\nx-trailer: a\r\n\r\n';

/** Answers as they come over a connection: the same in all slices, and what is taken for one Node takes for the same. */
export const HTTP: Target = {
  name: "http",
  words: ["upstream/http/{response-parser,answer-head,framing}.ts"],
  *seeds() {
    for (const head of HEADS) yield head + CHUNKS;
    for (const { bytes } of ALL_SCRIPTS.slice(0, 10))
      yield `${HEADS[1]}${bytes.length.toString(16)}\r\n${Buffer.from(bytes).toString("latin1")}\r\n0\r\n\r\n`;
  },
  run(input) {
    for (const method of ["POST", "HEAD"]) {
      const whole = parsedAnswer(input, { method });
      deepEqual(parsedAnswer(input, { method, sizes: [1] }), whole);
      deepEqual(parsedAnswer(input, { method, sizes: [3, 1 + (input[0] ?? 0)], pauses: true }), whole);
      if (!whole.isComplete) continue;
      const other = asNodeReads(input.subarray(0, whole.taken), method);
      if (other) deepEqual(other, { status: whole.status, headers: listed(whole.headers), body: whole.body });
    }
  },
};

type Heard = { status: number; headers: [string, string][]; body: string };

/** Undefined: it refuses it. */
function asNodeReads(bytes: Buffer, method: string): Heard | undefined {
  const heard: Heard = { status: 0, headers: [], body: "" };
  let isComplete = false;
  let early: string[] = [];
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.RESPONSE, {}, MAX_HEAD_BYTES, 0);
  parser[HTTPParser.kOnHeaders] = (fields: string[]) => {
    early = [...early, ...fields];
  };
  parser[HTTPParser.kOnHeadersComplete] = (...[, , fields, , , status]: Head) => {
    heard.status = status;
    heard.headers = pairs(fields ?? early);
    early = [];
    return method === "HEAD" ? 1 : 0;
  };
  parser[HTTPParser.kOnBody] = (body: Buffer) => {
    heard.body += body.toString("latin1");
  };
  parser[HTTPParser.kOnMessageComplete] = () => {
    isComplete = heard.status >= 200;
  };
  if (parser.execute(bytes) instanceof Error) return undefined;
  parser.finish();
  ok(isComplete, "Node waits for more of it");
  return heard;
}

function pairs(fields: readonly string[]): [string, string][] {
  const names = fields.filter((_, at) => at % 2 === 0);
  return sorted(names.map((name, at) => [name.toLowerCase(), fields[2 * at + 1] ?? ""]));
}

function listed(headers: Parsed["headers"] = {}): [string, string][] {
  return sorted(
    Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  );
}

/** By name; what one says several times stays in order. */
function sorted(list: [string, string][]): [string, string][] {
  return list.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}
