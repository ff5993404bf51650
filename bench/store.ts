import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { type ExchangeQuery, exchangeQuerySchema } from "../src/api/exchanges.ts";
import type { StatsQuery } from "../src/api/stats.ts";
import { reindex } from "../src/store/reindex.ts";
import { WorkerStore } from "../src/store/worker-store.ts";
import { randomRecord, seeded } from "../test/support/log-records.ts";

// How long the store takes for every question the page makes. `npm run bench:store [-- ROWS]`; docs/store.md has the figures.

const ROWS = Number(process.argv[2] ?? 1_000_000);
const DAY = 24 * 3_600_000;
const SPAN_MS = 30 * DAY;
const TIMES = 15;
/** Beside the second round of questions so many exchanges a second come in. */
const LIVE_PER_S = 200;

interface Asked {
  name: string;
  ask: (store: WorkerStore) => Promise<unknown>;
}

/** Rows differ in id, time, session, duration, model (one of 40) and provider (of 15); the rest comes from a number of drawn records. */
function lineMaker(): (tsMs: number) => string {
  const random = seeded(1);
  const pool = Array.from({ length: 5_000 }, () => randomRecord(random, 0));
  let made = 0;
  return (tsMs) => {
    const drawn = pool[Math.floor(random() * pool.length)] ?? randomRecord(random, 0);
    const hex = (made++).toString(16).padStart(12, "0");
    const id = `${Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0")}-${hex.slice(0, 4)}-4${hex.slice(4, 7)}-a000-${hex}`;
    const duration_ms = Math.floor(Math.exp(random() * 11));
    const session = `session-${Math.floor(made / 12)}`;
    const oftenFirst = (count: number) => Math.floor(random() ** 2 * count);
    const sent_model = drawn.sent_model && `${drawn.sent_model}-${oftenFirst(8)}`;
    const provider = drawn.provider && `${drawn.provider}-${oftenFirst(3)}`;
    const ts_ms = Math.floor(tsMs);
    return `${JSON.stringify({ ...drawn, id, ts_ms, provider, sent_model, duration_ms, session })}\n`;
  };
}

async function writeLog(path: string, line: (tsMs: number) => string): Promise<void> {
  const file = createWriteStream(path);
  const now = Date.now();
  for (let at = 0; at < ROWS; ) {
    let some = "";
    for (const end = Math.min(ROWS, at + 1_000); at < end; at++) some += line(now - SPAN_MS + (SPAN_MS * at) / ROWS);
    if (!file.write(some)) await new Promise((resolve) => file.once("drain", resolve));
  }
  file.end();
  await finished(file);
}

function list(name: string, asked: Partial<ExchangeQuery>): Asked {
  const query = exchangeQuerySchema.parse(asked);
  return { name, ask: (store) => store.exchanges(query) };
}

function stats(name: string, days: number, by?: StatsQuery["by"]): Asked {
  return { name, ask: (store) => store.stats({ since_ms: Date.now() - days * DAY, ...(by && { by }) }) };
}

async function questions(store: WorkerStore): Promise<Asked[]> {
  const middle = await store.exchanges(exchangeQuerySchema.parse({ until_ms: Date.now() - 15 * DAY }));
  const some = middle.exchanges[0];
  const session = some?.session ?? "";
  return [
    list("list: newest", {}),
    list("list: 500 newest", { limit: 500 }),
    list("list: a page of 15 days ago", { before: middle.next ?? "" }),
    list("list: a day of 20 days ago", { since_ms: Date.now() - 20 * DAY, until_ms: Date.now() - 19 * DAY }),
    list("list: a provider", { provider: "groq-2" }),
    list("list: a model, errors only", { model: "kimi-k3-7", outcome: "error" }),
    list("list: client, agent, tag and rule", { client: "gemini", agent: "codex", tag: "vision", rule: "price" }),
    list("list: a session of 15 days ago", { session }),
    list("list: a provider there never was", { provider: "nobody" }),
    list("list: two that never go together", { provider: "openai-0", outcome: "no-route" }),
    list("search: a frequent word", { q: "router" }),
    list("search: three words", { q: "zurich parser budget" }),
    list("search: the beginning of a word", { q: "t" }),
    list("search: a word in a session's name", { q: session }),
    list("search: a word there never was", { q: "xylophone" }),
    list("search: words and filters", { q: "lexer gram", provider: "ollama-0", tag: "code", outcome: "busy" }),
    list("search: the beginning of an id", { q: some?.id.slice(0, 8) ?? "" }),
    { name: "one exchange with its record", ask: (asked) => asked.exchange(some?.id ?? "") },
    stats("statistics: 15 minutes", 1 / 96),
    stats("statistics: 1 hour, by model", 1 / 24, "model"),
    stats("statistics: 24 hours, by provider", 1, "provider"),
    stats("statistics: 7 days, by tag", 7, "tag"),
    stats("statistics: 7 days, by client", 7, "client"),
    stats("statistics: 30 days, by model", 30, "model"),
    stats("statistics: 30 days, by rule", 30, "rule"),
  ];
}

