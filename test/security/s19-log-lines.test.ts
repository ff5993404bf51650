import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isObject, type Json, tryParseJson } from "../../src/core/json.ts";
import type { Weakening } from "../support/router.ts";
import { until } from "../support/until.ts";
import { addressOf, startUpstream } from "../support/upstream/upstream.ts";
import { type LoneAttack, loneAttacks, runProgram } from "./program.ts";

// Who can put a line end into a log writes lines of his own in it (Envoy Gateway, CVE-2025-25294). Everything a client or provider can name is
// given these values; then each line of log, feed, metrics and of the program's own log has to be one that the router wrote, and to say
// what was said.

const FORGED = "1999-01-01T00:00:00.000Z";
const VALUES: readonly string[] = [
  `line\n${FORGED} error forged\nrouter_forged 1\n\ndata: {"type":"complete","id":"forged"}\n\n`,
  `{"a":1}\r\n{"type":"complete","id":"forged"}\r`,
  'quote " \\" \\n \\',
  `\u2028${FORGED}\u2029${FORGED}\u0085${FORGED}`,
  "half \ud800 a \udc00 character",
  "\u001b[2J\u001b]0;forged\u0007\u009b31m\0",
  "=forged+cmd|' /C calc'!A0",
  `${"long".repeat(256 * 1024)}\n${FORGED} end`,
];

interface Written {
  log: string;
  feed: string;
  metrics: string;
  printed: string;
}

type Format = "pretty" | "json";

/** A megabyte goes into the prompt alone: whoever watches is cut off when he is 4 MiB behind. */
const short = (value: string) => (value.length < 64 * 1024 ? value : `${value.slice(0, 64 * 1024)}${value.slice(-40)}`);

function chat(value: string, marker: string): object {
  const word = short(value);
  const call = { id: "c1", type: "function", function: { name: word, arguments: JSON.stringify({ [word]: word }) } };
  return {
    model: word,
    user: word,
    prompt_cache_key: word,
    metadata: { a: word },
    [word]: word,
    tools: [{ type: "function", function: { name: word, description: word, parameters: { type: "object" } } }],
    messages: [
      { role: "system", content: word },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "c1", content: word },
      { role: "user", content: value, name: word },
      { role: "user", content: marker },
    ],
  };
}

/** Asks twice with each value, the second time in vain, and gathers what was written of it. */
async function everythingWritten(weakenings: readonly Weakening[], format: Format): Promise<Written> {
  const folder = mkdtempSync(join(tmpdir(), "router-test-"));
  const upstream = await startUpstream("openai");
  const port = await freePort();
  const config = `[server]
port = ${port}
dashboard = true
[logging]
enabled = true
[metrics]
enabled = true
[breaker]
enabled = false
[failover]
max_attempts = 1
[[providers]]
name = "up"
format = "openai"
base_url = "${upstream.url}"
[[routers]]
type = "fallback"`;
  writeFileSync(join(folder, "config.toml"), config);
  const env = { OPENSOURCELLMROUTER_LOG_LEVEL: "debug", OPENSOURCELLMROUTER_LOG_FORMAT: format };
  const program = runProgram(folder, [], { weakenings, env });
  try {
    const url = `http://127.0.0.1:${port}`;
    // Where all it says is log it does not say where it listens.
    await until(() => isUp(url), "the router", 60_000);
    const feed = listenTo(await fetch(`${url}/dashboard/events`));
    for (const value of VALUES) {
      for (const fails of [false, true]) {
        const word = short(value);
        const args = JSON.stringify({ [word]: word });
        const error = { status: 400, message: word };
        upstream.answer(fails ? { error } : { text: word, toolCalls: [{ id: "c2", name: word, args }] });
        const body = JSON.stringify(chat(value, fails ? "in vain" : "well"));
        const agent = value.slice(0, 100).replace(/[^\x20-\x7e]/g, "");
        const headers = { "user-agent": agent, "content-type": "application/json" };
        await (await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body })).text();
      }
      await (await fetch(`${url}/nowhere/${encodeURIComponent(value.slice(0, 1_000).toWellFormed())}`)).text();
    }
    const path = join(folder, "logs/requests.jsonl");
    const log = () => (existsSync(path) ? readFileSync(path, "utf8") : "");
    await until(() => log().split('"type":"complete"').length > 2 * VALUES.length, "the records", 60_000);
    await until(() => feed.text().split('data: {"type":"complete"').length > 2 * VALUES.length, "the events", 60_000);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    await program.end();
    await feed.ended;
    return { log: log(), feed: feed.text(), metrics, printed: program.said() };
  } finally {
    await program.end();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = addressOf(server.address());
  server.close();
  await once(server, "close");
  return port;
}

