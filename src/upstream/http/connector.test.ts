import { deepEqual, equal, match, ok } from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer as createTcpServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { EXPIRED, SELF_SIGNED, TEST_KEY } from "../../../test/support/certificates.ts";
import { Ear, providerAt, send } from "../../../test/support/ear.ts";
import { httpAnswer, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { addressOf } from "../../../test/support/upstream/upstream.ts";
import { systemClock } from "../../core/clock.ts";
import { HttpClient } from "../client.ts";
import type { Way } from "../way.ts";

type Cleanup = { after(run: () => void | Promise<void>): void };

/** A provider behind TLS whose certificate nobody signed but itself. */
async function tlsProvider(t: Cleanup): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTlsServer({ key: TEST_KEY, cert: SELF_SIGNED }, (socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", () => socket.write(httpAnswer(200, "text/plain", "hello")));
  });
  // Also those whose handshake nobody finishes.
  server.on("connection", (socket) => sockets.add(socket));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `https://127.0.0.1:${addressOf(server.address()).port}`;
}

/** A proxy that makes tunnels, or says `status` instead; and all it read before that. */
async function proxy(t: Cleanup, status = 200) {
  const seen = { origin: "", heads: [] as string[], passed: "" };
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("data", (data) => {
      const head = data.toString();
      seen.heads.push(head);
      if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      if (!head.startsWith("CONNECT ")) return void socket.write(httpAnswer(200, "text/plain", "relayed"));
      const [, host = "", port] = /^CONNECT (.*):(\d+) /.exec(head) ?? [];
      const there = connect(Number(port), host);
      there.on("error", () => socket.destroy());
      // A pipe passes on an end, not that one was destroyed.
      socket.on("close", () => there.destroy());
      socket.on("data", (bytes) => {
        seen.passed += bytes.toString("latin1");
      });
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(there).pipe(socket);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  seen.origin = `http://127.0.0.1:${addressOf(server.address()).port}`;
  return seen;
}

/** What one client hears of as many calls. */
async function ask(t: Cleanup, origin: string, way: Omit<Way, "key">, times = 1): Promise<Ear> {
  const http = new HttpClient(systemClock);
  t.after(() => http.close());
  const key = JSON.stringify(way);
  const to = {
    ...providerAt(origin, { connect_ms: 10_000 }, { authorization: "Bearer secret" }),
    way: { ...way, key },
  };
  let ear = new Ear();
  for (let time = 0; time < times; time++) {
    ear = new Ear();
    send(http, to, ear);
    await ear.over();
  }
  return ear;
}

describe("the owner's own certificate authority", () => {
  test("what it vouches for is taken, and by nobody else", async (t) => {
    const origin = await tlsProvider(t);
    equal((await ask(t, origin, { ca: SELF_SIGNED })).text, "hello");
    equal((await ask(t, origin, {})).failure?.kind, "tls");
  });

  test("what it does not vouch for is refused", async (t) => {
    const ear = await ask(t, await tlsProvider(t), { ca: EXPIRED });
    equal(ear.failure?.kind, "tls");
  });

  test("NODE_TLS_REJECT_UNAUTHORIZED=0 changes nothing", async (t) => {
    const origin = await tlsProvider(t);
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    t.after(() => void delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);
    equal((await ask(t, origin, {})).failure?.kind, "tls");
  });
});

describe("through a proxy", () => {
  test("a tunnel: the proxy learns the host and nothing else, and it is kept for the next call", async (t) => {
    const [origin, via] = await Promise.all([tlsProvider(t), proxy(t)]);
    const way = { ca: SELF_SIGNED, proxy: { origin: via.origin, authorization: "Basic abc" } };
    equal((await ask(t, origin, way, 3)).text, "hello");
    equal(via.heads.length, 1);
    const place = new URL(origin).host;
    match(via.heads[0] ?? "", new RegExp(`^CONNECT ${place} HTTP/1.1\r\nhost: ${place}\r\n`));
    match(via.heads[0] ?? "", /proxy-authorization: Basic abc\r\n/);
    ok(via.passed.length > 0 && !`${via.heads.join("")}${via.passed}`.includes("secret"));
  });

  test("certificates are verified inside of it", async (t) => {
    const [origin, via] = await Promise.all([tlsProvider(t), proxy(t)]);
    equal((await ask(t, origin, { proxy: via })).failure?.kind, "tls");
  });

  test("plain http: the proxy is told the whole address", async (t) => {
    const [upstream, via] = await Promise.all([tcpUpstream(t, () => undefined), proxy(t)]);
    const ear = await ask(t, upstream.origin, { proxy: { origin: via.origin, authorization: "Basic abc" } });
    deepEqual([ear.text, upstream.accepted], ["relayed", 0]);
    match(
      via.heads[0] ?? "",
      new RegExp(`^POST ${upstream.origin}/v1/chat HTTP/1.1\r\nhost: ${upstream.origin.slice(7)}\r\n`),
    );
    match(via.heads[0] ?? "", /proxy-authorization: Basic abc\r\n/);
  });

  for (const origin of ["https://provider.test", "http://provider.test"]) {
    test(`${origin}: one that wants a password says so, and what is to be done`, async (t) => {
      const via = await proxy(t, 407);
      const { failure } = await ask(t, origin, { proxy: { origin: via.origin } });
      equal(failure?.kind, "connect");
      match(failure?.message ?? "", new RegExp(`^no connection: the proxy ${via.origin} wants a user and a password`));
    });
  }

  test("one that refuses, hangs up, or is not there: no connection, and no second one", async (t) => {
    const refusing = await proxy(t, 403);
    const refused = await ask(t, "https://provider.test", { proxy: refusing });
    match(refused.failure?.message ?? "", /refuses the connection with status 403 \(to provider.test:443\)/);
    const closing = await tcpUpstream(t, () => undefined);
    closing.onConnection = (socket) => void socket.destroy();
    const hungUp = await ask(t, "https://provider.test", { proxy: closing });
    match(hungUp.failure?.message ?? "", /^no connection: the proxy .* gives no connection to provider.test:443/);
    equal(closing.accepted, 1);
    const { failure } = await ask(t, "https://provider.test", { proxy: { origin: "http://127.0.0.1:1" } });
    match(failure?.message ?? "", /^no connection: the proxy http:\/\/127.0.0.1:1 cannot be reached: .*ECONNREFUSED/);
  });
});
