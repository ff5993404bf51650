import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { parse } from "smol-toml";
import type { Cleanup } from "../../test/support/in-process.ts";
import { post, rawClient } from "../../test/support/raw-client.ts";
import { chunk, chunkedHead, tcpUpstream } from "../../test/support/tcp-upstream.ts";
import { until } from "../../test/support/until.ts";
import { buildParts } from "../cli/parts.ts";
import { configSchema } from "../config/config.ts";
import { startRouter } from "./start.ts";

const STREAM = post(
  "/v1/chat/completions",
  JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] }),
);
const BEGUN = `${chunkedHead("text/event-stream")}${chunk(
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}\n\n`,
)}`;

async function reloadable(test: Cleanup, head: string) {
  const upstream = await tcpUpstream(test, (socket) => void socket.write(BEGUN));
  const toml = [
    head,
    `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.origin}/v1"`,
    `[[routers]]\ntype = "fallback"`,
  ].join("\n");
  const config = configSchema.parse(parse(toml));
  const parts = () =>
    buildParts(
      { ...config, server: { ...config.server, port: 0 } },
      {},
      {
        random: Math.random,
        programLog: () => undefined,
      },
    );
  const router = await startRouter(parts());
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= router.close();
    return closing;
  };
  test.after(close);
  return { router, parts, close };
}

test("what began on a version while the next one was being built is ended too when the router stops", async (t) => {
  const { router, parts, close } = await reloadable(t, "[server]\ndrain_s = 0.2");
  const swapping = router.swap(parts());
  const client = await rawClient(router.url, STREAM);
  await client.hears("Hello");
  await swapping;
  await router.swap(parts());
  await close();
  match(client.heard(), /being stopped/);
});

test("what is known of a provider is forgotten when it is gone, and when its address, format or key is another", async (t) => {
  const config = (names: string[], keyOfA: string) =>
    configSchema.parse({
      server: { port: 0 },
      failover: { max_attempts: 1 },
      providers: names.map((name) => ({
        name,
        format: "openai",
        base_url: "http://127.0.0.1:1/v1",
        headers: { "x-key": name === "a" ? keyOfA : "same" },
        max_concurrency: 1,
      })),
      routers: names.map((name) => ({ type: "prefix", model_prefix: name, provider: name })),
    });
  const tools = { random: Math.random, programLog: () => undefined };
  const parts = buildParts(config(["a", "b", "gone"], "one"), {}, tools);
  const router = await startRouter(parts);
  t.after(() => router.close());
  const known = async () => {
    const { providers } = JSON.parse(await (await fetch(`${router.url}/router/providers`)).text());
    return providers.map(
      ({ name, live }: { name: string; live: { state: string; load: { mean_ms: number | null } } }) =>
        [name, live.state, live.load.mean_ms === null ? "no mean" : "a mean"].join(", "),
    );
  };
  for (const name of ["a", "b", "gone"]) {
    const body = JSON.stringify({ model: name, messages: [{ role: "user", content: "hi" }] });
    for (let turn = 0; turn < 5; turn++)
      equal((await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body })).status, 502);
  }
  deepEqual(await known(), ["a, open, a mean", "b, open, a mean", "gone, open, a mean"]);
  const next = buildParts(config(["a", "b"], "two"), {}, tools, parts);
  await router.swap(next);
  deepEqual(await known(), ["a, closed, no mean", "b, open, a mean"]);
  await router.swap(buildParts(config(["a", "b", "gone"], "two"), {}, tools, next));
  deepEqual(await known(), ["a, closed, no mean", "b, open, a mean", "gone, closed, no mean"]);
});

test("a stream whose body is still coming when streams are ended gets no further", async (t) => {
  const { router, close } = await reloadable(t, "[server]\ndrain_s = 0.2");
  const [head, body] = [STREAM.slice(0, -10), STREAM.slice(-10)];
  const early = await rawClient(router.url, STREAM);
  await early.hears("Hello");
  const client = await rawClient(router.url, head);
  // Its head is read before what comes after it on another connection.
  equal((await fetch(`${router.url}/health`)).status, 200);
  const closing = close();
  await early.hears(/being stopped/);
  client.socket.write(body);
  match(await client.hears(/HTTP\/1\.1 \d+/), /HTTP\/1\.1 503/);
  match(await client.hears(/being stopped/), /"stopping"/);
  client.socket.destroy();
  await closing;
});

test("max_in_flight counts what began before a reload", async (t) => {
  const { router, parts } = await reloadable(t, "[overload]\nmax_in_flight = 1");
  const client = await rawClient(router.url, STREAM);
  await client.hears("Hello");
  await router.swap(parts());
  const second = await rawClient(router.url, STREAM);
  match(await second.hears(/HTTP\/1\.1 \d+/), /HTTP\/1\.1 503/);
  client.socket.destroy();
  await until(async () => (await fetch(`${router.url}/ready`)).status === 200, "the router to be ready again");
  second.socket.destroy();
  equal(router.version, 2);
});