function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** What comes until the router ends. */
function listenTo({ body }: Response): { text(): string; ended: Promise<void> } {
  const pieces: Uint8Array[] = [];
  const listen = async () => {
    for await (const piece of body ?? []) pieces.push(piece);
  };
  // Broken off, as it may be.
  return { text: () => Buffer.concat(pieces).toString(), ended: listen().catch(() => undefined) };
}

const asItIs = new Map<Format, Promise<Written>>();

/** The router as it is says the same each time. */
function written(weakenings: readonly Weakening[], format: Format): Promise<Written> {
  if (weakenings.length > 0) return everythingWritten(weakenings, format);
  const known = asItIs.get(format) ?? everythingWritten([], format);
  asItIs.set(format, known);
  return known;
}

function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}

/** What in the record of an exchange is not what was said. */
function wrongIn(record: Json | undefined, value: string, fails: boolean): string[] {
  const word = short(value);
  const said: [name: string, found: Json | undefined, wanted: string][] = [
    ["requested_model", at(record, "requested_model"), word],
    ["sent_model", at(record, "sent_model"), word],
    ["system", at(record, "system"), word],
    ["tool", at(record, "messages", 0, "content", 0, "name"), word],
    ["argument", at(record, "messages", 0, "content", 0, "input", word), word],
    ["result", at(record, "messages", 1, "content", 0, "content"), word],
    ["prompt", at(record, "messages", 2, "content", 0, "text"), value],
  ];
  if (!fails) {
    said.push(["answer", at(record, "response", "content"), word]);
    said.push(["called tool", at(record, "response", "tool_calls", 0, "name"), word]);
    said.push(["its argument", at(record, "response", "tool_calls", 0, "arguments", word), word]);
  }
  const wrong = said.filter(([, found, wanted]) => found !== wanted).map(([name]) => name);
  const error = at(record, "error");
  if (fails && !(typeof error === "string" && error.includes(word.slice(0, 200)))) wrong.push("error");
  return wrong;
}

function oddRecords(records: readonly (Json | undefined)[]): string[] {
  const completes = records.filter((one) => at(one, "type") === "complete");
  const odd = completes.flatMap((record, index) => {
    const value = VALUES[Math.floor(index / 2)] ?? "";
    return wrongIn(record, value, index % 2 === 1).map((name) => `${JSON.stringify(value.slice(0, 20))}: ${name}`);
  });
  if (completes.length !== 2 * VALUES.length) odd.push(`${completes.length} records`);
  return odd;
}

function oddInLog({ log }: Written): string[] {
  const lines = log.split("\n").slice(0, -1).map(tryParseJson);
  return [
    ...lines.flatMap((line, index) => (line === undefined ? [`line ${index} is no JSON`] : [])),
    ...oddRecords(lines),
  ];
}

