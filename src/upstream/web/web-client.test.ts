import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { chunkedHead, httpAnswer, type TcpScript, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { systemClock } from "../../core/clock.ts";
import type { HttpRequest } from "../../core/stage-tools.ts";
import { isPublicAddress } from "./public-address.ts";
import { WebClient } from "./web-client.ts";

const NEVER = new AbortController().signal;

async function served(t: { after(run: () => Promise<void>): void }, script: TcpScript, lookup?: LookupFunction) {
  const server = await tcpUpstream(t, script);
  const client = new WebClient(systemClock, lookup);
  t.after(() => client.close());
  const fetch = (path: string, more: Partial<HttpRequest> = {}) =>
    client.fetch({ url: server.origin + path, reach: "configured", method: "POST", ...more }, NEVER);
  return { server, client, fetch };
}

describe("addresses from the owner's config", () => {
  test("JSON there and back, with the status whatever it is", async (t) => {
    const { fetch, server } = await served(t, (socket) =>
      socket.write(httpAnswer(404, "application/json", '{"a":[1]}')),
    );
    const answer = await fetch("/x?q=1", { body: { ask: "ü" }, headers: { authorization: "Bearer k" } });
    deepEqual([answer.status, answer.json()], [404, { a: [1] }]);
    const { head = [], body } = server.requests[0] ?? {};
    equal(head[0], "POST /x?q=1 HTTP/1.1");
    ok(head.includes("authorization: Bearer k"));
    equal(body?.toString(), '{"ask":"ü"}');
  });

  test("a redirect is an answer like any other", async (t) => {
    const { fetch, server } = await served(t, (socket) =>
      socket.write(httpAnswer(302, "text/plain", "", ["location: /elsewhere"])),
    );
    equal((await fetch("/")).status, 302);
    equal(server.requests.length, 1);
  });

  test("text in the charset it says, and a name nobody knows", async (t) => {
    const { fetch } = await served(t, (socket) =>
      socket.write(
        Buffer.concat([
          Buffer.from(httpAnswer(200, "text/html; charset=latin1", "x").replace("length: 1", "length: 2")),
          Buffer.from([0xfc]),
        ]),
      ),
    );
    equal((await fetch("/")).text, "xü");
  });

  for (const [name, script, expected, more] of [
    [
      "too large",
      (socket) => socket.write(httpAnswer(200, "text/plain", "x".repeat(100))),
      /larger than 99 bytes/,
      { maxBytes: 99 },
    ],
    [
      "encoded though nobody asked",
      (socket) =>
        socket.write(httpAnswer(200, "text/plain", gzipSync("x").toString("latin1"), ["content-encoding: gzip"])),
      /encoded \(gzip\)/,
      {},
    ],
    ["cut", (socket) => socket.end(chunkedHead("text/plain")), /./, {}],
    ["late", () => undefined, /no answer within 30 ms/, { timeoutMs: 30 }],
  ] as const satisfies readonly (readonly [string, TcpScript, RegExp, Partial<HttpRequest>])[]) {
    test(`an answer that is ${name} is an error that names the address, and nothing of its query`, async (t) => {
      const { fetch, server } = await served(t, script);
      const error = await fetch("/path?q=secret", more).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      ok(error instanceof Error);
      match(error.message, expected);
      ok(error.message.startsWith(`${server.origin}/path: `), error.message);
    });
  }

  test("who no longer waits closes the connection", async (t) => {
    const { client, server } = await served(t, () => undefined);
    const gone = new AbortController();
    const asking = client.fetch({ url: server.origin, reach: "configured", method: "POST" }, gone.signal);
    while (server.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    gone.abort();
    await rejects(asking, /nobody waits/);
    while (server.open > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("addresses from outside", () => {
  test("names and numbers that lead to this machine are never connected to", async (t) => {
    const inward: LookupFunction = (_name, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
    const { client, server } = await served(
      t,
      (socket) => socket.write(httpAnswer(200, "text/plain", "secret")),
      inward,
    );
    const port = new URL(server.origin).port;
    const hosts = [
      "127.0.0.1",
      "2130706433",
      "0x7f.1",
      "017700000001",
      "0.0.0.0",
      "[::1]",
      "[::ffff:127.0.0.1]",
      "localhost",
      "public.example",
    ];
    for (const host of hosts)
      await rejects(client.fetch({ url: `http://${host}:${port}/`, reach: "public" }, NEVER), /not asked/, host);
    await rejects(client.fetch({ url: `http://a:b@public.example:${port}/`, reach: "public" }, NEVER), /user name/);
    await rejects(client.fetch({ url: "file:///etc/passwd", reach: "public" }, NEVER), /neither http/);
    equal(server.accepted, 0);
  });

  test("a name that leads to several is asked only when all are public", async (t) => {
    const mixed: LookupFunction = (_name, _options, callback) =>
      callback(null, [
        { address: "93.184.216.34", family: 4 },
        { address: "::ffff:10.0.0.1", family: 6 },
      ]);
    const client = new WebClient(new FakeClock(), mixed);
    t.after(() => client.close());
    await rejects(client.fetch({ url: "http://two.example/", reach: "public" }, NEVER), /not asked/);
  });

  test("what is public and what is not", () => {
    for (const address of ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
      equal(isPublicAddress(address), true, address);
    for (const address of [
      "",
      "x",
      "10.1.2.3",
      "172.31.255.255",
      "169.254.169.254",
      "100.64.0.1",
      "255.255.255.255",
      "::",
      "::1",
      "fe80::1%eth0",
      "fd00::1",
      "64:ff9b::7f00:1",
      "2002:7f00:1::",
      "2001::1",
      "ff02::1",
      "::ffff:8.8.8.8",
    ])
      equal(isPublicAddress(address), false, address);
  });
});
