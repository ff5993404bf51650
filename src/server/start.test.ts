import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { inProcess, oneProvider, startInProcess } from "../../test/support/in-process.ts";
import { post, rawClient } from "../../test/support/raw-client.ts";
import { tcpUpstream } from "../../test/support/tcp-upstream.ts";
import { until } from "../../test/support/until.ts";
import { addressOf } from "../../test/support/upstream/upstream.ts";

const SLOW = `[[providers]]\nname = "sim"\nformat = "simulated"\ntokens_per_s = 60\n[[routers]]\ntype = "fallback"`;
const STREAM = JSON.stringify({
  model: "m",
  stream: true,
  messages: [{ role: "user", content: "say something that takes a while, a few dozen words should do for it" }],
});

describe("a router that stops", () => {
  test("lets a running stream end well, then is gone without waiting for more", async (t) => {
    const router = await inProcess(t, SLOW);
    const client = await rawClient(router.url, post("/v1/chat/completions", STREAM));
    await client.hears("data: ");
    const began = performance.now();
    await router.close();
    const took = performance.now() - began;
    match(await client.ended(), /data: \[DONE\]\n\n/);
    equal(router.completes()[0]?.outcome, "ok");
    ok(took < 9_000, `it took ${took} ms, as if it had been cut`);
    await rejects(rawClient(router.url));
  });

  test("cuts idle connections and watchers of the feed at once", async (t) => {
    const router = await inProcess(t, `[server]\ndashboard = true\n\n${SLOW}`);
    const idle = await rawClient(router.url, "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await idle.hears("ok");
    const watcher = await rawClient(router.url, "GET /dashboard/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await watcher.hears(": connected");
    const began = performance.now();
    await router.close();
    ok(performance.now() - began < 5_000);
    await Promise.all([idle.ended(), watcher.ended()]);
  });

  test("a stream that will not end is cut after a while, and recorded", { timeout: 60_000 }, async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const toml = `[server]\ndrain_s = 0.2\n\n${oneProvider("openai", `${upstream.origin}/v1`)}`;
    const router = await inProcess(t, toml);
    const client = await rawClient(router.url, post("/v1/chat/completions", STREAM));
    await until(() => upstream.requests.some(({ head }) => head[0]?.startsWith("POST")), "the provider to be asked");
    await router.close();
    await client.ended();
    equal(router.completes()[0]?.outcome, "stopping");
    await until(() => upstream.open === 0, "the provider's connections to close");
  });
});

describe("a router that cannot start", () => {
  test("rejects with node's own error, and leaves nothing running", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = addressOf(taken.address());
    await rejects(startInProcess(`[server]\nport = ${port}\n\n${SLOW}`, { keepPort: true }), { code: "EADDRINUSE" });
    taken.close();
  });
});

describe("clients that leave while queued behind another request", () => {
  test("the provider's calls of all of them are closed, and all are recorded", async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
    const bodies = [STREAM, STREAM, JSON.stringify({ ...JSON.parse(STREAM), stream: false })];
    // On a connection that is node:http's, which reads the next request before it has answered the one before.
    const client = await rawClient(router.url, "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await client.hears("ok");
    client.socket.write(bodies.map((body) => post("/v1/chat/completions", body)).join(""));
    const asked = () => upstream.requests.filter(({ head }) => head[0]?.startsWith("POST")).length;
    await until(() => asked() === 3, "the provider to be asked three times");
    client.socket.destroy();
    const done = await router.completed(3);
    deepEqual(
      done.map(({ outcome }) => outcome),
      ["client-gone", "client-gone", "client-gone"],
    );
    await delay(50);
    equal(router.completes().length, 3);
    await until(() => upstream.open <= 1, "the provider's connections to close");
  });
});
