import { equal, ok } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { buildTui } from "../../scripts/build-tui.ts";
import { exchange } from "../support/exchange.ts";
import { type RunningRouter, startRouter, type Weakening } from "../support/router.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";
import { COLOURS, DRAWING, FEW_ORDERS, inTerminal, ORDERS, orderIn, type Shown } from "./terminal.ts";

// What a model, a provider, a client, a config or a file's name says must not be obeyed by the terminal it is shown on: OSC 52 writes
// the clipboard (vercel/ai PR 20054), others type, hide what was said or turn it around. Every command that shows such text is run on
// a terminal of its own; the bytes that get there may hold our own sequences only.

const SINK: Weakening = {
  file: "cli/io.ts",
  from: 'look === "painted" ? paintedText(text) : terminalText(text)',
  to: "text",
};
/** Where lines are laid out they are made safe before, too. */
const LINES: Weakening[] = [
  {
    file: "core/terminal-text.ts",
    from: String.raw`text.replace(/\r\n?/g, "\n").replace(ORDERS, visible)`,
    to: "text",
  },
  SINK,
];
const JSON_TEXT: Weakening[] = [
  { file: "core/terminal-text.ts", from: "return json.replace(ORDERS,", to: "return json; json.replace(ORDERS," },
  SINK,
];
const TUI: Weakening[] = [
  {
    file: "../tui/dist/tui.js",
    from: String.raw`return text.replace(/\r\n?/g, "\n").replace(ORDERS, visible);`,
    to: "return text;",
  },
];

interface Attack {
  readonly name: string;
  readonly args: readonly string[];
  /** What is taken out; the attack must succeed then. */
  readonly guard: readonly Weakening[];
  /** Of what does not end by itself: waits for what is to be seen. */
  readonly look?: (shown: Shown) => Promise<void>;
  readonly own?: RegExp;
}

const folder = mkdtempSync(join(tmpdir(), "router-terminal-"));
const field: { upstream?: Upstream; router?: RunningRouter } = {};
const place = (): { upstream: Upstream; router: RunningRouter } => {
  const { upstream, router } = field;
  ok(upstream && router);
  return { upstream, router };
};

/** As a TOML string. */
const quoted = (text: string) =>
  `"${Array.from(text, (sign) => (/[ !#-[\]-~]/.test(sign) ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`)).join("")}"`;

const config = (url: string, name = "up") => `[server]
port = 0
dashboard = true
[logging]
enabled = true
path = "log.jsonl"
[failover]
max_attempts = 1
[breaker]
enabled = false
[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
${quoted(`tag ${FEW_ORDERS}`)} = ["salary"]
[[providers]]
name = ${quoted(name)}
format = "openai"
base_url = "${url}"
models = { m = "m", ${quoted(`n ${FEW_ORDERS}`)} = ${quoted(`o ${FEW_ORDERS}`)} }
[[routers]]
type = "prefix"
model_prefix = ${quoted(`p ${FEW_ORDERS}`)}
provider = ${quoted(name)}
[[routers]]
type = "fallback"
`;

/** One that is answered, and one that fails; whoever sees `END` has seen both. */
async function ask({ url }: { url: string }): Promise<void> {
  const post = async (model: string, content: string, stream: boolean) => {
    const headers = { "content-type": "application/json", "user-agent": "evil/1 \x9b6n" };
    const body = JSON.stringify({ model, stream, messages: [{ role: "user", content }] });
    await exchange(`${url}/v1/chat/completions`, { headers, body });
  };
  await post(`m ${FEW_ORDERS}`, `${FEW_ORDERS} salary ${ORDERS}`, true);
  await post(`bad ${FEW_ORDERS}`, `${FEW_ORDERS} ${ORDERS}`, false);
  await post("last", "END", false);
}

const asksWhen =
  (ready: string | RegExp, seen: string | RegExp) =>
  async (shown: Shown): Promise<void> => {
    await shown.sees(ready);
    await ask(place().router);
    await shown.sees(seen);
  };

const EVIL_FILE = `evil ${FEW_ORDERS}.toml`;
const URL = "ROUTER";