interface Times {
  median: number;
  max: number;
  /** Median of what the store's thread worked for it: the same however busy the machine is. */
  cpu: number;
}

async function timesOf(store: WorkerStore, worker: Worker, { ask }: Asked): Promise<Times> {
  const times: number[] = [];
  const cpus: number[] = [];
  for (let at = 0; at < TIMES; at++) {
    const before = await worker.cpuUsage();
    const began = performance.now();
    await ask(store);
    times.push(performance.now() - began);
    const { user, system } = await worker.cpuUsage(before);
    cpus.push((user + system) / 1000);
  }
  return { median: medianOf(times), max: Math.max(...times), cpu: medianOf(cpus) };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Adds to the log until it is told to stop. */
async function goOn(path: string, line: (tsMs: number) => string, stopped: { now: boolean }): Promise<void> {
  const file = createWriteStream(path, { flags: "a" });
  while (!stopped.now) {
    for (let at = 0; at < LIVE_PER_S / 20; at++) file.write(line(Date.now()));
    await delay(50);
  }
  file.end();
  await finished(file);
}

const mib = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MiB`;
const ms = (value: number) => value.toFixed(1);

async function main(folder: string): Promise<void> {
  const path = join(folder, "requests.jsonl");
  const line = lineMaker();
  await writeLog(path, line);
  const rss = () => mib(process.memoryUsage().rss);
  const before = rss();
  const began = performance.now();
  const { index, indexBytes } = reindex(path, () => undefined);
  const seconds = (performance.now() - began) / 1000;
  console.log(`${ROWS} exchanges in ${mib((await stat(path)).size)} of log; index: ${mib(indexBytes)} (${index})`);
  console.log(
    `reindex: ${seconds.toFixed(0)} s, ${Math.round(ROWS / seconds)} exchanges/s; memory ${before}, then ${rss()}`,
  );
  const worker = new Worker(new URL("../src/store/worker.ts", import.meta.url), {
    workerData: { kind: "file", path },
  });
  const log = (level: string, text: string) => console.log(level, text);
  const store = new WorkerStore({ source: { kind: "file", path }, log, start: () => worker });
  store.open();
  const opened = performance.now();
  await store.caughtUp();
  console.log(`open: ${ms(performance.now() - opened)} ms`);
  const asked = await questions(store);
  const quiet = [];
  for (const question of asked) quiet.push(await timesOf(store, worker, question));
  console.log(`memory after the first round: ${rss()}`);
  const stopped = { now: false };
  const writing = goOn(path, line, stopped);
  const busy = [];
  for (const question of asked) busy.push(await timesOf(store, worker, question));
  stopped.now = true;
  await writing;
  console.log(`memory after the second round: ${rss()}\n`);
  console.log(`load average ${loadavg().map(ms).join(", ")} on ${availableParallelism()} cores\n`);
  console.log(`| question | CPU ms | median ms | longest ms | median ms, ${LIVE_PER_S}/s come in | longest ms |`);
  console.log("|---|---|---|---|---|---|");
  for (const [at, { name }] of asked.entries()) {
    const [idle, live] = [quiet[at], busy[at]];
    const cells = [idle?.cpu, idle?.median, idle?.max, live?.median, live?.max].map((value = 0) => ms(value));
    console.log(`| ${[name, ...cells].join(" | ")} |`);
  }
  await store.close();
}

const folder = await mkdtemp(join(tmpdir(), "bench-store-"));
// The store's thread does not keep the process, and nothing else does while it is asked how much it worked.
const staying = setInterval(() => undefined, 60_000);
try {
  await main(folder);
} finally {
  clearInterval(staying);
  await rm(folder, { recursive: true, force: true });
}
