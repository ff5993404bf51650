import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { exchange } from "../../test/support/exchange.ts";
import { inProcess } from "../../test/support/in-process.ts";
import { rawClient } from "../../test/support/raw-client.ts";
import { until } from "../../test/support/until.ts";
import type { ProgressEvent, RouterEvent } from "../record/events.ts";

const TOML = `[server]\ndashboard = true\n[[providers]]\nname = "sim"\nformat = "simulated"\ntokens_per_s = 30\n[[routers]]\ntype = "fallback"`;
const ASK = { model: "m", stream: true, messages: [{ role: "user", content: "one two three four five six seven" }] };

/** What a watcher heard. */
function eventsIn(heard: string): RouterEvent[] {
  const lines = Buffer.from(heard, "latin1")
    .toString()
    .matchAll(/^data: (.*)$/gm);
  return [...lines].map(([, json = ""]) => JSON.parse(json));
}

function progressIn(heard: string): ProgressEvent[] {
  return eventsIn(heard).filter((event) => event.type === "progress");
}

test("who asks for it hears an answer being said, piece by piece; others do not", async (t) => {
  const router = await inProcess(t, TOML);
  const watch = (query: string) =>
    rawClient(router.url, `GET /dashboard/events${query} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const other = await watch("");
  const answered = exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(ASK) });
  await until(() => router.starts().length === 1, "the start");
  // It comes when the answer is under way already.
  const watcher = await watch("?progress=1");
  await answered;
  await Promise.all([other, watcher].map((one) => one.hears('"type":"complete"')));
  const told = progressIn(watcher.heard());
  ok(told.length >= 2, `${told.length} pieces`);
  equal(progressIn(other.heard()).length, 0);
  const [complete] = await router.completed();
  const said = told.map(({ text }) => text ?? "").join("");
  ok(said.length > 0 && complete?.response?.content.startsWith(said), said);
  const types = eventsIn(watcher.heard()).map(({ type }) => type);
  deepEqual(types.slice(0, 3), ["start", "classified", "routed"], "what was under way when it came");
  equal(types.filter((type) => type === "start").length, 1);
  const tokens = told.map(({ output_tokens }) => output_tokens);
  ok(
    tokens.every((count, at) => count > (tokens[at - 1] ?? 0)),
    String(tokens),
  );
  for (const one of [other, watcher]) one.socket.destroy();
});

for (const content of ["redacted", "none"]) {
  test(`content = "${content}": how much is said, and not what`, async (t) => {
    const router = await inProcess(t, `[logging]\ncontent = "${content}"\n${TOML}`);
    const watcher = await rawClient(router.url, "GET /dashboard/events?progress=1 HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await watcher.hears(": connected");
    await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(ASK) });
    await watcher.hears('"type":"complete"');
    const told = progressIn(watcher.heard());
    ok(told.length >= 2, `${told.length} pieces`);
    ok(told.every(({ text, reasoning, output_tokens }) => text === null && reasoning === null && output_tokens > 0));
    watcher.socket.destroy();
  });
}
