import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import type { ProviderEvent } from "../src/record/events.ts";
import { exchange } from "./support/exchange.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { type Cleanup, type InProcessRouter, inProcess } from "./support/in-process.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { httpAnswer, startTcpUpstream, type TcpScript, tcpUpstream } from "./support/tcp-upstream.ts";
import { until } from "./support/until.ts";

const says =
  (content: string): TcpScript =>
  (socket) => {
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
    const answer = { id: "c", object: "chat.completion", created: 1, model: "m", choices };
    socket.write(httpAnswer(200, "application/json", JSON.stringify(answer)));
  };

const fails =
  (status: number, headers: string[] = [], message = `broken ${status}`): TcpScript =>
  (socket) =>
    void socket.write(httpAnswer(status, "application/json", JSON.stringify({ error: { message } }), headers));

const cuts: TcpScript = (socket) => void socket.destroy();
const hangs: TcpScript = () => undefined;

const RULE = `[[routers]]\ntype = "price"`;

interface Rig {
  router: InProcessRouter;
  clock: FakeClock;
  /** How each provider answers from now on. */
  scripts: Record<"a" | "b", TcpScript>;
  calls(): { a: number; b: number };
  open: Socket[];
  /** What the feed said of the providers: `a m open`. */
  told(): string[];
  events(): ProviderEvent[];
}

/** Two providers, of which `a` is preferred; time stands still. What has to wait between attempts does not. */
async function rig(
  t: Cleanup,
  more: { failover?: string; rule?: string; a?: string; originOfA?: string } = {},
): Promise<Rig> {
  const clock = new FakeClock();
  const scripts: Rig["scripts"] = { a: says("from a"), b: says("from b") };
  const open: Socket[] = [];
  const a = await tcpUpstream(t, (socket, request, serial) => {
    open.push(socket);
    scripts.a(socket, request, serial);
  });
  const b = await tcpUpstream(t, (...asked) => scripts.b(...asked));
  const provider = (name: string, origin: string) =>
    `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${origin}/v1"\napi_key_env = "KEY"`;
  const toml = [
    `[failover]\nretry_share = 1.0\n${more.failover ?? ""}`,
    `${provider("a", more.originOfA ?? a.origin)}\n${more.a ?? ""}`,
    `${provider("b", b.origin)}\ncost_per_1m_tokens = 1`,
    more.rule ?? RULE,
  ].join("\n\n");
  const router = await inProcess(t, toml, { clock, random: () => 0, env: { KEY } });
  const events = () => router.events.filter((event) => event.type === "provider");
  return {
    router,
    clock,
    scripts,
    open,
    calls: () => ({ a: a.requests.length, b: b.requests.length }),
    events,
    told: () => events().map(({ provider, model, state, alarm }) => `${provider} ${model} ${alarm ?? state}`),
  };
}

const KEY = "canary-key-0123456789";

const BODY = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
const ASKED = { head: [], body: Buffer.from(BODY) };

function ask({ router }: Rig, model = "m") {
  const body = BODY.replace('"m"', JSON.stringify(model));
  return exchange(`${router.url}/v1/chat/completions`, { body });
}

/** Who answered. */
async function asked(from: Rig, model = "m"): Promise<unknown> {
  const got = await ask(from, model);
  return got.status === 200 ? got.headers["x-router-provider"] : got.status;
}

/** Whom the last request asked. */
async function attempts({ router }: Rig): Promise<unknown> {
  await router.settled();
  return router
    .completes()
    .at(-1)
    ?.attempts.map(({ provider }) => provider);
}

async function times(count: number, run: () => Promise<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let at = 0; at < count; at++) all.push(await run());
  return [...new Set(all)];
}

