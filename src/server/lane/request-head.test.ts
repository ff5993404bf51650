import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { readHead } from "./request-head.ts";

const head = (headers: readonly string[], line = "POST /v1/messages?beta=true HTTP/1.1"): string =>
  [line, "Host: localhost:8090", ...headers].join("\r\n");
const LENGTH = "Content-Length: 12";

describe("the head of a request in the lane", () => {
  test("is read as it stands, names in lower case, values without the white space around them", () => {
    deepEqual(readHead(head(["X-Api-Key:\t secret \t", "accept:", "X-Odd: a:b, \xe9 c", LENGTH])), {
      target: "/v1/messages?beta=true",
      headers: {
        host: "localhost:8090",
        "x-api-key": "secret",
        accept: "",
        "x-odd": "a:b, \xe9 c",
        "content-length": "12",
      },
      length: 12,
    });
  });

  test("a connection that is to be kept is nothing special", () => {
    equal(readHead(head(["Connection: Keep-Alive", LENGTH]))?.length, 12);
  });

  const OTHERS: Record<string, string> = {
    "another method": head([LENGTH], "GET / HTTP/1.1"),
    "a method in small letters": head([LENGTH], "post / HTTP/1.1"),
    "HTTP/1.0": head([LENGTH], "POST / HTTP/1.0"),
    "a whole address": head([LENGTH], "POST http://localhost/ HTTP/1.1"),
    "a fragment": head([LENGTH], "POST /a#b HTTP/1.1"),
    "a target of two words": head([LENGTH], "POST /a b HTTP/1.1"),
    "a target that is no ASCII": head([LENGTH], "POST /\xe9 HTTP/1.1"),
    "no host": `POST / HTTP/1.1\r\n${LENGTH}`,
    "no length": head([]),
    "two lengths": head([LENGTH, LENGTH]),
    "a length with a sign": head(["content-length: +1"]),
    "a length in hexadecimal": head(["content-length: 0x10"]),
    "a length beyond all numbers": head(["content-length: 9999999999999999"]),
    "lengths in a list": head(["content-length: 1, 1"]),
    chunks: head(["transfer-encoding: chunked"]),
    "chunks and a length": head(["transfer-encoding: chunked", LENGTH]),
    "leave asked for": head(["expect: 100-continue", LENGTH]),
    "another protocol": head(["upgrade: h2c", LENGTH]),
    "a connection to be closed": head(["connection: close", LENGTH]),
    "headers of the connection": head(["connection: keep-alive, x-a", LENGTH]),
    "a header twice": head(["x-a: 1", "X-A: 2", LENGTH]),
    "no colon": head(["x-a", LENGTH]),
    "no name": head([": a", LENGTH]),
    "a space before the colon": head(["x-a : b", LENGTH]),
    "a folded header": head(["x-a: b", " c", LENGTH]),
    "a bare line feed": head(["x-a: b\nx-c: d", LENGTH]),
    "a bare carriage return": head(["x-a: b\rx-c: d", LENGTH]),
    NUL: head(["x-a: \0", LENGTH]),
    "an empty line": head(["", LENGTH]),
    "the prototype": head(["__proto__: x", LENGTH]),
    "too many": head([...Array.from({ length: 255 }, (_, at) => `x-${at}: 1`), LENGTH]),
  };
  for (const [name, text] of Object.entries(OTHERS))
    test(`${name}: is left to node:http`, () => equal(readHead(text), undefined));
});