const list: Attack[] = [
  { name: "watch", args: ["watch", URL], guard: LINES, look: asksWhen("watching", /» END/) },
  { name: "watch --full", args: ["watch", URL, "--full"], guard: LINES, look: asksWhen("watching", /» END|» *END/) },
  { name: "watch --json", args: ["watch", URL, "--json"], guard: JSON_TEXT, look: asksWhen("watching", '"END"') },
  {
    name: "the log of the program",
    args: ["run", "evil.toml", "--log-level", "debug"],
    guard: LINES,
    look: (shown) => asksOwn(shown),
  },
  {
    name: "the log of the program, as JSON",
    args: ["run", "evil.toml", "--log-level", "debug", "--log-format", "json"],
    guard: JSON_TEXT,
    look: (shown) => asksOwn(shown),
  },
  {
    name: "explain: a decision",
    args: ["explain", URL, "--model", `x ${FEW_ORDERS}`, "--prompt", "salary"],
    guard: LINES,
  },
  {
    name: "explain --config",
    args: ["explain", "--config", "evil.toml", "--model", `x ${FEW_ORDERS}`, "--prompt", "salary"],
    guard: LINES,
  },
  {
    name: "explain --json",
    args: ["explain", "--config", "evil.toml", "--model", `x ${FEW_ORDERS}`, "--prompt", "salary", "--json"],
    guard: JSON_TEXT,
  },
  { name: "replay", args: ["replay", "--log", "LOG", "--config", "other.toml"], guard: LINES },
  { name: "replay --json", args: ["replay", "--log", "LOG", "--config", "other.toml", "--json"], guard: JSON_TEXT },
  { name: "check: a config's mistakes", args: ["check", "broken.toml"], guard: [SINK] },
  { name: "check: a file's name", args: ["check", EVIL_FILE], guard: [SINK] },
  { name: "diff", args: ["diff", "evil.toml", "other.toml"], guard: LINES },
  { name: "diff --json", args: ["diff", "evil.toml", "other.toml", "--json"], guard: JSON_TEXT },
  { name: "doctor", args: ["doctor", "evil.toml", "--model", "bad"], guard: LINES },
  { name: "doctor --json", args: ["doctor", "evil.toml", "--model", "bad", "--json"], guard: JSON_TEXT },
  { name: "service", args: ["service", "install", "broken.toml", "--print"], guard: [SINK] },
  { name: "env", args: ["env", "claude", "--url", URL, "--model", `x ${FEW_ORDERS}`], guard: [SINK] },
  {
    name: "env --json",
    args: ["env", "claude", "--url", URL, "--model", `x ${FEW_ORDERS}`, "--json"],
    guard: JSON_TEXT,
  },
  { name: "launch: no such agent", args: ["launch", FEW_ORDERS], guard: [SINK] },
  {
    name: "tui: requests, details, providers, a chat",
    args: ["tui", URL],
    guard: TUI,
    own: DRAWING,
    async look(shown) {
      await shown.sees("live");
      await ask(place().router);
      await shown.sees("last → up");
      for (const [keys, text] of [
        ["j\r", "Decision"],
        ["\x1b", "Statistics"],
        ["p", "in use"],
        ["\x1b", "Statistics"],
        ["\t", "Chat"],
      ] as const) {
        shown.press(keys);
        await shown.sees(text);
      }
      shown.press("hello");
      shown.press("\r");
      await shown.sees("over and out");
    },
  },
];

/** A router that is the program on the terminal itself. */
async function asksOwn(shown: Shown): Promise<void> {
  const line = /listening\b.*?(http:\/\/127\.0\.0\.1:\d+)/;
  await shown.sees(line);
  const [, url = ""] = line.exec(shown.bytes().toString()) ?? [];
  await ask({ url });
  await shown.sees(/bad/);
}

async function got(
  { args, look, own = COLOURS }: Attack,
  weakenings: readonly Weakening[],
): Promise<string | undefined> {
  const { router } = place();
  const words = args.map((word) =>
    word === URL ? router.url : word === "LOG" ? join(router.folder, "log.jsonl") : word,
  );
  const shown = inTerminal(folder, words, { weakenings });
  try {
    await (look ? look(shown) : shown.ended);
  } finally {
    await shown.end();
  }
  return orderIn(shown.bytes(), own);
}

before(async () => {
  await buildTui();
  const upstream = await startUpstream("openai");
  field.upstream = upstream;
  upstream.answer(({ body }) =>
    String(body["model"]).startsWith("bad")
      ? { error: { status: 400, message: `no ${FEW_ORDERS} ${ORDERS}` } }
      : { text: `yes ${FEW_ORDERS} ${ORDERS}\nover and out` },
  );
  const text = config(upstream.url);
  field.router = await startRouter(text);
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content, { mode: 0o600 });
  const named = config(upstream.url, `up ${FEW_ORDERS}`);
  write("evil.toml", named);
  write(
    "other.toml",
    `${named.replace('type = "fallback"', `type = "prefix"\nmodel_prefix = ${quoted(`q ${FEW_ORDERS}`)}`)}provider = ${quoted(`up ${FEW_ORDERS}`)}\n`,
  );
  write("broken.toml", `${named}providers = [${quoted(`nobody ${FEW_ORDERS}`)}]\n`);
  // For those that look at what was.
  await ask(field.router);
});

after(async () => {
  await field.router?.close();
  await field.upstream?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("S9: orders to a terminal", { concurrency: 3 }, () => {
  for (const attack of list) {
    test(`repelled: ${attack.name}`, async () => {
      equal(await got(attack, []), undefined);
    });
    test(`succeeds without its guard: ${attack.name}`, async () => {
      ok(await got(attack, attack.guard), "the attack failed though its guard was taken out");
    });
  }
});