describe("a target that fails five times in a row", () => {
  test("is left alone, gets one probe after its pause, and is asked again when it answers", async (t) => {
    const it = await rig(t);
    it.scripts.a = fails(500);
    deepEqual(await times(5, () => asked(it)), ["b"]);
    deepEqual(it.calls(), { a: 5, b: 5 });
    deepEqual(await times(5, () => asked(it)), ["b"]);
    deepEqual(it.calls(), { a: 5, b: 10 });
    it.clock.advance(999);
    equal(await asked(it), "b");
    equal(it.calls().a, 5);

    it.clock.advance(1);
    it.scripts.a = hangs;
    const probe = asked(it);
    await until(() => it.calls().a === 6, "the probe");
    deepEqual(await times(5, () => asked(it)), ["b"]);
    equal(it.calls().a, 6);
    says("from a")(it.open[5] ?? fail(), ASKED, 0);
    equal(await probe, "a");

    it.scripts.a = says("from a");
    deepEqual(await times(3, () => asked(it)), ["a"]);
    deepEqual(it.told(), ["a m open", "a m probing", "a m closed"]);
    const [first] = it.events();
    deepEqual([first?.pause_ms, first?.reason], [1_000, "5 failures in a row, the last: target (500)"]);
    deepEqual(
      it.router.log.filter((line) => line.includes("provider a, model m")),
      [
        "warn: provider a, model m: open: 5 failures in a row, the last: target (500)",
        "info: provider a, model m: probing: its pause is over: one request tries it",
        "info: provider a, model m: closed: it answers again",
      ],
    );
  });

  test("its pause grows with each probe that fails, up to a minute", async (t) => {
    const it = await rig(t);
    it.scripts.a = fails(503);
    await times(5, () => asked(it));
    for (const pause of [1, 2, 4, 8, 16, 32, 60, 60]) {
      equal(it.events().at(-1)?.pause_ms, pause * 1_000);
      it.clock.advance(pause * 1_000 - 1);
      const { a } = it.calls();
      equal(await asked(it), "b");
      equal(it.calls().a, a);
      it.clock.advance(1);
      equal(await asked(it), "b");
      equal(it.calls().a, a + 1);
    }
  });

  test("what was under way when it was taken out decides nothing: neither its failures nor who leaves", async (t) => {
    const it = await rig(t);
    it.scripts.a = hangs;
    const [late, later] = [asked(it), asked(it)];
    const leaver = await rawClient(it.router.url, post("/v1/chat/completions", BODY));
    await until(() => it.calls().a === 3, "three to be under way");
    it.scripts.a = fails(500);
    await times(5, () => asked(it));
    it.clock.advance(1_000);
    it.scripts.a = hangs;
    const probe = asked(it);
    await until(() => it.calls().a === 9, "the probe");
    it.scripts.a = fails(500);

    // Of the first three one fails, one is answered, and the client of one leaves.
    const [first, second] = it.open.filter(({ destroyed }) => !destroyed);
    ok(first && second);
    first.destroy();
    leaver.socket.destroy();
    await until(() => it.router.completes().length === 7, "two to end");
    equal(await asked(it), "b");
    deepEqual([it.calls().a, it.told()], [9, ["a m open", "a m probing"]]);
    says("from a")(second, ASKED, 0);
    await until(() => it.router.completes().length === 9, "another to end");
    equal(await asked(it), "b");
    deepEqual([it.calls().a, it.told()], [9, ["a m open", "a m probing"]]);

    says("from a")(it.open.at(-1) ?? fail(), ASKED, 0);
    equal(await probe, "a");
    deepEqual(it.told(), ["a m open", "a m probing", "a m closed"]);
    deepEqual([await late, await later].toSorted(), ["a", "b"]);
  });

  test("its other models are asked on", async (t) => {
    const it = await rig(t);
    it.scripts.a = fails(500);
    await times(5, () => asked(it, "broken"));
    it.scripts.a = says("from a");
    deepEqual([await asked(it, "broken"), await asked(it, "well")], ["b", "a"]);
  });

  test("what ends a connection or never begins is a fault as well", async (t) => {
    const failover = "[breaker]\nconsecutive_failures = 1";
    const it = await rig(t, { a: "timeout = { first_byte_ms = 50 }", failover });
    for (const [model, script] of [
      ["cut", cuts],
      ["hangs", () => it.clock.advance(50)],
      ["no HTTP", (socket: Socket) => void socket.write("what?\r\n\r\n")],
      ["malformed", (socket: Socket) => void socket.write(httpAnswer(200, "text/html", "<p>"))],
    ] as const) {
      it.scripts.a = script;
      equal(await asked(it, model), "b");
      it.scripts.a = says("from a");
      equal(await asked(it, model), "b");
      ok(it.told().includes(`a ${model} open`), model);
    }
  });
});

