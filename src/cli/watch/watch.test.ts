import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { sharedCompiled } from "../../../test/support/compiled.ts";
import { type Cleanup, inProcess, scratch } from "../../../test/support/in-process.ts";
import { until } from "../../../test/support/until.ts";
import type { CompleteEvent, RouterEvent } from "../../record/events.ts";
import { parseFilter } from "../../remote/filter.ts";
import { linesOf } from "./lines.ts";
import { cutTo } from "./texts.ts";
import { Wanted } from "./wanted.ts";

const MAIN = join(import.meta.dirname, "..", "main.ts");
const PLAIN = { colours: false, width: 80, full: false };
const EVIL = "\u001b]0;owned\u0007\u009b2J\u202etxet\r\nforged";

const START: RouterEvent = {
  type: "start",
  id: "0123456789",
  ts_ms: 0,
  model: "gpt-5.5",
  in_flight: 1,
  client: "openai",
  agent: "codex",
  key: null,
  session: null,
  stream: true,
  preview: "Fix the clock",
};
const USAGE = {
  input_tokens: 1204,
  output_tokens: 83,
  cached_read_tokens: 1000,
  cache_write_tokens: 0,
  reasoning_tokens: 0,
};
const COMPLETE: CompleteEvent = {
  type: "complete",
  id: "0123456789",
  ts_ms: 0,
  provider: "claude",
  requested_model: "gpt-5.5",
  sent_model: "opus",
  duration_ms: 1_240,
  tags: [],
  plugins: ["web"],
  trace_id: null,
  system: "Be brief",
  messages: [{ role: "user", content: [{ type: "text", text: "Fix\nthe clock" }, { type: "image" }] }],
  response: {
    id: "r",
    model: "opus",
    content: "Done.\nIt ticks.",
    stop_reason: "end_turn",
    tool_calls: [{ id: "c", name: "read_file", arguments: {} }],
    usage: { input_tokens: 1204, output_tokens: 83 },
    tags: ["refusal"],
  },
  error: null,
  outcome: "ok",
  status: 200,
  client: "openai",
  agent: "codex",
  key: null,
  session: null,
  stream: true,
  passthrough: false,
  time_to_first_token_ms: 400,
  usage: { ...USAGE, reported: true },
  cost: { usd: 0.00312, source: "configured" },
  losses: [
    { field: "seed", treatment: "dropped", class: "report" },
    { field: "user", treatment: "dropped", class: "silent" },
  ],
  decision: [],
  warnings: [],
  attempts: [],
  config_version: 1,
  prefix_hash: null,
};
const FAILED: RouterEvent = {
  type: "attempt",
  id: "0123456789",
  ts_ms: 0,
  attempt: 1,
  provider: "local",
  model: "qwen",
  outcome: "timeout",
  at_ms: 0,
  ms: 30_000,
  error: "no answer",
  next: { provider: "claude", model: "opus" },
};

/** Without the time, which is the reader's own. */
const shown = (event: RouterEvent, look = PLAIN) => linesOf(event, look).map((line) => line.slice(9));

test("each step has its line: who asks what, where it goes, what failed, what came of it", () => {
  const routed: RouterEvent = {
    type: "routed",
    id: "0123456789",
    ts_ms: 0,
    provider: "local",
    model: "qwen",
    decision: [{ rule: 0, label: "price → cheapest", outcome: "chosen" }],
  };
  const from = { provider: "cloud", model: "gpt-5.5" };
  const to = { provider: "local", model: "qwen" };
  const moved = { ...routed, switched: { from, to, uncached_tokens: 41_830, usd: 0.047 } };
  deepEqual(shown(moved).slice(1), ["01234567 ⇄ leaves cloud · gpt-5.5: 41,830 tokens uncached, $0.047 more"]);
  const classified: RouterEvent = { type: "classified", id: "0123456789", ts_ms: 0, tags: ["code", "long"] };
  deepEqual(
    [START, classified, routed, FAILED, COMPLETE].flatMap((event) => shown(event)),
    [
      "01234567 ▶ codex · gpt-5.5 · stream",
      "01234567 » Fix the clock",
      "01234567 # code, long",
      "01234567 → local · qwen (price → cheapest)",
      "01234567 ✗ local timeout after 30.0 s → claude · opus: no answer",
      "01234567 « Done. It ticks.",
      "01234567 « calls read_file",
      "01234567 # refusal",
      "01234567 + plugins web",
      "01234567 ! lost: seed dropped",
      "01234567 ✓ 200 · claude · 1,204 (1,000 cached) → 83 tokens · $0.0031",
      "01234567   first 400 ms · 1.2 s",
    ],
  );
});

