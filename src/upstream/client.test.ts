import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { describe, test } from "node:test";
import { Ear, providerAt, send } from "../../test/support/ear.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import {
  chunk,
  chunkedHead,
  httpAnswer,
  LAST_CHUNK,
  type TcpUpstream,
  tcpUpstream,
} from "../../test/support/tcp-upstream.ts";
import { until } from "../../test/support/until.ts";
import { addressOf } from "../../test/support/upstream/upstream.ts";
import { systemClock } from "../core/clock.ts";
import { HttpClient } from "./client.ts";
import type { UpstreamCall } from "./transport.ts";

function client(t: { after(run: () => Promise<void>): void }): HttpClient {
  const http = new HttpClient(systemClock);
  t.after(() => http.close());
  return http;
}

describe("answers", () => {
  test("head, data, end; the provider's headers win, and no compression is asked for", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(httpAnswer(200, "text/plain", "hello")));
    const ear = new Ear();
    const provider = providerAt(upstream.origin, {}, { authorization: "Bearer ours" });
    send(client(t), provider, ear, { authorization: "Bearer theirs", "accept-encoding": "gzip", "x-other": "é" });
    await ear.over();
    deepEqual([ear.heard, ear.text], [["head 200", "end"], "hello"]);
    const head = upstream.requests[0]?.head ?? [];
    equal(head[0], "POST /v1/chat HTTP/1.1");
    for (const line of ["authorization: Bearer ours", "accept-encoding: identity", "x-other: é"])
      equal(head.filter((sent) => sent === line).length, 1, `${line} in ${head.join("|")}`);
    ok(!head.some((line) => line.includes("theirs") || line.includes("gzip")));
  });

  test("one connection serves one call after the other, and more open only for calls at once", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(httpAnswer(200, "text/plain", "hello")));
    const http = client(t);
    for (let turn = 0; turn < 20; turn++) {
      const ear = new Ear();
      send(http, providerAt(upstream.origin), ear);
      await ear.over();
    }
    equal(upstream.accepted, 1);
    const ears = Array.from({ length: 10 }, () => new Ear());
    for (const ear of ears) send(http, providerAt(upstream.origin), ear);
    await Promise.all(ears.map((ear) => ear.over()));
    ok(upstream.accepted <= 11, `${upstream.accepted} connections`);
    equal(upstream.requests.length, 30);
  });

  test("informational heads are passed over", async (t) => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    const upstream = await tcpUpstream(t, (socket) => socket.write(early + httpAnswer(200, "text/plain", "hello")));
    const ear = new Ear();
    send(client(t), providerAt(upstream.origin), ear);
    await ear.over();
    deepEqual(ear.heard, ["head 200", "end"]);
  });
});

describe("failures", () => {
  const FAULTS: [string, (upstream: Parameters<Parameters<typeof tcpUpstream>[1]>[0]) => void, string[]][] = [
    ["closed without a word", (socket) => socket.destroy(), ["failure cut"]],
    ["reset", (socket) => socket.resetAndDestroy(), ["failure cut"]],
    ["closed inside the head", (socket) => socket.end("HTTP/1.1 200 OK\r\nx: "), ["failure cut"]],
    [
      "closed inside chunks",
      (socket) => socket.end(`${chunkedHead("text/plain")}5\r\nab`),
      ["head 200", "failure cut"],
    ],
    [
      "shorter than its length",
      (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"),
      ["head 200", "failure cut"],
    ],
    ["not HTTP", (socket) => socket.end("hello?\r\n\r\n"), ["failure malformed"]],
    [
      "a thousand headers",
      (socket) => socket.write(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(1_000)}content-length: 0\r\n\r\n`),
      ["failure malformed"],
    ],
    [
      "a head of 300 KB",
      (socket) => socket.write(`HTTP/1.1 200 OK\r\na: ${"b".repeat(300_000)}\r\n\r\n`),
      ["failure malformed"],
    ],
    ["another protocol", (socket) => socket.write("HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n"), ["failure cut"]],
    [
      "a chunk that is none",
      (socket) => socket.write(`${chunkedHead("text/plain")}xyz\r\n`),
      ["head 200", "failure malformed"],
    ],
  ];
  for (const [name, script, expected] of FAULTS) {
    test(name, async (t) => {
      const upstream = await tcpUpstream(t, script);
      const ear = new Ear();
      send(client(t), providerAt(upstream.origin), ear);
      await ear.over();
      deepEqual(ear.heard, expected, JSON.stringify(ear.failure));
    });
  }

  test("nobody listens there", async (t) => {
    const server = createServer().listen(0, "127.0.0.1");
    await until(() => server.listening, "a port");
    const { port } = addressOf(server.address());
    await new Promise((resolve) => server.close(resolve));
    const ear = new Ear();
    send(client(t), providerAt(`http://127.0.0.1:${port}`), ear);
    await ear.over();
    deepEqual([ear.failure?.kind, ear.failure?.code], ["connect", "ECONNREFUSED"]);
  });

  test("a header that cannot be sent is a failure, not a throw", async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const ear = new Ear();
    send(client(t), providerAt(upstream.origin), ear, { "x-bad": "a\r\nb: c" });
    await ear.over();
    equal(ear.heard.length, 1);
    equal(upstream.requests.length, 0);
  });

  test("closing the client ends what runs", async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const http = client(t);
    const ear = new Ear();
    send(http, providerAt(upstream.origin), ear);
    await until(() => upstream.requests.length === 1, "the request");
    await http.close();
    await ear.over();
    equal(ear.heard.length, 1);
  });
});

