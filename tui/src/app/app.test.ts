// biome-ignore-all lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { buildTui } from "../../../scripts/build-tui.ts";
import type { TuiEnd, TuiModule } from "../../../src/cli/tui/contract.ts";
import { cuttable } from "../../../test/support/browser/cuttable.ts";
import {
  type InProcessOptions,
  type InProcessRouter,
  inProcess,
  oneProvider,
} from "../../../test/support/in-process.ts";
import { type FakeTerminal, fakeTerminal } from "../../../test/support/tui/fake-terminal.ts";
import { until } from "../../../test/support/until.ts";
import { startUpstream } from "../../../test/support/upstream/upstream.ts";

const FLEET = `
[server]
dashboard = true
[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
private = ["salary"]
[[providers]]
name = "laptop"
format = "simulated"
models = ["small"]
[[providers]]
name = "cloud"
format = "simulated"
models = ["large"]
cost_per_1m_tokens = 10
[[providers]]
name = "broken"
format = "simulated"
errors = [503]
[[routers]]
type = "tag"
tag = "private"
provider = "laptop"
rewrite_model = "small"
[[routers]]
type = "prefix"
model_prefix = "bad"
provider = "broken"
fallbacks = [{ provider = "cloud", model = "large" }]
[[routers]]
type = "prefix"
model_prefix = "hopeless"
provider = "broken"
[[routers]]
type = "fallback"
providers = ["cloud"]
`;

let startTui: TuiModule["startTui"];
before(async () => {
  await buildTui();
  const module: TuiModule = await import(pathToFileURL(join(import.meta.dirname, "../../dist/tui.js")).href);
  startTui = module.startTui;
});

interface Opened {
  router: InProcessRouter;
  terminal: FakeTerminal;
  ended: Promise<TuiEnd>;
  /** Waits until the screen holds it; shows the screen when that never happens. */
  sees(what: RegExp | string): Promise<string>;
}

interface OpenOptions extends InProcessOptions {
  columns?: number;
  rows?: number;
  toml?: string;
  env?: Record<string, string>;
  /** Another way to the router. */
  way?: (router: InProcessRouter) => Promise<string>;
}

async function opened(t: TestContext, options: OpenOptions = {}): Promise<Opened> {
  const { columns = 120, rows = 40, toml = FLEET, env = {}, way, ...rest } = options;
  const router = await inProcess(t, toml, { recording: true, ...rest });
  const terminal = fakeTerminal(columns, rows);
  const leave = new AbortController();
  const base = way ? await way(router) : router.url;
  const ended = startTui({ base, key: undefined, signal: leave.signal, terminal: { ...terminal, env } });
  t.after(async () => {
    leave.abort();
    await ended.catch(() => undefined);
  });
  const opened: Opened = {
    router,
    terminal,
    ended,
    async sees(what) {
      let text = "";
      const isThere = async () => {
        text = (await terminal.screen()).join("\n");
        return typeof what === "string" ? text.includes(what) : what.test(text);
      };
      await until(isThere, `${what} on the screen`, 8_000).catch((error: unknown) => {
        throw new Error(`${error}\n${text}`);
      });
      return text;
    },
  };
  await opened.sees("● live");
  return opened;
}

async function ask(url: string, model: string, content: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "codex_exec/1.0" },
    body: JSON.stringify({ model, messages: [{ role: "user", content }] }),
  });
  await response.text();
}

for (const [columns, rows] of [
  [80, 24],
  [120, 40],
  [200, 50],
] as const) {
  test(`at ${columns}×${rows} every pane has what matters`, async (t) => {
    const { router, terminal, sees } = await opened(t, { columns, rows });
    await sees("no request yet");
    await ask(router.url, "m", "hello");
    await ask(router.url, "m", "my salary");
    await ask(router.url, "bad", "hello");
    await ask(router.url, "hopeless", "hello");
    const text = await sees(/requests +4|4 requests/);
    for (const what of ["cloud", "laptop", "private", "codex", "Requests", "Statistics", "Chat", "Tab chat"]) {
      assert.ok(text.includes(what), `${what} is missing:\n${text}`);
    }
    for (const line of await terminal.screen()) assert.ok(line.length <= columns);
    assert.ok(terminal.isAlternate && terminal.isRaw);
  });
}