test("more than half of twenty requests failed within ten seconds: left alone", async (t) => {
  const it = await rig(t);
  const turn = async (at: number) => {
    it.scripts.a = at % 4 === 0 ? says("from a") : fails(502);
    it.clock.advance(400);
    return asked(it);
  };
  for (let at = 0; at < 19; at++) await turn(at);
  equal(it.calls().a, 19);
  deepEqual(it.told(), []);
  await turn(19);
  deepEqual(it.told(), ["a m open"]);
  match(it.events()[0]?.reason ?? "", /^15 of 20 requests failed within 10 s, the last: target \(502\)$/);
});

test("a provider without a connection is left alone with all its models, and probed for all of them", async (t) => {
  const gone = await startTcpUpstream(hangs);
  await gone.close();
  const it = await rig(t, { originOfA: gone.origin });
  for (const model of ["one", "two", "three", "four", "five"]) equal(await asked(it, model), "b");
  deepEqual(it.told(), ["a null open"]);
  match(it.events()[0]?.reason ?? "", /^5 failures in a row, the last: no connection: connect ECONNREFUSED/);
  equal(await asked(it, "never asked before"), "b");
  deepEqual(await attempts(it), ["b"]);
  it.clock.advance(1_000);
  equal(await asked(it, "six"), "b");
  deepEqual(await attempts(it), ["a", "b"]);
  equal(await asked(it, "seven"), "b");
  deepEqual(await attempts(it), ["b"]);
  deepEqual(it.told(), ["a null open", "a null probing", "a null open"]);
});

describe("somebody has to be asked", () => {
  test("all are left alone: the request is tried, and its answer brings the target back", async (t) => {
    const it = await rig(t, { failover: "max_attempts = 2" });
    it.scripts.a = fails(500);
    it.scripts.b = fails(500);
    await times(5, () => asked(it));
    deepEqual(it.told(), ["a m open", "b m open"]);
    equal(await asked(it), 502);
    deepEqual(it.calls(), { a: 6, b: 6 });
    it.scripts.a = says("from a");
    equal(await asked(it), "a");
    deepEqual(it.told(), ["a m open", "b m open", "a m closed"]);
  });

  test("one asked for a pause and the other fails: the other is tried, not the client sent away", async (t) => {
    const it = await rig(t, { failover: "max_attempts = 2" });
    it.scripts.a = fails(429, ["retry-after: 50"]);
    it.scripts.b = fails(500);
    await times(5, () => asked(it));
    deepEqual(it.told(), ["b m open"]);
    it.scripts.b = says("from b");
    equal(await asked(it), "b");
    equal(it.calls().a, 1);
  });

  test("both asked for a pause: the one whose is shorter is waited for", async (t) => {
    const it = await rig(t, { failover: "max_attempts = 2" });
    it.scripts.a = fails(429, ["retry-after: 50"]);
    it.scripts.b = fails(429, ["retry-after: 5"]);
    equal(await asked(it), 429);
    it.scripts.b = says("from b");
    const waits = asked(it);
    await until(() => it.router.starts().length === 2, "the second request");
    it.clock.advance(5_000);
    equal(await waits, "b");
  });
});

