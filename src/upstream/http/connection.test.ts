import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer as createTcpServer } from "node:net";
import { describe, test } from "node:test";
import { createServer, type TLSSocket } from "node:tls";
import { SELF_SIGNED, TEST_KEY } from "../../../test/support/certificates.ts";
import { Ear, providerAt } from "../../../test/support/ear.ts";
import {
  chunk,
  chunkedHead,
  httpAnswer,
  LAST_CHUNK,
  type TcpScript,
  tcpUpstream,
} from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import { addressOf } from "../../../test/support/upstream/upstream.ts";
import { systemClock } from "../../core/clock.ts";
import { HttpClient } from "../client.ts";
import type { Provider } from "../provider.ts";
import type { UpstreamRequest } from "../transport.ts";

type Cleanup = { after(run: () => Promise<void>): void };

const HELLO = httpAnswer(200, "text/plain", "hello");
const hello: TcpScript = (socket) => void socket.write(HELLO);

function client(t: Cleanup): HttpClient {
  const http = new HttpClient(systemClock);
  t.after(() => http.close());
  return http;
}

async function ask(http: HttpClient, to: Provider | string, request: Partial<UpstreamRequest> = {}): Promise<Ear> {
  const ear = new Ear();
  const provider = typeof to === "string" ? providerAt(to) : to;
  http.send(provider, { method: "POST", path: "/chat", headers: {}, ...request }, ear);
  await ear.over();
  return ear;
}