test("NO_COLOR takes the colours off, and nothing else", async (t) => {
  const { router, terminal, sees } = await opened(t, { env: { NO_COLOR: "1" } });
  await ask(router.url, "hopeless", "hello");
  await sees("✗");
  assert.doesNotMatch(terminal.written, /\x1b\[[\d;]*3[0-7]m/);
  const { router: other, terminal: coloured, sees: seen } = await opened(t);
  await ask(other.url, "hopeless", "hello");
  await seen("✗");
  assert.match(coloured.written, /\x1b\[[\d;]*3[0-7]m/);
});

describe("keys", () => {
  test("detail: decision, attempts and conversation; Esc goes back", async (t) => {
    const { router, terminal, sees } = await opened(t);
    await ask(router.url, "bad", "what is the time");
    await sees(/[✓✗] .* codex/);
    terminal.press("j\r");
    const text = await sees(/Conversation/);
    assert.match(text, /passed +tag "private" → laptop as small: not tagged private/);
    assert.match(text, /Attempts\s+│?\s*│? 1 broken\/bad/);
    assert.match(text, /user +what is the time/);
    terminal.press("\x1b");
    await sees("Statistics");
  });

  test("providers, help, pause and filter", async (t) => {
    const { router, terminal, sees } = await opened(t);
    await ask(router.url, "m", "hello");
    await ask(router.url, "m", "my salary");
    await sees("laptop/small");
    terminal.press("p");
    await sees(/laptop +in use/);
    terminal.press("\x1b");
    await sees("Statistics");
    terminal.press("?");
    await sees("Keys");
    terminal.press("?");
    await sees("Statistics");
    terminal.press("/");
    terminal.press("tag:private");
    terminal.press("\r");
    const rows = await sees(/\/tag:private 1/);
    assert.equal(rows.match(/codex/g)?.length, 1, rows);
    terminal.press("\x1b");
    await sees(/codex[\s\S]*codex/);
    terminal.press(" ");
    await sees("paused");
    await ask(router.url, "m", "hello again");
    await sees("paused, 1 new");
    terminal.press(" ");
    await sees(/codex[\s\S]*codex[\s\S]*codex/);
  });

  test("q ends it, and the terminal is as it was", async (t) => {
    const { terminal, ended } = await opened(t);
    terminal.press("q");
    assert.deepEqual(await ended, { exitCode: 0 });
    assert.ok(!terminal.isAlternate && !terminal.isRaw);
    assert.match(terminal.written.slice(-200), /\x1b\[\?25h/, "the cursor is shown");
  });
});

test("the chat streams, and :model, :plugin and :clear do what they say", async (t) => {
  const { router, terminal, sees } = await opened(t);
  terminal.press("\t");
  terminal.press(":model large");
  terminal.press("\r");
  await sees("Chat large");
  terminal.press(":plugin response-healing");
  terminal.press("\r");
  await sees("+response-healing");
  terminal.press("say wörld 世界");
  terminal.press("\r");
  await sees(/said: say wörld 世界/);
  await sees(/cloud\/large · /);
  const [complete] = await router.completed(1);
  assert.equal(complete?.requested_model, "large");
  assert.equal(complete?.stream, true);
  terminal.press(":clear");
  terminal.press("\r");
  await until(async () => !(await terminal.screen()).join("\n").includes("You said"), "the chat to be empty");
});

test("a router that goes and comes back is followed", async (t) => {
  let way: Awaited<ReturnType<typeof cuttable>> | undefined;
  const { router, sees } = await opened(t, {
    way: async (target) => {
      way = await cuttable(t, target.url);
      return way.url;
    },
  });
  way?.cut();
  await sees("not live");
  await ask(router.url, "m", "while nobody looked");
  way?.mend();
  await sees("● live");
  await sees("codex");
});

test("it is drawn anew in another size", async (t) => {
  const { terminal, sees } = await opened(t, { columns: 120, rows: 40 });
  terminal.resize(80, 24);
  await sees(/^── Requests/m);
  terminal.resize(200, 50);
  await sees(/╭─ Requests/);
});

test("a hundred requests at once are no hundred frames", async (t) => {
  const { router, terminal, sees } = await opened(t);
  const before = terminal.written.length;
  const startedMs = Date.now();
  await Promise.all(Array.from({ length: 100 }, () => ask(router.url, "m", "hello")));
  await sees(/requests +100/);
  const frames = terminal.written.slice(before).split("\x1b[?2026h").length - 1;
  const seconds = (Date.now() - startedMs) / 1000;
  assert.ok(frames <= 5 + 25 * seconds, `${frames} frames in ${seconds} s`);
});

test("no order of anybody's reaches the terminal", async (t) => {
  const evil = [
    "\x1b]52;c;aGFja2Vk\x07",
    "\x1b[2J\x1b[31m",
    "\x1bP+q544e\x1b\\",
    "\x9b31m",
    "\x1b]0;title",
    "\u202egnp\u2066",
  ];
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  upstream.answer(() => ({ text: `answer ${evil.join(" ")} end` }));
  const toml = `[server]\ndashboard = true\n${oneProvider("openai", upstream.url)}`;
  const { router, terminal, sees } = await opened(t, { toml });
  const evilText = evil.join("");
  await ask(router.url, `m${evilText}`, `prompt ${evilText}`);
  await sees("codex");
  terminal.press("j\r");
  // They are shown, and do nothing.
  await sees(/Conversation[\s\S]*prompt ␛\]52;c;aGFja2Vk␇/);
  terminal.press("\x1b");
  await sees("Statistics");
  terminal.press("\t");
  terminal.press("hello");
  terminal.press("\r");
  await sees(/answer ␛\]52[\s\S]*end/);
  // What Ink and the TUI themselves say: colours, cursor, clearing of lines, modes.
  const rest = terminal.written.replace(/\x1b\[(?:\?\d+[hl]|\d*(?:;\d+)*[mABCDEFGHJKf]|>\d*u|<\d*u|\?u|s|u)/g, "");
  assert.doesNotMatch(rest, /[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
  assert.ok(!terminal.written.includes("\x1b[2J\x1b[31m"));
});