test("an error says what it was, and what was estimated or is not known is not claimed", () => {
  const usage = { ...USAGE, cached_read_tokens: 0, reported: false };
  const failed = {
    ...COMPLETE,
    outcome: "timeout",
    status: 504,
    error: "no answer",
    response: null,
    usage,
    losses: [],
  };
  deepEqual(shown({ ...failed, plugins: [], cost: { usd: null, source: "unknown" } }), [
    "01234567 ✗ timeout: no answer",
    "01234567 ✗ 504 · claude · ~1,204 → 83 tokens · first 400 ms · 1.2 s",
  ]);
  const gone = { ...failed, outcome: "client-gone", status: null, provider: null, usage: null, plugins: [] };
  equal(
    shown({ ...gone, cost: { usd: 0, source: "none" }, time_to_first_token_ms: null }).at(-1),
    "01234567 ✗ no answer · 1.2 s",
  );
});

test("--full: the whole of it, line by line", () => {
  const lines = shown(COMPLETE, { ...PLAIN, full: true });
  deepEqual(lines.slice(0, 6), [
    "01234567 § Be brief",
    "01234567 » Fix",
    "01234567   the clock",
    "01234567   [image]",
    "01234567 « Done.",
    "01234567   It ticks.",
  ]);
  deepEqual(shown(START, { ...PLAIN, full: true }), ["01234567 ▶ codex · gpt-5.5 · stream"]);
});

test("nothing from outside reaches the terminal as an order, or makes a line of its own", () => {
  const response = { ...(COMPLETE.response ?? { tags: [] }), content: EVIL, tags: [EVIL], tool_calls: [] };
  const events: RouterEvent[] = [
    { ...START, id: EVIL, model: EVIL, agent: EVIL, preview: EVIL },
    { type: "classified", id: "1", ts_ms: 0, tags: [EVIL] },
    { type: "routed", id: "1", ts_ms: 0, provider: EVIL, model: EVIL, decision: [] },
    { ...FAILED, error: EVIL, outcome: EVIL },
    { type: "warning", id: "1", ts_ms: 0, warning: "plugin", message: EVIL, details: {} },
    { ...COMPLETE, error: EVIL, system: EVIL, response: { ...COMPLETE.response, ...response } } as CompleteEvent,
    { type: "provider", ts_ms: 0, provider: EVIL, model: null, state: "open", reason: EVIL, pause_ms: 0, alarm: null },
    { type: "config", ts_ms: 0, version: 2, ok: false, problems: [EVIL], source: "file", changes: [] },
    { type: "log", ts_ms: 0, path: EVIL, ok: false, dropped: 0, error: EVIL },
  ];
  for (const full of [false, true]) {
    for (const event of events) {
      const lines = linesOf(event, { ...PLAIN, full });
      ok(lines.length > 0);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there.
      for (const line of lines) doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]|^forged/);
    }
  }
});

test("lines end where the terminal does, wide signs counted as two", () => {
  deepEqual(
    [cutTo("abcdef", 6), cutTo("abcdefg", 6), cutTo("漢字漢字", 6), cutTo("", 6)],
    ["abcdef", "abcde…", "漢字…", ""],
  );
  const long = { ...START, preview: "x".repeat(9_000) };
  for (const line of linesOf(long, PLAIN)) ok(line.length <= 80, line);
});

