import { equal, ok } from "node:assert/strict";
import { readHead } from "../../src/server/lane/request-head.ts";
import type { Target } from "../engine/target.ts";

const COMMON = "host: localhost:8090\r\ncontent-type: application/json";
const LENGTH = "content-length: 7";
const headOf = (...lines: readonly string[]) => ["POST /v1/messages?beta=true HTTP/1.1", COMMON, ...lines].join("\r\n");

/** Heads of requests, plain and not, without the empty line that ends them. */
export const HEADS: readonly string[] = [
  headOf(LENGTH),
  headOf("Connection: keep-alive", "User-Agent: a/1 (b; c)", "x-api-key: k", LENGTH),
  headOf(LENGTH, LENGTH),
  headOf(LENGTH, "content-length: 3"),
  headOf("content-length: 7, 7"),
  headOf("content-length: +7"),
  headOf("content-length: 0x7"),
  headOf("content-length:7 "),
  headOf("transfer-encoding: chunked"),
  headOf("transfer-encoding: chunked", LENGTH),
  headOf("transfer-encoding : chunked", LENGTH),
  headOf("Transfer-Encoding:\tidentity", LENGTH),
  headOf("x-a: b", " transfer-encoding: chunked", LENGTH),
  headOf("x-a: b\ntransfer-encoding: chunked", LENGTH),
  headOf("x-a: b\rtransfer-encoding: chunked", LENGTH),
  headOf("x-a: \0", LENGTH),
  headOf("x-a: \xe9\xff", "X-A: 2", LENGTH),
  headOf("expect: 100-continue", LENGTH),
  headOf("upgrade: websocket", "connection: upgrade", LENGTH),
  headOf("connection: close", LENGTH),
  headOf("__proto__: x", "constructor: y", "set-cookie: a=b", LENGTH),
  `POST http://localhost/ HTTP/1.1\r\n${COMMON}\r\n${LENGTH}`,
  `POST /a#b HTTP/1.0\r\n${COMMON}\r\n${LENGTH}`,
  `POST  /a  HTTP/1.1\r\n${COMMON}\r\n${LENGTH}`,
];

/** Heads that the lane takes hold each thing once, and nothing that ends a line. That `node:http` reads them likewise: `heads.test.ts`. */
export const REQUEST_HEAD: Target = {
  name: "request-head",
  words: ["server/lane/*.ts"],
  seeds: () => HEADS.map((head) => Buffer.from(head, "latin1")),
  run(input) {
    const text = input.toString("latin1");
    const head = readHead(text);
    if (head === undefined) return;
    const entries = Object.entries(head.headers);
    equal(entries.length, text.split("\r\n").length - 1);
    for (const [name, value] of entries) {
      ok(/^[!-9;-@[-~]+$/.test(name), name);
      ok(typeof value === "string" && !/[\r\n\0]|^[\t ]|[\t ]$/.test(value), JSON.stringify(value));
    }
    ok(Number.isSafeInteger(head.length) && head.target.startsWith("/"));
    for (const name of ["transfer-encoding", "upgrade", "expect"]) equal(head.headers[name], undefined);
  },
};
