import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess } from "../../../test/support/in-process.ts";
import { rawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { addressOf } from "../../../test/support/upstream/upstream.ts";
import type { JsonObject } from "../../core/json.ts";
import type { RouterEvent } from "../../record/events.ts";
import { Feed } from "../../record/feed.ts";
import { feedEndpoint } from "./feed.ts";

const SIMULATED = `[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;
const TOML = `[server]\ndashboard = true\n\n${SIMULATED}`;
const WATCH = "GET /dashboard/events HTTP/1.1\r\nhost: localhost\r\n\r\n";

function chat(text: string): string {
  return JSON.stringify({ model: "m", messages: [{ role: "user", content: text }] });
}

/** The frames with an id: the id and the event. */
function eventsIn(heard: string): { id: string; event: JsonObject }[] {
  const text = Buffer.from(heard, "latin1").toString();
  return [...text.matchAll(/^id: (\S+)\ndata: (.*)$/gm)].map(([, id = "", json = ""]) => ({
    id,
    event: JSON.parse(json),
  }));
}

const watchAfter = (id: string) => WATCH.replace("\r\n\r\n", `\r\nlast-event-id: ${id}\r\n\r\n`);

describe("the feed", () => {
  test("is not there unless the dashboard is enabled", async (t) => {
    const router = await inProcess(t, SIMULATED);
    equal((await exchange(`${router.url}/dashboard/events`)).status, 404);
    equal((await exchange(`${router.url}/dashboard`)).status, 404);
  });

  test("every watcher gets every event as one data line, the very object of the log", async (t) => {
    const router = await inProcess(t, TOML);
    const watchers = await Promise.all([rawClient(router.url, WATCH), rawClient(router.url, WATCH)]);
    for (const watcher of watchers) await watcher.hears(": connected\n\n");
    await exchange(`${router.url}/v1/chat/completions`, { body: chat("line\nbreak 模型") });
    for (const watcher of watchers) {
      await watcher.hears('"type":"complete"');
      await watcher.hears(/\n\n\r\n$/);
      const text = Buffer.from(watcher.heard(), "latin1").toString();
      const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ""));
      deepEqual(events, JSON.parse(JSON.stringify(router.events)));
      watcher.socket.destroy();
    }
  });

  test("a provider that is left alone is told of; sinks of the log do not hear of it", async (t) => {
    const logged: string[] = [];
    const log = { active: true, completeOnly: true, take: ({ type }: RouterEvent) => void logged.push(type) };
    const broken = TOML.replace('"simulated"', '"simulated"\nerror_rate = 1\nerrors = [500]');
    const router = await inProcess(t, broken, { sinks: [log] });
    const watcher = await rawClient(router.url, WATCH);
    await watcher.hears(": connected\n\n");
    for (let turn = 0; turn < 5; turn++) await exchange(`${router.url}/v1/chat/completions`, { body: chat("hi") });
    await watcher.hears(
      /"type":"provider",.*"provider":"sim","model":"m","state":"open","reason":"5 failures in a row, the last: target/,
    );
    await router.settled();
    deepEqual([...new Set(logged)], ["complete"]);
    watcher.socket.destroy();
  });

  test("who comes back gets what it missed, once, and is told when that is not to be had", async (t) => {
    const router = await inProcess(t, TOML);
    const ask = (text: string) => exchange(`${router.url}/v1/chat/completions`, { body: chat(text) });
    const watcher = await rawClient(router.url, WATCH);
    await watcher.hears(/\n\nid: \S+-0\n\n/);
    await ask("one");
    await watcher.hears(/"type":"complete".*\n\n\r\n$/);
    watcher.socket.destroy();
    const seen = eventsIn(watcher.heard());
    const lastId = seen.at(-1)?.id ?? "";
    for (const text of ["two", "three"]) await ask(text);
    await router.completed(3);
    const query = await rawClient(router.url, WATCH.replace("events", `events?last_event_id=${lastId}`));
    const again = await rawClient(router.url, watchAfter(lastId));
    for (const { heard, hears, socket } of [again, query]) {
      await hears(/(?:"type":"complete"[\s\S]*){2}\n\nid: /);
      const missed = eventsIn(heard()).map(({ event }) => event);
      deepEqual([...seen.map(({ event }) => event), ...missed], JSON.parse(JSON.stringify(router.events)));
      ok(!heard().includes("event: missed"));
      socket.destroy();
    }
    const other = await rawClient(router.url, watchAfter("m1abc-7"));
    await other.hears('event: missed\ndata: {"type":"missed","last_event_id":"m1abc-7","why":"restarted"}\n\n');
    await other.hears(/"type":"complete"[\s\S]*\n\nid: /);
    equal(eventsIn(other.heard()).length, router.events.length);
    other.socket.destroy();
  });

  test("a watcher that leaves is forgotten", async (t) => {
    const router = await inProcess(t, TOML);
    const watcher = await rawClient(router.url, WATCH);
    await watcher.hears(": connected");
    watcher.socket.destroy();
    for (let turn = 0; turn < 5; turn++) await exchange(`${router.url}/v1/chat/completions`, { body: chat("hi") });
    equal((await router.completed(5)).length, 5);
  });

  test("one that does not keep up is cut off; requests and the others do not notice", {
    timeout: 60_000,
  }, async (t) => {
    const router = await inProcess(t, TOML);
    const stuck = await rawClient(router.url, WATCH);
    await stuck.hears(": connected");
    stuck.socket.pause();
    const awake = await rawClient(router.url, WATCH);
    await awake.hears(": connected");
    const body = chat("x".repeat(1024 * 1024));
    let asked = 0;
    await until(
      async () => {
        asked++;
        equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
        if (asked < 12) return false;
        // The end of a connection shows only to who reads on.
        stuck.socket.resume();
        return stuck.closed();
      },
      "the slow watcher to be cut off",
      50_000,
    );
    const complete = () => awake.heard().split('"type":"complete"').length - 1;
    await until(() => complete() === asked, "the other watcher to hear everything");
    ok(!awake.closed());
    awake.socket.destroy();
  });

  test("a hundred that do not read share their memory, and are forgotten when they are too far behind", {
    timeout: 60_000,
  }, async (t) => {
    const feed = new Feed();
    const endpoint = feedEndpoint(feed, { begin: (_wantsProgress, ready) => ready([]) });
    const server = createServer(
      (req, res) => void endpoint({ req, res, path: "", search: new URLSearchParams(), rest: "", key: undefined }),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${addressOf(server.address()).port}`;
    const watchers = await Promise.all(Array.from({ length: 100 }, () => rawClient(url, WATCH)));
    t.after(async () => {
      for (const { socket } of watchers) socket.destroy();
      server.close();
    });
    for (const { socket, hears } of watchers) {
      await hears(": connected");
      socket.pause();
    }
    const json = `"${"x".repeat(64 * 1024)}"`;
    const event: RouterEvent = { type: "classified", id: "1", ts_ms: 1, tags: [] };
    const before = process.memoryUsage().rss;
    let sent = 0;
    await until(
      () => {
        feed.take(event, json);
        sent += json.length;
        return !feed.watched;
      },
      "all to be forgotten",
      50_000,
    );
    ok(sent < 64 * 1024 * 1024, `${sent} bytes sent before`);
    // Each with its own copy would be 400 MB; what the system buffers is not the process's.
    ok(process.memoryUsage().rss - before < 200 * 1024 * 1024);
  });
});