function oddInFeed({ feed }: Written): string[] {
  const lines = feed.split(/\r\n|\r|\n/).filter((line) => line !== "");
  const odd = lines.filter((line) => !/^(?:: \w+$|id: [\w-]+$|data: \{)/.test(line));
  const events = lines.flatMap((line) => (line.startsWith("data: ") ? [tryParseJson(line.slice(6))] : []));
  return [...odd.map((line) => `no line of a feed: ${line.slice(0, 80)}`), ...oddRecords(events)];
}

const SAMPLE = /^[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? [-+.\w]+$/;

function oddInMetrics({ metrics }: Written): string[] {
  const lines = metrics.split("\n").filter((line) => line !== "" && !line.startsWith("# "));
  const odd = lines.filter((line) => !SAMPLE.test(line) || line.startsWith("router_forged"));
  return lines.length > 0 ? odd : ["no metrics"];
}

/** What a terminal takes for an order, or some reader for the end of a line. */
const CONTROLS = /[^\P{C}\n]|[\u2028\u2029]/u;
const PRETTY = /^(?:\d{4}-\d\d-\d\dT[\d:.]+Z (?:error|warn|info|debug) | {2})/;

function oddPrinted({ printed }: Written, format: Format): string[] {
  const all = printed.split("\n");
  const own = all.slice(
    all.findIndex((line) => line.includes("request received")),
    all.findIndex((line) => line.includes("SIGTERM")),
  );
  const received = own.filter((line) => line.includes("request received"));
  const isLine = (line: string) =>
    format === "json" ? at(tryParseJson(line), "msg") !== undefined : PRETTY.test(line);
  const odd = own.filter((line) => !isLine(line) || CONTROLS.test(line) || line.startsWith(FORGED));
  if (received.length !== 2 * VALUES.length) odd.push(`${received.length} requests were received`);
  if (format === "json") {
    const models = received.map((line) => at(tryParseJson(line), "model"));
    const wanted = VALUES.flatMap((value) => Array(2).fill(value.length > 200 ? `${value.slice(0, 200)}…` : value));
    odd.push(...models.flatMap((model, index) => (model === wanted[index] ? [] : [`model ${JSON.stringify(model)}`])));
  }
  return odd.map((line) => line.slice(0, 120));
}

const told = (odd: readonly string[]) =>
  odd.length === 0 ? undefined : `${odd.length}: ${odd.slice(0, 5).join("; ")}`;

const list: LoneAttack[] = [
  {
    name: "lines of the log, and events of the feed",
    guard: [
      {
        file: "record/recorder.ts",
        from: "jsonOf(event)",
        to: 'jsonOf(event).replaceAll("\\\\n", "\\n")',
      },
    ],
    async run(weakenings) {
      const all = await written(weakenings, "pretty");
      const odd = [oddInLog(all), oddInFeed(all)];
      return told(weakenings.length > 0 && odd.some((own) => own.length === 0) ? [] : odd.flat());
    },
  },
  {
    name: "metrics",
    guard: [
      { file: "record/metrics/labels.ts", from: "terminalLine(text.slice(0, MAX_CHARS).toWellFormed())", to: "text" },
      {
        file: "record/metrics/prometheus.ts",
        from: '.replaceAll("\\\\", "\\\\\\\\").replaceAll(\'"\', \'\\\\"\').replaceAll("\\n", "\\\\n")',
        to: "",
      },
    ],
    run: async (weakenings) => told(oddInMetrics(await written(weakenings, "pretty"))),
  },
  {
    name: "the program's log, for people",
    guard: [{ file: "cli/program-log/lines.ts", from: "escapedControls(JSON.stringify(value))", to: "value" }],
    run: async (weakenings) => told(oddPrinted(await written(weakenings, "pretty"), "pretty")),
  },
  {
    name: "the program's log, in JSON",
    guard: [
      {
        file: "cli/program-log/lines.ts",
        from: "escapedControls(JSON.stringify({",
        to: "((json) => json)(JSON.stringify({",
      },
    ],
    run: async (weakenings) => told(oddPrinted(await written(weakenings, "json"), "json")),
  },
];

loneAttacks("S19: lines of one's own in a log", list);
