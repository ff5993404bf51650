import { deepEqual, equal, ok } from "node:assert/strict";
import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Cleanup, scratch } from "../../../test/support/in-process.ts";
import { randomRecord, seeded } from "../../../test/support/log-records.ts";
import { exchangeQuerySchema } from "../../api/exchanges.ts";
import type { CompleteEvent } from "../../record/events.ts";
import { logNames } from "../../record/log-names.ts";
import { placeOf } from "../index/columns.ts";
import { OpenIndex } from "../index/open-index.ts";
import { readBytes } from "./log-files.ts";
import { LogFollower } from "./log-follower.ts";

const DAY = 24 * 3_600_000;

/** A log with its index, in a time that a test can turn. */
async function setUp(t: Cleanup) {
  const path = join(await scratch(t), "requests.jsonl");
  const index = OpenIndex.at(logNames(path).index);
  t.after(async () => index.close());
  const time = { now: Date.now() };
  const follower = new LogFollower(logNames(path), index, { nowMs: () => time.now });
  const random = seeded(7);
  const records = Array.from({ length: 300 }, (_, at) => randomRecord(random, time.now - 8 * DAY + at * 1_800_000));
  const look = () => {
    for (let times = 0; times < 3; times++) {
      time.now += 11_000;
      for (const _ of follower.pass());
    }
  };
  const idsIn = () => index.lister.exchanges(exchangeQuerySchema.parse({ limit: 500 })).exchanges.map(({ id }) => id);
  const write = (name: string, some: readonly CompleteEvent[]) =>
    appendFileSync(join(path, "..", name), some.map((record) => `${JSON.stringify(record)}\n`).join(""));
  /** Rows, records and sums are those of these records, and of no others. */
  const expect = (some: readonly CompleteEvent[]) => {
    deepEqual(idsIn().toSorted(), some.map(({ id }) => id).toSorted());
    equal(index.exchanges, some.length);
    const stats = index.stats.stats({ since_ms: time.now - 20 * DAY, by: "provider" }, time.now);
    equal(stats.total.requests, some.length);
    equal(
      stats.total.input_tokens,
      some.reduce((sum, { usage }) => sum + (usage?.input_tokens ?? 0), 0),
    );
    equal(
      stats.groups.reduce((sum, { total }) => sum + total.requests, 0),
      some.length,
    );
    for (const record of some) {
      const columns = index.lister.find(record.id);
      ok(columns);
      const { file, offset, length } = placeOf(columns);
      equal(readBytes(follower.pathOf(file) ?? "", offset, length).toString(), JSON.stringify(record));
    }
  };
  return { path, folder: join(path, ".."), index, follower, records, look, write, expect, time };
}

test("renamed between two looks: what was written before and after is there once", async (t) => {
  const { path, folder, records, look, write, expect } = await setUp(t);
  write("requests.jsonl", records.slice(0, 100));
  look();
  write("requests.jsonl", records.slice(100, 150));
  renameSync(path, join(folder, "requests.2026-11-28T22-01-18-123Z.jsonl"));
  write("requests.jsonl", records.slice(150, 200));
  look();
  expect(records.slice(0, 200));
  renameSync(path, join(folder, "requests.jsonl.1"));
  write("requests.jsonl", records.slice(200));
  look();
  expect(records);
});

test("copied and cut short, as logrotate's copytruncate does", async (t) => {
  const { path, folder, records, look, write, expect } = await setUp(t);
  write("requests.jsonl", records.slice(0, 100));
  look();
  copyFileSync(path, join(folder, "requests.jsonl.1"));
  look();
  expect(records.slice(0, 100));
  truncateSync(path, 0);
  write("requests.jsonl", records.slice(100, 180));
  look();
  expect(records.slice(0, 180));
});

test("a copy that is deleted again takes nothing with it", async (t) => {
  const { path, folder, records, look, write, expect } = await setUp(t);
  write("requests.jsonl", records.slice(0, 100));
  look();
  copyFileSync(path, join(folder, "requests.jsonl.1"));
  look();
  rmSync(join(folder, "requests.jsonl.1"));
  look();
  look();
  expect(records.slice(0, 100));
});

test("written anew in its place: shorter, then longer than it was", async (t) => {
  const { path, records, look, write, expect } = await setUp(t);
  write("requests.jsonl", records.slice(0, 100));
  look();
  writeFileSync(path, "");
  write("requests.jsonl", records.slice(100, 120));
  look();
  expect(records.slice(100, 120));
  writeFileSync(path, "");
  write("requests.jsonl", records.slice(120, 300));
  look();
  expect(records.slice(120, 300));
});

test("deleted: its rows, search words and sums go, those of other files in the same steps stay", async (t) => {
  const { folder, index, records, look, write, expect } = await setUp(t);
  write("requests.2026-11-20T00-00-00-000Z.jsonl", records.slice(0, 100));
  write("requests.2026-11-21T00-00-00-000Z.jsonl", records.slice(100, 201));
  write("requests.jsonl", records.slice(201));
  look();
  expect(records);
  rmSync(join(folder, "requests.2026-11-21T00-00-00-000Z.jsonl"));
  look();
  expect([...records.slice(0, 100), ...records.slice(201)]);
  equal(index.db.prepare("SELECT count(*) AS count FROM search").get()?.["count"], 199);
  rmSync(join(folder, "requests.2026-11-20T00-00-00-000Z.jsonl"));
  look();
  expect(records.slice(201));
  rmSync(join(folder, "requests.jsonl"));
  look();
  expect([]);
});

test("deleted, with something last in it that is no record: its rows go all the same", async (t) => {
  const { folder, records, look, write, expect } = await setUp(t);
  write("requests.2026-11-20T00-00-00-000Z.jsonl", records.slice(0, 20));
  write("requests.jsonl", records.slice(20, 40));
  look();
  appendFileSync(join(folder, "requests.2026-11-20T00-00-00-000Z.jsonl"), "no record\n");
  look();
  expect(records.slice(0, 40));
  rmSync(join(folder, "requests.2026-11-20T00-00-00-000Z.jsonl"));
  look();
  expect(records.slice(20, 40));
});

test("older files that come later are sorted in by their time", async (t) => {
  const { index, records, look, write, expect } = await setUp(t);
  write("requests.jsonl", records.slice(150));
  look();
  write("requests.jsonl.2", records.slice(0, 150).toReversed());
  look();
  expect(records);
  const listed = index.lister.exchanges(exchangeQuerySchema.parse({ limit: 500 })).exchanges;
  deepEqual(
    listed.map(({ id }) => id),
    records.toReversed().map(({ id }) => id),
  );
});

test("two that follow the same log with the same index count everything once", async (t) => {
  const { path, records, look, write, expect, time } = await setUp(t);
  const other = OpenIndex.at(logNames(path).index);
  t.after(async () => other.close());
  const second = new LogFollower(logNames(path), other, { nowMs: () => time.now });
  for (let at = 0; at < 300; at += 60) {
    write("requests.jsonl", records.slice(at, at + 30));
    for (const _ of second.pass());
    write("requests.jsonl", records.slice(at + 30, at + 60));
    look();
    for (const _ of second.pass());
  }
  expect(records);
});

test("what is no file of the log is left alone", async (t) => {
  const { folder, records, look, write, expect } = await setUp(t);
  write("requests.jsonl", records.slice(0, 10));
  write("requests.other.jsonl", records.slice(10, 20));
  write("requests.jsonl.bak", records.slice(20, 30));
  write("requests.jsonl.1.gz", records.slice(30, 40));
  mkdirSync(join(folder, "requests.jsonl.9"));
  look();
  expect(records.slice(0, 10));
});
