import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { type Parsed, parsedAnswer } from "../../../test/support/parsed-answer.ts";

const KEPT_MS = 30_000;

type Expected = Partial<Omit<Parsed, "headers">> & { headers?: Record<string, string | string[]>; method?: string };

/** Behind each that is complete come more bytes, which are not its own. */
const ANSWERS: Record<string, [string, Expected]> = {
  "a length": [
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
    { status: 200, body: "hello", keepMs: KEPT_MS, headers: { "content-type": "text/plain", "content-length": "5" } },
  ],
  "no body": ["HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", { status: 200, keepMs: KEPT_MS }],
  "spaces around values, and values without any character": [
    "HTTP/1.1 404 Not Found \r\na:b\r\nc: \t d e \t\r\nf:\r\ng: \r\ncontent-length:1\r\n\r\nx",
    { status: 404, body: "x", keepMs: KEPT_MS, headers: { a: "b", c: "d e", f: "", g: "", "content-length": "1" } },
  ],
  "one name more than once, in any case": [
    "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nset-cookie: b\r\nSET-COOKIE: c\r\nconstructor: d\r\ncontent-length: 0\r\n\r\n",
    { headers: { "set-cookie": ["a", "b", "c"], constructor: "d", "content-length": "0" } },
  ],
  "letters beyond ASCII": [
    "HTTP/1.1 200 Très bien\r\nx-e: é\r\ncontent-length: 2\r\n\r\né!",
    { body: "é!", headers: { "x-e": "é", "content-length": "2" } },
  ],
  chunks: [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00a\r\n, whoever \r\n3\r\n\r\n.\r\n0\r\n\r\n",
    { body: "hello, whoever \r\n.", keepMs: KEPT_MS },
  ],
  "chunks with extensions and trailers": [
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA; c="d;e"\r\n0123456789\r\n0;last\r\nx-a: b\r\nx-c:\r\n\r\n',
    { body: "hello0123456789", keepMs: KEPT_MS, headers: { "transfer-encoding": "chunked" } },
  ],
  "informational heads before it": [
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: a\r\ncontent-length: 9\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\nx",
    { status: 201, body: "x", keepMs: KEPT_MS, headers: { "content-length": "1" } },
  ],
  "204": ["HTTP/1.1 204 No Content\r\n\r\n", { status: 204, keepMs: KEPT_MS }],
  "304 with the length of what it has not": ["HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n", { keepMs: 0 }],
  "204 with chunks": ["HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", { keepMs: 0 }],
  "an answer to HEAD": ["HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n", { method: "HEAD", keepMs: KEPT_MS }],
  "a tunnel": ["HTTP/1.1 200 Connection established\r\n\r\n", { method: "CONNECT" }],
  "no tunnel": ["HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno", { method: "CONNECT", status: 403, body: "no" }],
  "one that closes": [
    "HTTP/1.1 200 OK\r\nConnection: x, Close\r\ncontent-length: 1\r\n\r\nx",
    { body: "x", keepMs: 0 },
  ],
  "HTTP/1.0": ["HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx", { body: "x", keepMs: 0 }],
  "HTTP/1.0 that keeps": [
    "HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\nx",
    { body: "x", keepMs: KEPT_MS },
  ],
  "HTTP/1.0 in chunks": [
    "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    { body: "x", keepMs: 0 },
  ],
  "a hint how long": [
    "HTTP/1.1 200 OK\r\nkeep-alive: timeout=5, max=100\r\ncontent-length: 0\r\n\r\n",
    { keepMs: 3_000 },
  ],
  "a hint too short": ["HTTP/1.1 200 OK\r\nkeep-alive: timeout=2\r\ncontent-length: 0\r\n\r\n", { keepMs: 0 }],
  "a hint too long": [
    "HTTP/1.1 200 OK\r\nkeep-alive: max=3,timeout=999999\r\ncontent-length: 0\r\n\r\n",
    { keepMs: 600_000 },
  ],
};

/** Every place to cut at, and the one where nothing is; then as many as there are at a time. */
function* slicings(length: number): Generator<number[]> {
  for (let at = 1; at <= length; at++) yield [at, length];
  for (let size = 1; size < Math.min(length, 40); size++) yield [size];
}

