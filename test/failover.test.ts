import { deepEqual, equal, match } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "./support/exchange.ts";
import { type Cleanup, type InProcessRouter, inProcess } from "./support/in-process.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, type TcpScript, tcpUpstream } from "./support/tcp-upstream.ts";
import { until } from "./support/until.ts";

const SSE = "text/event-stream";
const frame = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const ROLE = frame({ role: "assistant", content: "" });
const END = `${frame({}, "stop")}data: [DONE]\n\n`;
const CHEAPEST = `[[routers]]\ntype = "price"`;

function says(text: string): TcpScript {
  return (socket, { body }) => {
    if (body.includes('"stream":true')) {
      socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(frame({ content: text })) + chunk(END) + LAST_CHUNK);
      return;
    }
    const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }];
    const answer = { id: "c", object: "chat.completion", created: 1, model: "m", choices };
    socket.write(httpAnswer(200, "application/json", JSON.stringify(answer)));
  };
}

function fails(status: number, headers: string[] = []): TcpScript {
  const body = JSON.stringify({ error: { message: `broken ${status}`, type: "x", code: null } });
  return (socket) => void socket.write(httpAnswer(status, "application/json", body, headers));
}

interface Setting {
  failover?: string;
  provider?: string;
}

/** Providers `a`, `b`, … in this order. */
async function routed(t: Cleanup, scripts: readonly TcpScript[], setting: Setting = {}) {
  const upstreams = await Promise.all(scripts.map((script) => tcpUpstream(t, script)));
  const providers = upstreams.map(({ origin }, index) => {
    const name = "abcdef"[index];
    const head = `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${origin}/v1"`;
    return `${head}\ncost_per_1m_tokens = ${index}\n${setting.provider ?? ""}`;
  });
  const toml = [`[failover]\n${setting.failover ?? ""}`, ...providers, CHEAPEST].join("\n\n");
  const router = await inProcess(t, toml, { random: () => 0 });
  return { router, upstreams, calls: () => upstreams.map(({ requests }) => requests.length) };
}

const asked = (stream: boolean, more: object = {}) =>
  JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }], ...more });

function ask(router: InProcessRouter, stream = false, more: object = {}) {
  return exchange(`${router.url}/v1/chat/completions`, { body: asked(stream, more) });
}

test("a hedge that may not be made leaves its target to failover", async (t) => {
  let mood: "well" | "silent" | "dying" = "well";
  const a: TcpScript = (socket, request, n) => {
    if (mood === "well") says("from a")(socket, request, n);
    // Longer than any p95 of a provider in this process.
    if (mood === "dying") setTimeout(() => socket.destroy(), 1_000);
  };
  const { router } = await routed(t, [a, says("from b")], { failover: "hedge = true\nhedge_share = 0.0" });
  for (let turn = 0; turn < 20; turn++) await ask(router, true);
  mood = "silent";
  equal((await ask(router, true)).headers["x-router-provider"], "b");
  mood = "dying";
  const got = await ask(router, true);
  deepEqual([got.status, got.headers["x-router-provider"]], [200, "b"]);
});

test("where the next target asked to be left alone for long, the one that failed is asked again", async (t) => {
  let n = 0;
  const a: TcpScript = (socket, request, serial) => (++n === 3 ? says("a again") : fails(500))(socket, request, serial);
  const { router, calls } = await routed(t, [a, fails(429, ["retry-after: 500"])]);
  equal((await ask(router)).status, 429);
  const got = await ask(router);
  deepEqual([got.status, calls()], [200, [3, 1]]);
  match(String(got.body), /a again/);
});

describe("what a target is left with", () => {
  test("an error inside its stream, before content: its connection is closed at once", async (t) => {
    const a: TcpScript = (socket) =>
      void socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(`data: {"error":{"message":"no"}}\n\n`));
    const { router, upstreams } = await routed(t, [a, says("from b")]);
    equal((await ask(router, true)).headers["x-router-provider"], "b");
    await until(() => upstreams[0]?.cut === 1, "the connection of the failed attempt to close", 5_000);
  });

  test("an error inside its stream, after content: its connection is closed at once", async (t) => {
    const a: TcpScript = (socket) =>
      void socket.write(
        chunkedHead(SSE) + chunk(ROLE) + chunk(frame({ content: "x" })) + chunk(`data: {"error":{"message":"no"}}\n\n`),
      );
    const { router, upstreams } = await routed(t, [a]);
    match(String((await ask(router, true)).body), /"error"/);
    await until(() => upstreams[0]?.cut === 1, "the connection of the broken answer to close", 5_000);
  });
});

test("a client that leaves the line is billed nothing: nothing was sent for it", async (t) => {
  const { router, upstreams } = await routed(t, [() => undefined], { provider: "max_concurrency = 1" });
  const first = await rawClient(router.url, post("/v1/chat/completions", asked(true)));
  await until(() => upstreams[0]?.requests.length === 1, "the first request");
  const second = await rawClient(router.url, post("/v1/chat/completions", asked(true)));
  await until(() => router.starts().length === 2, "the second request");
  second.socket.destroy();
  const [complete] = await router.completed();
  deepEqual([complete?.outcome, complete?.usage], ["client-gone", null]);
  first.socket.destroy();
  await router.completed(2);
});

test("a conversation whose first target always fails keeps the cache of the one that answers", async (t) => {
  const { router } = await routed(t, [fails(500), says("from b")]);
  for (let turn = 0; turn < 2; turn++) await ask(router, true, { prompt_cache_key: "talk" });
  const completes = await router.completed(2);
  deepEqual(
    completes.map(({ warnings }) => warnings.map(({ warning }) => warning)),
    [[], []],
  );
  equal(completes[0]?.prefix_hash, completes[1]?.prefix_hash);
  equal(typeof completes[0]?.prefix_hash, "string");
});