describe("timers", () => {
  const silent = (): undefined => undefined;
  test("first byte", async (t) => {
    const upstream = await tcpUpstream(t, silent);
    const ear = new Ear();
    send(client(t), providerAt(upstream.origin, { first_byte_ms: 200 }), ear);
    await ear.over();
    match(ear.failure?.message ?? "", /first_byte_ms/);
    equal(ear.failure?.kind, "timeout");
    await until(() => upstream.open === 0, "the connection to close");
  });

  test("idle between two pieces, and again after each", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(chunkedHead("text/plain"));
      for (let at = 1; at <= 4; at++) setTimeout(() => socket.write(chunk("x")), at * 100);
    });
    const ear = new Ear();
    send(client(t), providerAt(upstream.origin, { idle_ms: 900 }), ear);
    await ear.over();
    deepEqual([ear.text, ear.failure?.kind], ["xxxx", "timeout"]);
    match(ear.failure?.message ?? "", /idle_ms/);
  });

  test("total, though bytes keep coming", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(chunkedHead("text/plain"));
      const drip = setInterval(() => socket.write(chunk("x")), 20);
      socket.on("close", () => clearInterval(drip));
    });
    const ear = new Ear();
    send(client(t), providerAt(upstream.origin, { idle_ms: 5_000, total_ms: 300 }), ear);
    await ear.over();
    deepEqual(ear.heard, ["head 200", "failure timeout"]);
    match(ear.failure?.message ?? "", /longer than 300 ms/);
    await until(() => upstream.open === 0, "the connection to close");
    equal(ear.heard.length, 2);
  });

  test("none of them runs on after the end, and 0 turns them off", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => {
      setTimeout(() => socket.write(httpAnswer(200, "text/plain", "hello")), 50);
    });
    const ear = new Ear();
    send(client(t), providerAt(upstream.origin, { total_ms: 100_000 }), ear);
    await ear.over();
    deepEqual(ear.heard, ["head 200", "end"]);
  });
});

