import { deepEqual, equal, match, ok } from "node:assert/strict";
import { appendFile, mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { exchange } from "./support/exchange.ts";
import { type Cleanup, scratch } from "./support/in-process.ts";
import { rawClient } from "./support/raw-client.ts";
import { startRouter } from "./support/router.ts";
import { until } from "./support/until.ts";

const BODY = JSON.stringify({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "x".repeat(500) }] });

function config(path: string): string {
  return [
    `[server]\nport = 0\ndashboard = true`,
    `[logging]\nenabled = true\npath = ${JSON.stringify(path)}`,
    `[[providers]]\nname = "sim"\nformat = "simulated"\nttft_ms = 0`,
    `[[routers]]\ntype = "fallback"`,
  ].join("\n\n");
}

async function newPath(t: Cleanup): Promise<string> {
  return join(await scratch(t), "logs/requests.jsonl");
}

/** The id of an answered request. */
async function ask(url: string): Promise<string> {
  const { status, headers } = await exchange(`${url}/v1/chat/completions`, { body: BODY });
  equal(status, 200);
  return String(headers["x-router-id"]);
}

/** Of each whole line; the last one may be torn. */
async function recordedIds(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line).id);
}

/** Requests one after the other in several lines, until one fails; when each was answered. */
async function load(url: string, answered: Map<string, number>): Promise<void> {
  const line = async () => {
    for (;;) {
      const id = await ask(url).catch(() => undefined);
      if (id === undefined) return;
      answered.set(id, performance.now());
    }
  };
  await Promise.all([line(), line(), line(), line()]);
}

describe("a router that is killed", () => {
  test("loses no record that was written, nor one of a request answered a second before", {
    timeout: 60_000,
  }, async (t) => {
    const path = await newPath(t);
    const before: string[] = [];
    for (let turn = 0; turn < 2; turn++) {
      const router = await startRouter(config(path));
      t.after(() => router.close());
      const answered = new Map<string, number>();
      const loading = load(router.url, answered);
      await delay(1_100 + Math.random() * 300);
      const written = await recordedIds(path);
      const killed = performance.now();
      router.signal("SIGKILL");
      await Promise.all([loading, router.ended]);
      const kept = await recordedIds(path);
      deepEqual(written.slice(0, before.length), before);
      deepEqual(kept.slice(0, written.length), written);
      const recorded = new Set(kept);
      for (const [id, at] of answered) if (at < killed - 1_000) ok(recorded.has(id), "an answered request is missing");
      ok(kept.length > before.length);
      before.splice(0, before.length, ...kept);
    }
  });

  test("and leaves half a record: the next start cuts it off and says so", async (t) => {
    const path = await newPath(t);
    const first = await startRouter(config(path));
    t.after(() => first.close());
    const ids = [await ask(first.url)];
    await until(async () => (await recordedIds(path)).length === 1, "the record");
    first.signal("SIGKILL");
    await first.ended;
    await appendFile(path, '{"type":"complete","id":"324376dc');
    const second = await startRouter(config(path));
    t.after(() => second.close());
    await until(() => /warn log .*half a record.*33 bytes were cut off/.test(second.logs()), "it to say so");
    ids.push(await ask(second.url));
    second.signal("SIGTERM");
    equal(await second.ended, 0);
    deepEqual(await recordedIds(path), ids);
  });
});

describe("a log that cannot be written", () => {
  test("a full disk: every request is answered; when there is room again nothing is torn, and nothing is missing", {
    skip: process.platform === "win32",
  }, async (t) => {
    const path = await newPath(t);
    const router = await startRouter(config(path), {}, { maxFileBytes: 16 * 1024 });
    t.after(() => router.close());
    const watcher = await rawClient(router.url, "GET /dashboard/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await watcher.hears(": connected");
    const ids: string[] = [];
    for (let at = 0; at < 40; at++) ids.push(await ask(router.url));
    await until(() => /warn log .*EFBIG.*their records wait in memory/.test(router.logs()), "the trouble to be told");
    match(
      await watcher.hears('"type":"log"'),
      /"type":"log","ts_ms":\d+,"path":"[^"]+","ok":false,"dropped":0,"error":"[^"]+EFBIG/,
    );
    ids.push(await ask(router.url));
    for (let file = 1; !/info log .*is written again; nothing is missing/.test(router.logs()); file++) {
      ok(file < 20);
      await rename(path, `${path}.${file}`);
      await until(
        async () => /is written again/.test(router.logs()) || (await recordedIds(path)).length > 5,
        "it to write to another file",
      );
    }
    await watcher.hears('"ok":true,"dropped":0,"error":null');
    watcher.socket.destroy();
    router.signal("SIGTERM");
    equal(await router.ended, 0);
    const found: string[] = [];
    for (let file = 1; file < 20; file++) found.push(...(await recordedIds(`${path}.${file}`)));
    found.push(...(await recordedIds(path)));
    deepEqual(found, ids);
  });

  test("a folder in its place: said at the start, and requests are answered", async (t) => {
    const path = await newPath(t);
    await mkdir(path, { recursive: true });
    const router = await startRouter(config(path));
    t.after(() => router.close());
    await until(() => /warn log .*it is a folder.*EISDIR/.test(router.logs()), "it to say so");
    await ask(router.url);
    router.signal("SIGTERM");
    equal(await router.ended, 0);
    match(router.logs(), /error log .*; 1 record could not be written any more/);
  });
});
