import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Cleanup } from "./support/in-process.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { type RunningRouter, startRouter } from "./support/router.ts";
import { chunk, chunkedHead, tcpUpstream } from "./support/tcp-upstream.ts";
import { until } from "./support/until.ts";

async function running(test: Cleanup, toml: string): Promise<RunningRouter> {
  const router = await startRouter(toml);
  test.after(() => router.close());
  return router;
}

const SLOW = [
  `[server]\nport = 0`,
  `[logging]\nenabled = true`,
  `[[providers]]\nname = "slow"\nformat = "simulated"\ntokens_per_s = 20\nttft_ms = 300`,
  `[[routers]]\ntype = "fallback"`,
].join("\n\n");

const messages = [{ role: "user", content: "say a few words" }];
const chat = (stream: boolean, path = "/v1/chat/completions") =>
  post(path, JSON.stringify({ model: "m", max_tokens: 100, stream, messages }));

/** Text, and then nothing any more. */
const BEGUN = `${chunkedHead("text/event-stream")}${chunk(
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hello"},"finish_reason":null}]}\n\n`,
)}`;

function stuckConfig(origin: string, drain_s: number): string {
  return [
    `[server]\nport = 0\ndrain_s = ${drain_s}`,
    `[logging]\nenabled = true`,
    `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${origin}/v1"`,
    `[[routers]]\ntype = "fallback"`,
  ].join("\n\n");
}

function outcomes(router: RunningRouter): string[] {
  const text = readFileSync(join(router.folder, "logs/requests.jsonl"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).outcome);
}

describe("SIGTERM", () => {
  test("what is under way ends well, no new work is taken, idle connections are closed, exit code 0", async (t) => {
    const router = await running(t, SLOW);
    const idle = await rawClient(router.url, "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await idle.hears("ok");
    const fresh = await rawClient(router.url);
    const [whole, stream] = [await rawClient(router.url, chat(false)), await rawClient(router.url, chat(true))];
    await stream.hears("data: ");
    router.signal("SIGTERM");
    await Promise.all([idle.ended(), fresh.ended()]);
    await rejects(rawClient(router.url), "still accepts");
    equal(whole.closed() || stream.closed(), false);
    match(await whole.ended(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*"object":"chat\.completion"/);
    match(await stream.ended(), /data: \[DONE\]\n\n/);
    equal(await router.ended, 0, router.logs());
    deepEqual(outcomes(router), ["ok", "ok"]);
  });

  test("a request that comes on a connection still open gets 503 and is told to come again", async (t) => {
    const router = await running(t, SLOW);
    const client = await rawClient(router.url, chat(true));
    await client.hears("data: ");
    router.signal("SIGTERM");
    await until(() => router.logs().includes("finishing what is under way"), "the signal to be heard");
    client.socket.write(chat(false, "/v1/messages"));
    const heard = await client.ended();
    const second = heard.slice(heard.indexOf("HTTP/1.1 503"));
    match(
      second,
      /^HTTP\/1\.1 503 [\s\S]*connection: close\r\n[\s\S]*retry-after: 1\r\n[\s\S]*x-should-retry: true\r\n/i,
    );
    match(second, /"type":"error"[\s\S]*being stopped/);
    equal(await router.ended, 0);
  });

  test("a second signal ends it within a second, whatever hangs, and its log is written out", async (t) => {
    const upstream = await tcpUpstream(t, (socket, { body }) => {
      if (body.includes('stream":true')) socket.write(BEGUN);
    });
    const router = await running(t, stuckConfig(upstream.origin, 600));
    const client = await rawClient(router.url, chat(true));
    await client.hears("Hello");
    router.signal("SIGINT");
    await until(() => router.logs().includes("finishing what is under way"), "the signal to be heard");
    const began = performance.now();
    router.signal("SIGTERM");
    equal(await router.ended, "SIGTERM");
    ok(performance.now() - began < 5_000);
  });
});

describe("a start in bad surroundings", () => {
  test("no log can be written: it serves, and says so", async (t) => {
    const router = await running(
      t,
      SLOW.replace("enabled = true", 'enabled = true\npath = "config.toml/requests.jsonl"'),
    );
    const client = await rawClient(router.url, chat(false));
    match(await client.hears("chat.completion"), /^HTTP\/1\.1 200 OK/);
    await until(() => /warn log config\.toml\/requests\.jsonl: /.test(router.logs()), "the warning");
    client.socket.destroy();
  });

  test("the terminal goes away: it serves on", async (t) => {
    const router = await startRouter(SLOW);
    t.after(() => router.close());
    router.closeOutput();
    writeFileSync(join(router.folder, "config.toml"), "[bad]");
    const client = await rawClient(router.url, chat(false));
    await client.hears("chat.completion");
    router.signal("SIGHUP");
    client.socket.write(chat(false));
    await until(() => client.heard().split("chat.completion").length === 3, "a second answer");
    client.socket.destroy();
    router.signal("SIGTERM");
    equal(await router.ended, 0);
  });
});
