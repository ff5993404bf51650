import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { LookupFunction, Socket } from "node:net";
import { describe, test } from "node:test";
import { Ear, PING, providerAt, send } from "../../../test/support/ear.ts";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import { HttpClient } from "../client.ts";
import type { Provider } from "../provider.ts";

type Timeout = Partial<Provider["timeout"]>;

function client(t: { after(run: () => Promise<void>): void }, lookup?: LookupFunction) {
  const clock = new FakeClock();
  const http = new HttpClient(clock, lookup);
  t.after(() => http.close());
  return { clock, http };
}

/** Everything but time takes place for real. */
async function underWay(t: Parameters<typeof client>[0], script: (socket: Socket) => void, timeout: Timeout) {
  const { clock, http } = client(t);
  const upstream = await tcpUpstream(t, script);
  const ear = new Ear();
  const call = send(http, providerAt(upstream.origin, timeout), ear);
  await until(() => upstream.requests.length === 1, "the request");
  return { clock, http, upstream, ear, call };
}

/** Nothing until this very millisecond. */
async function runsOut(clock: FakeClock, ear: Ear, ms: number, message: RegExp): Promise<void> {
  clock.advance(ms - 1);
  ok(!ear.isOver, JSON.stringify(ear.failure));
  clock.advance(1);
  match(ear.failure?.message ?? "", message);
  equal(clock.pending, 0);
}

describe("the connect timer", () => {
  test("a name that is looked up for ever, by a hundred calls", async (t) => {
    let asked = 0;
    const { clock, http } = client(t, () => {
      asked++;
    });
    const ears = Array.from({ length: 100 }, () => new Ear());
    for (const ear of ears) send(http, providerAt("http://a.test", { connect_ms: 700, first_byte_ms: 5 }), ear);
    clock.advance(699);
    ok(ears.every((ear) => ear.heard.length === 0));
    clock.advance(1);
    ok(ears.every((ear) => ear.failure?.kind === "connect"));
    match(ears[0]?.failure?.message ?? "", /no connection within timeout\.connect_ms \(700 ms\)/);
    deepEqual([asked, clock.pending], [1, 0]);
  });

  test("a handshake that never ends", async (t) => {
    const { clock, http } = client(t);
    let open = 0;
    const upstream = await tcpUpstream(t, () => undefined);
    upstream.onConnection = () => open++;
    const ear = new Ear();
    send(http, providerAt(upstream.origin.replace("http:", "https:"), { connect_ms: 900 }), ear);
    await until(() => open === 1, "a connection");
    await runsOut(clock, ear, 900, /connect_ms/);
    equal(ear.failure?.kind, "connect");
    await until(() => upstream.open === 0, "the connection to close");
  });

  test("an unknown name fails at once", async (t) => {
    const error = Object.assign(new Error("getaddrinfo ENOTFOUND a.test"), { code: "ENOTFOUND" });
    const { http, clock } = client(t, (_name, _options, callback) => setImmediate(() => callback(error, "")));
    const ear = new Ear();
    send(http, providerAt("http://a.test", { connect_ms: 700 }), ear);
    await ear.over();
    deepEqual([ear.failure?.kind, ear.failure?.code, clock.pending], ["connect", "ENOTFOUND", 0]);
  });
});

test("first byte", async (t) => {
  const { clock, upstream, ear } = await underWay(t, () => undefined, { connect_ms: 10, first_byte_ms: 4_000 });
  await runsOut(clock, ear, 4_000, /first_byte_ms \(4000 ms\)/);
  equal(ear.failure?.kind, "timeout");
  await until(() => upstream.open === 0, "the connection to close");
});