describe("a call under way", () => {
  async function running(t: {
    after(run: () => Promise<void>): void;
  }): Promise<{ upstream: TcpUpstream; ear: Ear; call: UpstreamCall }> {
    const upstream = await tcpUpstream(t, (socket) => socket.write(chunkedHead("text/plain") + chunk("x")));
    const ear = new Ear();
    const call = send(client(t), providerAt(upstream.origin), ear);
    await until(() => ear.bytes > 0, "the first piece");
    return { upstream, ear, call };
  }

  test("abort closes the connection, and nothing more is said", async (t) => {
    const { upstream, ear, call } = await running(t);
    call.abort();
    call.abort();
    await until(() => upstream.open === 0, "the connection to close");
    deepEqual(ear.heard, ["head 200"]);
  });

  test("finish without an end of the body: the connection is closed after a second, and nothing more is said", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(chunkedHead("text/plain") + chunk("x")));
    const clock = new FakeClock();
    const http = new HttpClient(clock);
    t.after(() => http.close());
    const ear = new Ear();
    const call = send(http, providerAt(upstream.origin), ear);
    await until(() => ear.bytes > 0, "the first piece");
    call.pause();
    call.finish();
    await new Promise(setImmediate);
    clock.advance(999);
    await new Promise((resolve) => setTimeout(resolve, 50));
    equal(upstream.open, 1);
    clock.advance(1);
    await until(() => upstream.open === 0, "the connection to close");
    deepEqual(ear.heard, ["head 200"]);
  });

  test("finish, and the end comes soon: the connection serves the next call", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(chunkedHead("text/plain") + chunk("x")));
    const sockets: Socket[] = [];
    upstream.onConnection = (socket) => void sockets.push(socket);
    const clock = new FakeClock();
    const http = new HttpClient(clock);
    t.after(() => http.close());
    for (let turn = 0; turn < 3; turn++) {
      const ear = new Ear();
      const call = send(http, providerAt(upstream.origin), ear);
      await until(() => ear.bytes > 0, "the first piece");
      call.finish();
      await new Promise(setImmediate);
      equal(clock.pending, 1);
      sockets[0]?.write(LAST_CHUNK);
      await until(() => clock.pending === 0, "the end of the body");
    }
    clock.advance(2_000);
    equal(upstream.accepted, 1);
  });

  test("finish where the end comes in the same packet takes no timer", async (t) => {
    const upstream = await tcpUpstream(t, (socket) =>
      socket.write(chunkedHead("text/plain") + chunk("x") + LAST_CHUNK),
    );
    const clock = new FakeClock();
    const after = t.mock.method(clock, "after");
    const http = new HttpClient(clock);
    t.after(() => http.close());
    const ear = new Ear();
    const call = send(http, providerAt(upstream.origin), ear);
    ear.onData = () => {
      call.finish();
      ear.heard.push("finished");
      return true;
    };
    await until(() => ear.heard.includes("finished"), "the piece");
    await new Promise(setImmediate);
    equal(after.mock.callCount(), 0);
    const next = new Ear();
    send(http, providerAt(upstream.origin), next);
    await next.over();
    equal(upstream.accepted, 1);
  });

  test("abort before the connection stands", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(httpAnswer(200, "text/plain", "hello")));
    const http = client(t);
    const ear = new Ear();
    send(http, providerAt(upstream.origin), ear).abort();
    const next = new Ear();
    send(http, providerAt(upstream.origin), next);
    await next.over();
    deepEqual([ear.heard, next.heard], [[], ["head 200", "end"]]);
  });

  test("abort and pause after the end do no harm to the next one on the connection", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => socket.write(httpAnswer(200, "text/plain", "hello")));
    const http = client(t);
    const ear = new Ear();
    const call = send(http, providerAt(upstream.origin), ear);
    await ear.over();
    const next = new Ear();
    send(http, providerAt(upstream.origin), next);
    call.pause();
    call.abort();
    call.resume();
    await next.over();
    deepEqual(next.heard, ["head 200", "end"]);
  });

  test("pause stops the provider, resume lets it go on, and nothing is lost", async (t) => {
    const piece = "x".repeat(64 * 1024);
    const total = 500;
    let written = 0;
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(chunkedHead("text/plain"));
      const fill = (): void => {
        while (written < total) {
          written++;
          if (!socket.write(chunk(piece))) return void socket.once("drain", fill);
        }
        socket.write(LAST_CHUNK);
      };
      fill();
    });
    const ear = new Ear();
    const call = send(client(t), providerAt(upstream.origin), ear);
    call.pause();
    await until(() => ear.status === 200, "the head");
    await new Promise((resolve) => setTimeout(resolve, 300));
    ok(written < total, "the provider was never made to wait");
    ok(ear.bytes <= 256 * 1024, `${ear.bytes} bytes came though paused`);
    call.resume();
    await ear.over();
    deepEqual([ear.heard, ear.bytes], [["head 200", "end"], total * piece.length]);
  });

  test("a paused call does not count as idle", async (t) => {
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(chunkedHead("text/plain") + chunk("a") + chunk("b".repeat(100_000)) + chunk("c") + LAST_CHUNK);
    });
    const ear = new Ear();
    const call = send(client(t), providerAt(upstream.origin, { idle_ms: 300 }), ear);
    call.pause();
    await until(() => ear.status === 200, "the head");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    deepEqual(ear.heard, ["head 200"]);
    call.resume();
    await ear.over();
    deepEqual([ear.heard, ear.bytes], [["head 200", "end"], 100_002]);
  });
});
