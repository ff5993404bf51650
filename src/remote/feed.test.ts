import assert from "node:assert/strict";
import { test } from "node:test";
import { cuttable } from "../../test/support/browser/cuttable.ts";
import { inProcess } from "../../test/support/in-process.ts";
import { statusSchema } from "../api/routing.ts";
import { type FeedItem, watchFeed } from "./feed.ts";
import { RemoteError, RemoteRouter } from "./remote-router.ts";

const SIMULATED = `[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n`;

async function ask(url: string, key = ""): Promise<void> {
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
  const headers = { "content-type": "application/json", authorization: `Bearer ${key}` };
  assert.equal((await fetch(`${url}/v1/chat/completions`, { method: "POST", body, headers })).status, 200);
}

test("the feed gives connection and events, with the key, and ends when told", async (t) => {
  const router = await inProcess(t, `[server]\nport = 0\ndashboard = true\napi_key_env = "K"\n${SIMULATED}`, {
    env: { K: "secret" },
  });
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const item of watchFeed(new RemoteRouter(`${router.url}/`, "secret"), { signal: stop.signal })) {
    seen.push(item.type);
    if (item.type === "connected") await ask(router.url, "secret");
    if (item.type === "complete") stop.abort();
  }
  assert.equal(seen[0], "connected");
  assert.ok(seen.includes("start") && seen.at(-1) === "complete", seen.join());
});

test("a feed that breaks off is taken up again where it ended", async (t) => {
  const router = await inProcess(t, `[server]\nport = 0\ndashboard = true\n${SIMULATED}`);
  const stop = new AbortController();
  const way = await cuttable(t, router.url);
  const remote = new RemoteRouter(way.url, undefined);
  const items: FeedItem[] = [];
  for await (const item of watchFeed(remote, { signal: stop.signal })) {
    items.push(item);
    const count = (type: string) => items.filter((one) => one.type === type).length;
    if (item.type === "connected" && count("connected") === 1) await ask(router.url);
    if (item.type === "complete" && count("complete") === 1) way.cut();
    // What happens before it is back is not lost to it.
    if (item.type === "disconnected" && count("disconnected") === 1) {
      await ask(router.url);
      way.mend();
    }
    if (count("complete") === 2) stop.abort();
  }
  const ids = items.flatMap((item) => (item.type === "complete" ? [item.id] : []));
  assert.equal(new Set(ids).size, 2);
});

test("what makes watching useless is said, with what to do", async (t) => {
  const withKey = await inProcess(t, `[server]\nport = 0\ndashboard = true\napi_key_env = "K"\n${SIMULATED}`, {
    env: { K: "secret" },
  });
  const without = await inProcess(t, `[server]\nport = 0\n${SIMULATED}`);
  await fails(() => watchFeed(new RemoteRouter(withKey.url, "wrong")).next(), "unauthorized", /asks for a key/);
  await fails(() => watchFeed(new RemoteRouter(without.url, undefined)).next(), "absent", /dashboard = true/);
  await fails(
    () => new RemoteRouter("http://127.0.0.1:1", undefined).request("/health"),
    "unreachable",
    /no router answers/,
  );
  const status = new RemoteRouter(withKey.url, "secret").get("/router/status", statusSchema);
  assert.equal((await status).in_flight, 0);
  const strange = new RemoteRouter(without.url, undefined).get("/v1/models", statusSchema);
  await fails(() => strange, "strange", /did not answer as a router/);
});

test("a router that is not there is waited for", async () => {
  const stop = new AbortController();
  for await (const item of watchFeed(new RemoteRouter("http://127.0.0.1:1", undefined), { signal: stop.signal })) {
    assert.equal(item.type, "disconnected");
    assert.ok(item.type === "disconnected" && /no router answers/.test(item.reason));
    stop.abort();
  }
});

async function fails(action: () => Promise<unknown>, kind: RemoteError["kind"], message: RegExp): Promise<void> {
  await assert.rejects(
    action,
    (error) => error instanceof RemoteError && error.kind === kind && message.test(error.message),
  );
}
