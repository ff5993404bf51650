import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { mkdir, open, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { exchange } from "../../test/support/exchange.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { type Cleanup, scratch } from "../../test/support/in-process.ts";
import { randomRecord, seeded } from "../../test/support/log-records.ts";
import { startRouter } from "../../test/support/router.ts";
import { until } from "../../test/support/until.ts";
import { exchangeQuerySchema } from "../api/exchanges.ts";
import { WorkerStore } from "./worker-store.ts";

const query = exchangeQuerySchema.parse({ limit: 500 });

/** A log of 200 exchanges with its index, and nobody who has it open. */
async function indexed(t: Cleanup): Promise<{ path: string; index: string }> {
  const folder = await scratch(t);
  const path = join(folder, "requests.jsonl");
  const random = seeded(3);
  const records = Array.from({ length: 200 }, (_, at) => randomRecord(random, Date.now() - 1_000_000 + at));
  await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const { store } = storeAt(t, path);
  await store.caughtUp();
  await store.close();
  return { path, index: join(folder, "requests.index.sqlite") };
}

function storeAt(t: Cleanup, path: string): { store: WorkerStore; told: string[] } {
  const told: string[] = [];
  const log = (level: string, message: string) => {
    if (level !== "debug") told.push(`${level}: ${message}`);
  };
  const store = new WorkerStore({ source: { kind: "file", path }, log });
  t.after(() => store.close());
  store.open();
  return { store, told };
}

const isOk = (store: WorkerStore) => until(() => store.state.state === "ok", "the store to be well");
const count = async (store: WorkerStore) => (await store.exchanges(query)).exchanges.length;

describe("an index that cannot be used is made anew", () => {
  test("no database", async (t) => {
    const { path, index } = await indexed(t);
    await writeFile(index, "this is no database, whoever wrote it\n".repeat(500));
    const { store, told } = storeAt(t, path);
    await isOk(store);
    equal(await count(store), 200);
    ok(
      told.some((line) => /^warn: store of .*: the index is made anew from the log$/.test(line)),
      told.join("\n"),
    );
  });

  test("pages of it are overwritten", async (t) => {
    const { path, index } = await indexed(t);
    const db = new DatabaseSync(index);
    const pages = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
    db.close();
    const file = await open(index, "r+");
    for (let page = 1; page < pages; page++) await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
    await file.close();
    const { store } = storeAt(t, path);
    await until(async () => (await count(store).catch(() => 0)) === 200, "all exchanges to be back");
    await isOk(store);
  });

  test("half of it", async (t) => {
    const { path, index } = await indexed(t);
    await truncate(index, 40_000);
    const { store } = storeAt(t, path);
    await until(async () => (await count(store).catch(() => 0)) === 200, "all exchanges to be back");
    await isOk(store);
  });

  test("of another version", async (t) => {
    const { path, index } = await indexed(t);
    const db = new DatabaseSync(index);
    db.exec("DROP TABLE exchange; CREATE TABLE exchange (something); PRAGMA user_version = 999");
    db.close();
    const { store, told } = storeAt(t, path);
    await isOk(store);
    deepEqual([await count(store), told], [200, []]);
  });

  test("deleted while it is used", async (t) => {
    const { path, index } = await indexed(t);
    const { store } = storeAt(t, path);
    await isOk(store);
    for (const suffix of ["", "-wal", "-shm"]) await rm(index + suffix, { force: true });
    await store.caughtUp();
    equal(await count(store), 200);
  });
});

describe("what stands in its way is told, and over when it is gone", { concurrency: 3 }, () => {
  test("another program holds it locked", async (t) => {
    const { path, index } = await indexed(t);
    const other = new DatabaseSync(index);
    t.after(async () => other.close());
    other.exec("BEGIN EXCLUSIVE");
    const { store, told } = storeAt(t, path);
    await until(() => store.state.state === "failed", "the lock to be met");
    match(store.state.problem ?? "", /another program holds the index locked/);
    await rejects(store.caughtUp(), /another program holds the index locked/);
    other.exec("COMMIT");
    await isOk(store);
    equal(await count(store), 200);
    match(told.join("\n"), /^warn: .*locked.*\ninfo: .*works again$/);
  });

  test("a folder is in its place", async (t) => {
    const { path, index } = await indexed(t);
    await rm(index, { force: true });
    await mkdir(index);
    const { store } = storeAt(t, path);
    await until(() => store.state.state === "failed", "it to fail");
    match(store.state.problem ?? "", /a folder is where the index should be: move it away/);
    await rejects(store.exchanges(query), /a folder is where the index should be/);
    await rm(index, { recursive: true });
    await isOk(store);
    equal(await count(store), 200);
  });

  test("the disk is full: the router serves, logs and says so", async (t) => {
    const router = await startRouter(
      `[server]\nport = 0\n[logging]\nenabled = true\n[[providers]]\nname = "s"\nformat = "simulated"\nttft_ms = 0\n[[routers]]\ntype = "fallback"\n`,
      {},
      { maxFileBytes: 32 * 1024 },
    );
    t.after(() => router.close());
    await until(() => /store of logs\/requests\.jsonl: /.test(router.logs()), "the router to say so");
    match(router.logs(), /warn store of logs\/requests\.jsonl: the disk /);
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] });
    for (let times = 0; times < 5; times++) {
      equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
    }
  });
});