test("who has only what another left of the time is not blamed for it", async (t) => {
  const it = await rig(t, { a: "timeout = { first_byte_ms = 900, total_ms = 1000 }" });
  it.scripts.a = hangs;
  it.scripts.b = hangs;
  for (let turn = 1; turn <= 5; turn++) {
    const late = asked(it);
    await until(() => it.calls().a === turn, "the first target to be asked");
    it.clock.advance(900);
    await until(() => it.calls().b === turn, "the second target to be asked");
    it.clock.advance(100);
    equal(await late, 504);
  }
  deepEqual(it.told(), ["a m open"]);
});

describe("what waiting does not mend", () => {
  for (const [status, alarm] of [
    [401, "credential"],
    [403, "credential"],
    [402, "quota"],
    [404, "not-found"],
  ] as const) {
    test(`${status} raises one alarm a minute and takes nobody out; the next target answers`, async (t) => {
      const it = await rig(t);
      it.scripts.a = fails(status, [], `not with ${KEY}`);
      deepEqual(await times(20, () => asked(it)), ["b"]);
      deepEqual(it.calls(), { a: 20, b: 20 });
      deepEqual(it.told(), [`a m ${alarm}`]);
      deepEqual([it.events()[0]?.state, it.events()[0]?.reason], ["closed", `${alarm} (${status})`]);
      const lines = () => it.router.log.filter((line) => line.includes("alarm"));
      deepEqual(lines(), [`warn: provider a, model m: alarm (${alarm}): ${alarm} (${status})`]);
      it.clock.advance(59_999);
      await asked(it);
      equal(lines().length, 1);
      it.clock.advance(1);
      await asked(it);
      equal(lines().length, 2);
      const seen = JSON.stringify([it.router.events, it.router.log]);
      ok(!seen.includes(KEY));
    });
  }

  test("the caller's own mistakes count against nobody", async (t) => {
    const it = await rig(t);
    for (const status of [400, 413, 422]) {
      it.scripts.a = fails(status);
      deepEqual(await times(20, () => asked(it)), [status]);
    }
    it.scripts.a = says("from a");
    equal(await asked(it), "a");
    deepEqual([it.told(), it.calls()], [[], { a: 61, b: 0 }]);
  });
});

describe("Retry-After", () => {
  test("the next target answers, and the one that asked for a pause is not asked until it is over", async (t) => {
    const it = await rig(t);
    it.scripts.a = fails(429, ["retry-after: 30"]);
    equal(await asked(it), "b");
    it.scripts.a = says("from a");
    deepEqual(await times(5, () => asked(it)), ["b"]);
    equal(it.calls().a, 1);
    equal(await asked(it, "another model"), "a");
    it.clock.advance(30_000);
    equal(await asked(it), "a");
    deepEqual(it.told(), []);
  });

  const ALONE = `[[routers]]\ntype = "prefix"\nmodel_prefix = "m"\nprovider = "a"`;

  test("with nowhere else to go a request waits, as long as it may", async (t) => {
    const it = await rig(t, { rule: ALONE, failover: "max_wait_ms = 20000" });
    it.scripts.a = fails(429, ["retry-after: 20"]);
    const first = asked(it);
    await until(() => it.calls().a === 1, "the first to be sent");
    it.scripts.a = says("from a");
    const second = asked(it);
    await until(() => it.router.starts().length === 2, "the second to wait");
    it.clock.advance(19_999);
    equal(it.calls().a, 1);
    it.clock.advance(1);
    deepEqual([await first, await second], ["a", "a"]);
    equal(it.calls().a, 3);
  });

  test("longer than it may wait: 429, and when to come again", async (t) => {
    const it = await rig(t, { rule: ALONE, failover: "max_wait_ms = 20000" });
    it.scripts.a = fails(429, ["retry-after: 50"]);
    for (const [after, expected] of [
      [0, "50"],
      [20_000, "30"],
    ] as const) {
      it.clock.advance(after);
      const got = await ask(it);
      deepEqual([got.status, got.headers["retry-after"], got.headers["x-should-retry"]], [429, expected, undefined]);
    }
    equal(it.calls().a, 1);
  });
});

function fail(): never {
  throw new Error("the probe has no connection");
}