describe("the idle timer", () => {
  const streams = async (t: Parameters<typeof client>[0], timeout: Timeout) => {
    const sockets: Socket[] = [];
    const all = await underWay(
      t,
      (socket) => {
        sockets.push(socket);
        socket.write(chunkedHead("text/event-stream") + chunk("a"));
      },
      timeout,
    );
    await until(() => all.ear.text === "a", "the first piece");
    const say = async (text: string) => {
      const before = all.ear.bytes;
      for (const socket of sockets) socket.write(chunk(text));
      await until(() => all.ear.bytes > before, "the next piece");
    };
    return { ...all, say };
  };

  test("is fed by what comes", async (t) => {
    const { clock, ear, say } = await streams(t, { idle_ms: 1_000 });
    for (let time = 0; time < 5; time++) {
      clock.advance(999);
      await say("more");
    }
    await runsOut(clock, ear, 1_000, /idle_ms \(1000 ms\)/);
    deepEqual(ear.heard, ["head 200", "failure timeout"]);
  });

  test("is not fed by signs of life", async (t) => {
    const { clock, ear, say } = await streams(t, { idle_ms: 1_000 });
    for (let time = 0; time < 9; time++) {
      clock.advance(100);
      await say(PING);
    }
    await runsOut(clock, ear, 100, /idle_ms/);
  });

  test("does not run while nobody reads", async (t) => {
    const { clock, ear, call } = await streams(t, { idle_ms: 1_000 });
    call.pause();
    clock.advance(60_000);
    equal(ear.failure, undefined);
    call.resume();
    await runsOut(clock, ear, 1_000, /idle_ms/);
  });
});

describe("the total timer", () => {
  test("holds though the answer goes on", async (t) => {
    const { clock, ear, upstream } = await underWay(
      t,
      (socket) => {
        socket.write(chunkedHead("text/event-stream"));
        const drip = setInterval(() => socket.write(chunk("x")), 5);
        socket.on("close", () => clearInterval(drip));
      },
      { idle_ms: 1_000, total_ms: 5_000 },
    );
    for (let time = 0; time < 9; time++) {
      clock.advance(500);
      const before = ear.bytes;
      await until(() => ear.bytes > before, "the next piece");
    }
    await runsOut(clock, ear, 500, /the whole answer took longer than 5000 ms/);
    equal(ear.failure?.kind, "timeout");
    await until(() => upstream.open === 0, "the connection to close");
  });

  for (const [name, total, left, expected] of [
    ["what is left of the exchange's time", 5_000, 300, 300],
    ["the provider's, when more is left", 200, 300, 200],
    ["what is left, where the provider has none", 0, 300, 300],
  ] as const) {
    test(name, async (t) => {
      const { clock, http } = client(t);
      const upstream = await tcpUpstream(t, () => undefined);
      const ear = new Ear();
      const provider = providerAt(upstream.origin, { total_ms: total });
      http.send(provider, { method: "POST", path: "/chat", headers: {}, body: "{}", totalMs: left }, ear);
      await runsOut(clock, ear, expected, new RegExp(`longer than ${expected} ms`));
    });
  }
});

test("a request that goes out once more has its time to connect again, but no more in all", async (t) => {
  const { clock, http } = client(t);
  let asked = 0;
  const upstream = await tcpUpstream(t, (socket) => {
    asked++;
    if (asked === 1) socket.write(httpAnswer(200, "text/plain", "hello"));
    else if (asked === 2) socket.destroy();
  });
  const limits = { connect_ms: 100, first_byte_ms: 1_000, total_ms: 1_500 };
  const first = new Ear();
  send(http, providerAt(upstream.origin, limits), first);
  await first.over();
  equal(clock.pending, 0);
  const ear = new Ear();
  send(http, providerAt(upstream.origin, limits), ear);
  await until(() => asked === 3, "the request to come again");
  await runsOut(clock, ear, 1_000, /first_byte_ms/);
});

test("what comes to its end, or is given up, leaves no timer", async (t) => {
  const limits = { connect_ms: 100, first_byte_ms: 100, idle_ms: 100, total_ms: 100 };
  const done = await underWay(t, (socket) => socket.write(chunkedHead("text/plain") + chunk("a") + LAST_CHUNK), limits);
  await done.ear.over();
  const given = await underWay(t, () => undefined, limits);
  given.call.abort();
  const broken = await underWay(t, (socket) => socket.destroy(), limits);
  await broken.ear.over();
  deepEqual(
    [done, given, broken].map(({ clock }) => clock.pending),
    [0, 0, 0],
  );
});