test("a thread that ends is started again, some times", async (t) => {
  const clock = new FakeClock();
  const told: string[] = [];
  let started = 0;
  const store = new WorkerStore({
    source: { kind: "memory" },
    log: (level, message) => {
      if (level !== "debug") told.push(`${level}: ${message}`);
    },
    clock,
    start: () => {
      started++;
      return new Worker("process.exit(3)", { eval: true });
    },
  });
  t.after(() => store.close());
  store.open();
  const asked = store.stats({}).catch((error: Error) => error.message);
  for (let times = 1; times <= 5; times++) {
    await until(() => told.length === times, `end ${times} to be told`);
    clock.advance(60_000);
  }
  equal(await asked, "its thread ended and is started again");
  equal(started, 5);
  match(told.at(-1) ?? "", /^error: store: its thread ended 5 times: it stays off until the router is started again/);
  deepEqual([store.state.state, clock.pending], ["failed", 0]);
  await rejects(store.exchanges(query), /its thread ended 5 times/);
});

test("numbers larger than any column gives back: the row is listed, and added up", async (t) => {
  const path = join(await scratch(t), "requests.jsonl");
  const absurd = {
    ...randomRecord(seeded(5), Date.now() - 1_000),
    duration_ms: 1e300,
    time_to_first_token_ms: -1e300,
    status: 1e17,
    usage: { input_tokens: 1e17, output_tokens: -5, cached_read_tokens: 1e18, cache_write_tokens: 1e19 },
  };
  const costs = [-1e6, 1e308, 1e308].map((usd, at) => ({
    ...randomRecord(seeded(6 + at), Date.now() - 1_000),
    cost: { usd, source: "configured" },
  }));
  await writeFile(path, [absurd, ...costs].map((record) => `${JSON.stringify(record)}\n`).join(""));
  const { store } = storeAt(t, path);
  await store.caughtUp();
  const { exchanges } = await store.exchanges(query);
  const row = exchanges.find(({ id }) => id === absurd.id);
  equal(row?.usage?.input_tokens, Number.MAX_SAFE_INTEGER);
  deepEqual([row?.usage?.output_tokens, row?.time_to_first_token_ms], [0, 0]);
  const { requests, cost_usd } = (await store.stats({})).total;
  deepEqual([requests, cost_usd], [4, row?.cost.usd ?? 0]);
});

test("a question that cannot be answered is refused, and the store goes on", async (t) => {
  const { path, index } = await indexed(t);
  const { store, told } = storeAt(t, path);
  await isOk(store);
  const db = new DatabaseSync(index);
  db.exec("UPDATE exchange SET input_tokens = 9223372036854775807 WHERE seq = (SELECT min(seq) FROM exchange)");
  db.close();
  await rejects(store.exchanges(query), (error: Error) => !error.message.includes(" at "));
  equal(store.state.state, "ok");
  equal(await store.exchanges({ ...query, limit: 10 }).then(({ exchanges }) => exchanges.length), 10);
  ok(
    told.some((line) => line.startsWith("error: ")),
    told.join("\n"),
  );
});

test("records too long to be parsed or shown: their rows are right, whatever is in them", async (t) => {
  const path = join(await scratch(t), "requests.jsonl");
  const [small, ...others] = Array.from({ length: 3 }, (_, at) => randomRecord(seeded(at), Date.now() - 1_000 + at));
  const tricky = '{"}],[\\"\\\\'.repeat(200_000);
  const values = (count: number) => `[${"[],".repeat(count)}0]`;
  const long = others.map((record, at) =>
    JSON.stringify({ ...record, system: at === 0 ? tricky : null, messages: "HERE" }).replace(
      '"HERE"',
      values(at === 0 ? 12_000_000 : 3_000_000),
    ),
  );
  await writeFile(path, [JSON.stringify(small), ...long, ""].join("\n"));
  const { store } = storeAt(t, path);
  await store.caughtUp();
  const { exchanges } = await store.exchanges(query);
  const [second, first, other] = exchanges;
  deepEqual(
    [second, first].map((row) => [row?.id, row?.preview, row?.duration_ms, row?.usage?.input_tokens, row?.tags]),
    others.toReversed().map((record) => [record.id, null, record.duration_ms, record.usage?.input_tokens, record.tags]),
  );
  equal(other?.id, small?.id);
  match((await store.exchange(first?.id ?? ""))?.missing ?? "", /^it has \d+ MB, too much to show: see .* from byte/);
});