describe("an answer, cut anywhere, paused or not", () => {
  for (const [name, [text, { method, headers, ...expected }]] of Object.entries(ANSWERS)) {
    test(name, () => {
      const bytes = Buffer.from(`${text}HTTP/1.1 200 OK\r\n`, "latin1");
      for (const sizes of slicings(bytes.length))
        for (const pauses of [false, true]) {
          const heard = parsedAnswer(bytes, { sizes, pauses, ...(method !== undefined && { method }) });
          deepEqual({ ...heard, ...expected }, heard, JSON.stringify(sizes));
          if (headers) deepEqual(heard.headers, headers);
          deepEqual([heard.isComplete, heard.taken, heard.fault], [true, text.length, undefined]);
        }
    });
  }

  test("one that ends with its connection", () => {
    const bytes = Buffer.from("HTTP/1.1 200 OK\r\ncontent-type: a\r\n\r\n5\r\nhello\r\n");
    for (const sizes of slicings(bytes.length))
      for (const pauses of [false, true]) {
        const { body, isComplete, keepMs } = parsedAnswer(bytes, { sizes, pauses });
        deepEqual([body, isComplete, keepMs], ["5\r\nhello\r\n", true, 0]);
      }
  });

  test("one that breaks off anywhere is not complete", () => {
    for (const [text, { method }] of Object.values(ANSWERS))
      for (let length = 0; length < text.length; length++) {
        const bytes = Buffer.from(text.slice(0, length), "latin1");
        const heard = parsedAnswer(bytes, method === undefined ? {} : { method });
        deepEqual([heard.isComplete, heard.fault], [false, undefined], text.slice(0, length));
      }
  });
});