describe("what is sent", () => {
  const BODIES: Record<string, string | Buffer> = {
    "a text": '{"a":"é😀"}',
    bytes: Buffer.from([0, 255, 13, 10, 13, 10]),
    "many bytes": Buffer.alloc(3_000_000, "0123456789"),
    "a long text": "é".repeat(200_000),
    nothing: "",
  };
  for (const [name, body] of Object.entries(BODIES)) {
    test(`${name}: the length in bytes, and the bytes`, async (t) => {
      const upstream = await tcpUpstream(t, hello);
      const http = client(t);
      for (let turn = 0; turn < 2; turn++) await ask(http, upstream.origin, { body, headers: { "x-a": "é" } });
      equal(upstream.accepted, 1);
      for (const { head, body: sent } of upstream.requests) {
        ok(sent.equals(Buffer.from(body)));
        equal(head[0], "POST /v1/chat HTTP/1.1");
        equal(head[1], `host: ${upstream.origin.slice(7)}`);
        deepEqual([...head].slice(2).sort(), [
          "accept-encoding: identity",
          "connection: keep-alive",
          `content-length: ${Buffer.byteLength(body)}`,
          "x-a: é",
        ]);
      }
    });
  }

  test("without a body: a length where one is expected", async (t) => {
    const heads: string[] = [];
    const server = createTcpServer((socket) => {
      socket.on("data", (data: Buffer) => {
        heads.push(data.toString());
        socket.write(HELLO);
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    t.after(async () => void server.close());
    const http = client(t);
    const origin = `http://127.0.0.1:${addressOf(server.address()).port}`;
    for (const method of ["GET", "DELETE", "POST"] as const) await ask(http, origin, { method });
    deepEqual(
      heads.map((head) => /^content-length: \d+/m.exec(head)?.[0]),
      [undefined, undefined, "content-length: 0"],
    );
  });

  test("a provider's own `host` and `connection` win", async (t) => {
    const upstream = await tcpUpstream(t, hello);
    const own = { host: "a.test", connection: "close" };
    await ask(client(t), providerAt(upstream.origin, {}, own), { headers: { host: "b.test" } });
    const head = upstream.requests[0]?.head ?? [];
    deepEqual(
      head.filter((line) => /^(host|connection):/.test(line)),
      ["host: a.test", "connection: close"],
    );
  });
});

describe("what cannot be said in HTTP is not sent", () => {
  const SECRET = "sk-secret";
  const REQUESTS: Record<string, Partial<UpstreamRequest>> = {
    "a line break in a header": { headers: { "x-a": `${SECRET}\r\nx-b: c` } },
    "a carriage return in a header": { headers: { "x-a": `${SECRET}\r` } },
    "NUL in a header": { headers: { "x-a": `${SECRET}\0` } },
    "letters that have no byte": { headers: { "x-a": `${SECRET}😀` } },
    "a line break in a name": { headers: { "x-a\r\nx-b": "c" } },
    "a space in a name": { headers: { "x a": "b" } },
    "a header without a name": { headers: { "": "b" } },
    "a length of somebody else's": { headers: { "Content-Length": "3" } },
    "another end": { headers: { "transfer-encoding": "chunked" } },
    "a space in the path": { path: "/chat HTTP/1.1" },
    "a line break in the path": { path: "/chat\r\nx-a: b" },
    "letters beyond bytes in the path": { path: "/chat/😀" },
  };
  for (const [name, request] of Object.entries(REQUESTS)) {
    test(name, async (t) => {
      const upstream = await tcpUpstream(t, hello);
      const { failure } = await ask(client(t), upstream.origin, request);
      deepEqual([failure?.kind, failure?.code], ["caller", "ERR_INVALID_REQUEST"]);
      match(failure?.message ?? "", /^the request cannot be sent: /);
      ok(!failure?.message.includes(SECRET));
      equal(upstream.accepted, 0);
    });
  }
});

describe("how long a connection is kept", () => {
  const keeping =
    (hint: string): TcpScript =>
    (socket) =>
      void socket.write(httpAnswer(200, "text/plain", "hello", [`keep-alive: ${hint}`]));

  test("less than the provider says it keeps it", async (t) => {
    const upstream = await tcpUpstream(t, keeping("timeout=3"));
    const http = client(t);
    for (let turn = 0; turn < 3; turn++) await ask(http, upstream.origin);
    equal(upstream.accepted, 1);
    equal(upstream.open, 1);
    await until(() => upstream.open === 0, "the connection to close");
  });

  test("not at all when that is next to nothing, or it says it closes", async (t) => {
    for (const script of [
      keeping("timeout=1"),
      (socket) => void socket.write(httpAnswer(200, "text/plain", "hello", ["connection: close"])),
      (socket) => void socket.write(HELLO.replace("HTTP/1.1", "HTTP/1.0")),
    ] satisfies TcpScript[]) {
      const upstream = await tcpUpstream(t, script);
      const http = client(t);
      for (let turn = 1; turn <= 3; turn++) {
        equal((await ask(http, upstream.origin)).text, "hello");
        equal(upstream.accepted, turn);
      }
      await until(() => upstream.open === 0, "the connections to close");
    }
  });
});

describe("what is in hand while nobody takes any more", () => {
  const ENDINGS: Record<string, [string, string[]]> = {
    "a length": [HELLO, ["head 200", "end"]],
    chunks: [chunkedHead("text/plain") + chunk("hel") + chunk("lo") + LAST_CHUNK, ["head 200", "end"]],
    "no end but that of the connection": ["HTTP/1.1 200 OK\r\n\r\nhello", ["head 200", "end"]],
    "an end that never comes": [chunkedHead("text/plain") + chunk("hello"), ["head 200", "failure cut"]],
  };
  for (const [name, [answer, heard]] of Object.entries(ENDINGS)) {
    test(`${name}: it is told later, though the connection is closed by then`, async (t) => {
      const upstream = await tcpUpstream(t, (socket) => socket.end(answer));
      const ear = new Ear();
      const http = client(t);
      const call = http.send(
        providerAt(upstream.origin),
        { method: "POST", path: "/chat", headers: {}, body: "{}" },
        ear,
      );
      call.pause();
      await until(() => ear.status === 200, "the head");
      await new Promise((resolve) => setTimeout(resolve, 50));
      deepEqual([ear.heard, ear.text], [["head 200"], ""]);
      call.resume();
      await ear.over();
      deepEqual([ear.heard, ear.text], [heard, "hello"]);
    });
  }

  test("pausing at each piece loses none, and goes no deeper for each", async (t) => {
    const pieces = 20_000;
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(chunkedHead("text/plain"));
      for (let at = 0; at < pieces; at++) socket.write(chunk("x"));
      socket.write(LAST_CHUNK);
    });
    const ear = new Ear();
    const call = client(t).send(providerAt(upstream.origin), { method: "POST", path: "/chat", headers: {} }, ear);
    const take = ear.onData.bind(ear);
    ear.onData = (data) => {
      call.pause();
      call.resume();
      return take(data);
    };
    await ear.over();
    deepEqual([ear.heard, ear.bytes], [["head 200", "end"], pieces]);
  });
});

test("each chunk comes by itself, and nobody writes to it later", async (t) => {
  const upstream = await tcpUpstream(t, (socket, _request, serial) => {
    socket.write(
      chunkedHead("text/plain") + chunk(`a${serial}`) + chunk(`b${serial}`) + chunk(`c${serial}`) + LAST_CHUNK,
    );
  });
  const http = client(t);
  const pieces: Buffer[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const ear = new Ear();
    ear.onData = (data) => pieces.push(data) > 0;
    http.send(providerAt(upstream.origin), { method: "POST", path: "/chat", headers: {} }, ear);
    await ear.over();
  }
  deepEqual(pieces.map(String), ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]);
});

test("a bug in whoever hears an answer ends its call, and no other", async (t) => {
  const upstream = await tcpUpstream(t, hello);
  const http = client(t);
  const ear = new Ear();
  ear.onData = () => {
    throw new Error("a bug");
  };
  http.send(providerAt(upstream.origin), { method: "POST", path: "/chat", headers: {} }, ear);
  await ear.over();
  deepEqual(ear.heard, ["head 200", "failure cut"]);
  match(ear.failure?.message ?? "", /a bug/);
  equal((await ask(http, upstream.origin)).text, "hello");
});

test("a certificate authority that is none: no connection", async (t) => {
  const way = { ca: "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n", key: "none" };
  const ear = await ask(client(t), { ...providerAt("https://127.0.0.1:1"), way });
  equal(ear.failure?.kind === "tls" || ear.failure?.kind === "connect", true, JSON.stringify(ear.failure));
});

test("TLS: the second handshake goes on from the first, and HTTP/2 is not spoken", async (t) => {
  const seen: [boolean, TLSSocket["alpnProtocol"]][] = [];
  const server = createServer({ key: TEST_KEY, cert: SELF_SIGNED, ALPNProtocols: ["h2", "http/1.1"] }, (socket) => {
    seen.push([socket.isSessionReused(), socket.alpnProtocol]);
    socket.on("error", () => socket.destroy());
    socket.on("data", () => socket.end(httpAnswer(200, "text/plain", "hello", ["connection: close"])));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(async () => void server.close());
  const provider = {
    ...providerAt(`https://127.0.0.1:${addressOf(server.address()).port}`),
    way: { ca: SELF_SIGNED, key: "own" },
  };
  const http = client(t);
  for (let turn = 0; turn < 2; turn++) equal((await ask(http, provider)).text, "hello");
  deepEqual(seen, [
    [false, "http/1.1"],
    [true, "http/1.1"],
  ]);
});