test("colours: one for each request, red for what failed", () => {
  const look = { ...PLAIN, colours: true };
  const [line = ""] = linesOf(START, look);
  const own = line.split("\u001b[0m")[1];
  ok(linesOf(FAILED, look).every((other) => other.split("\u001b[0m")[1] === own));
  ok(linesOf({ ...COMPLETE, outcome: "timeout", error: "x" }, look).every((other) => !other.includes("\u001b[32m✓")));
  ok(
    linesOf({ ...COMPLETE, outcome: "timeout", error: "x" }, look)
      .at(-1)
      ?.includes("\u001b[31m"),
  );
});

test("a filter that needs to know more holds a request back, and shows all of it", () => {
  const wanted = new Wanted(parseFilter("status:error"));
  const other: RouterEvent = { ...START, id: "2" };
  deepEqual(
    [START, other, FAILED].flatMap((event) => wanted.take(event)),
    [],
  );
  deepEqual(wanted.take({ ...COMPLETE, id: "2" }), []);
  const bad = { ...COMPLETE, outcome: "timeout" };
  deepEqual(wanted.take(bad), [START, FAILED, bad]);
  const early = new Wanted(parseFilter("agent:codex"));
  deepEqual([early.take(START), early.take(FAILED)], [[START], [FAILED]]);
});

const SIMULATED = `[server]\nport = 0\ndashboard = true\napi_key_env = "K"\n[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n`;

async function ask(url: string, model: string): Promise<void> {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }] });
  const headers = { "content-type": "application/json", authorization: "Bearer secret" };
  equal((await fetch(`${url}/v1/chat/completions`, { method: "POST", body, headers })).status, 200);
}

/** The real program, with nothing of this environment. */
async function started(t: Cleanup, args: readonly string[], env: Record<string, string> = {}) {
  const folder = await scratch(t);
  const child = spawn(process.execPath, [MAIN, "watch", ...args], {
    cwd: folder,
    env: { PATH: dirname(process.execPath), HOME: folder, ...sharedCompiled(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(async () => void child.kill("SIGKILL"));
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    text.out += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text.err += chunk;
  });
  const ended = once(child, "close").then(() => child.exitCode ?? child.signalCode);
  return { child, text, ended };
}

test("the program: JSON for pipes, a reader that leaves, SIGTERM, a wrong key", async (t) => {
  const router = await inProcess(t, SIMULATED, { env: { K: "secret" } });
  const env = { OPENSOURCELLMROUTER_API_KEY: "secret" };
  const [json, head, filtered, wrong] = await Promise.all([
    started(t, [router.url, "--json"], env),
    started(t, [router.url], env),
    started(t, [router.url, "--filter", "modle:x model:two"], { ...env, FORCE_COLOR: "1" }),
    started(t, [router.url], { OPENSOURCELLMROUTER_API_KEY: "other" }),
  ]);
  equal(await wrong.ended, 1);
  match(wrong.text.err, /^opensourcellmrouter: the router at .* asks for a key/m);
  const watchers = [json, head, filtered];
  await until(() => watchers.every(({ text }) => text.err.includes("watching http")), "all to watch");
  await ask(router.url, "one");
  await until(() => head.text.out.includes("▶"), "the first line");
  head.child.stdout.destroy();
  await ask(router.url, "two");
  equal(await head.ended, 0, head.text.err);
  await until(() => json.text.out.split('"complete"').length === 3, "both in JSON");
  const events = json.text.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  deepEqual(
    events.filter(({ type }) => type === "complete"),
    router.completes(),
  );
  json.child.kill("SIGTERM");
  equal(await json.ended, 0);
  match(filtered.text.err, /"modle:" is looked for as a word; did you mean "model:"\?/);
  filtered.child.kill("SIGINT");
  equal(await filtered.ended, 0);
  equal(filtered.text.out, "");
});