const OK = "HTTP/1.1 200 OK\r\n";
const IN_CHUNKS = `${OK}transfer-encoding: chunked\r\n\r\n`;
const MALFORMED: Record<string, string> = {
  "another protocol's greeting": "SSH-2.0-OpenSSH_9.9\r\n",
  "HTTP/2": "HTTP/2 200\r\n\r\n",
  "HTTP/1.2": "HTTP/1.2 200 OK\r\n\r\n",
  "HTTP in lower case": "http/1.1 200 OK\r\n\r\n",
  "an empty line before it": `\r\n${OK}\r\n`,
  "no status": "HTTP/1.1 OK\r\n\r\n",
  "a status of two digits": "HTTP/1.1 99 OK\r\n\r\n",
  "a status of four digits": "HTTP/1.1 2000 OK\r\n\r\n",
  "two spaces before its status": "HTTP/1.1  200 OK\r\n\r\n",
  "NUL in its status line": "HTTP/1.1 200 O\0K\r\n\r\n",
  "a bare line feed behind the status line": "HTTP/1.1 200 OK\na: b\r\n\r\n",
  "a bare line feed between headers": `${OK}a: b\nc: d\r\n\r\n`,
  "bare line feeds at its end": `${OK}a: b\n\n`,
  "a bare carriage return": `${OK}a: b\rc: d\r\n\r\n`,
  "two carriage returns": `${OK}a: b\r\r\n\r\n`,
  "a header without a colon": `${OK}a\r\n\r\n`,
  "a header without a name": `${OK}: b\r\n\r\n`,
  "a space before the colon": `${OK}content-length : 3\r\n\r\n`,
  "a space in a name": `${OK}content length: 3\r\n\r\n`,
  "a name beyond ASCII": `${OK}é: b\r\n\r\n`,
  "a folded header": `${OK}a: b\r\n c: d\r\n\r\n`,
  "a header folded by a tab": `${OK}a: b\r\n\tc: d\r\n\r\n`,
  "NUL in a header": `${OK}a: b\0\r\n\r\n`,
  "a control character in a header": `${OK}a: \x1b[1m\r\n\r\n`,
  "DEL in a header": `${OK}a: \x7f\r\n\r\n`,
  "two lengths": `${OK}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`,
  "the same length twice": `${OK}content-length: 3\r\ncontent-length: 3\r\n\r\nabc`,
  "two lengths in one": `${OK}content-length: 3, 3\r\n\r\nabc`,
  "a length with a sign": `${OK}content-length: +3\r\n\r\nabc`,
  "a length below nothing": `${OK}content-length: -3\r\n\r\nabc`,
  "a length in hexadecimal": `${OK}content-length: 0x3\r\n\r\nabc`,
  "a length with a fraction": `${OK}content-length: 3.0\r\n\r\nabc`,
  "no length": `${OK}content-length:\r\n\r\nabc`,
  "a length beyond all numbers": `${OK}content-length: 99999999999999999999\r\n\r\nabc`,
  "a length and chunks": `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  "chunks and a length": `${OK}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n`,
  "an encoding nobody knows": `${OK}transfer-encoding: x\r\n\r\n0\r\n\r\n`,
  "chunks inside of chunks": `${OK}transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  "chunked twice": `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  "chunked, and something after it": `${OK}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  "an encoding that was not asked for": `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  "501 headers": `${OK}${"a: b\r\n".repeat(501)}\r\n`,
  "a head that is too long": `${OK}a: ${"b".repeat(16 * 1024)}\r\n\r\n`,
  "a head without an end": `${OK}a: ${"b".repeat(20 * 1024)}`,
  "a chunk whose size is none": `${IN_CHUNKS}xyz\r\n`,
  "a chunk without a size": `${IN_CHUNKS}\r\n\r\n`,
  "a chunk of a size below nothing": `${IN_CHUNKS}-1\r\n`,
  "a chunk of a size in hexadecimal with its sign": `${IN_CHUNKS}0x5\r\nhello\r\n`,
  "a chunk with a space before its size": `${IN_CHUNKS} 5\r\nhello\r\n`,
  "a chunk with a space behind its size": `${IN_CHUNKS}5 \r\nhello\r\n`,
  "a chunk whose size is beyond all numbers": `${IN_CHUNKS}fffffffffffffffff\r\n`,
  "a size of noughts without end": `${IN_CHUNKS}${"0".repeat(20 * 1024)}`,
  "a size that ends in a bare line feed": `${IN_CHUNKS}5\nhello\r\n0\r\n\r\n`,
  "a size that ends in a bare carriage return": `${IN_CHUNKS}5\rhello\r\n0\r\n\r\n`,
  "an extension with a bare line feed": `${IN_CHUNKS}5;a\nb\r\nhello\r\n0\r\n\r\n`,
  "an extension with NUL": `${IN_CHUNKS}5;a\0\r\nhello\r\n0\r\n\r\n`,
  "an extension without end": `${IN_CHUNKS}5;${"a".repeat(20 * 1024)}`,
  "a chunk longer than it says": `${IN_CHUNKS}5\r\nhello!\r\n0\r\n\r\n`,
  "a chunk that ends in a bare line feed": `${IN_CHUNKS}5\r\nhello\n0\r\n\r\n`,
  "a chunk that ends in a bare carriage return": `${IN_CHUNKS}5\r\nhello\r0\r\n\r\n`,
  "trailers that are none": `${IN_CHUNKS}0\r\nwhatever\r\n\r\n`,
  "a folded trailer": `${IN_CHUNKS}0\r\na: b\r\n c\r\n\r\n`,
  "a bare line feed in trailers": `${IN_CHUNKS}0\r\na: b\n\r\n`,
  "a bare line feed instead of trailers": `${IN_CHUNKS}0\r\n\n`,
  "trailers without end": `${IN_CHUNKS}0\r\n${"a: b\r\n".repeat(4_000)}`,
};

describe("what is not HTTP is refused, cut anywhere", () => {
  for (const [name, text] of Object.entries(MALFORMED)) {
    test(name, () => {
      const bytes = Buffer.from(text, "latin1");
      const whole = parsedAnswer(bytes);
      deepEqual([whole.fault, whole.isComplete], ["MalformedAnswer", false]);
      const sizes = bytes.length > 1_000 ? [[1], [7], [1_000]] : slicings(bytes.length);
      for (const slicing of sizes) deepEqual(parsedAnswer(bytes, { sizes: slicing, pauses: true }), whole);
    });
  }

  test("another protocol is none of it, nor is what comes behind it", () => {
    const { fault, status } = parsedAnswer(
      Buffer.from("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
    );
    deepEqual([fault, status], ["ConnectionError", undefined]);
  });
});

test("a head may have 16 KB and 500 headers", () => {
  const long = `${OK}content-length: 0\r\na: `;
  const bytes = Buffer.from(`${long}${"b".repeat(16 * 1024 - long.length - 4)}\r\n\r\n`);
  for (const sizes of [[1], [1 << 20], [10_000]]) equal(parsedAnswer(bytes, { sizes }).isComplete, true);
  const many = Buffer.from(`${OK}${"a: b\r\n".repeat(499)}content-length: 0\r\n\r\n`);
  equal(parsedAnswer(many).isComplete, true);
});
