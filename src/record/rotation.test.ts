import { deepEqual, equal, match, ok } from "node:assert/strict";
import { mkdir, readdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type Cleanup, scratch } from "../../test/support/in-process.ts";
import { logAt, textsIn } from "../../test/support/log-sink.ts";
import { until } from "../../test/support/until.ts";
import { systemClock } from "../core/clock.ts";
import { KEEP_ALL, Rotation } from "./rotation.ts";

const DAY = 24 * 3_600_000;
const ROTATED = /^requests\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.jsonl$/;

async function folderOf(t: Cleanup): Promise<{ folder: string; path: string }> {
  const folder = join(await scratch(t), "logs");
  await mkdir(folder);
  return { folder, path: join(folder, "requests.jsonl") };
}

async function age(path: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * DAY);
  await utimes(path, then, then);
}

test("a file that is large enough is renamed, and no record is lost or torn", async (t) => {
  const { folder, path } = await folderOf(t);
  const { sink, told, say } = logAt(t, path);
  sink.follow({ ...KEEP_ALL, rotateBytes: 2_000 });
  for (let at = 0; at < 40; at++) {
    for (let more = 0; more < 5; more++) say(`${at * 5 + more} ${"x".repeat(50)}`);
    await sink.written();
  }
  await sink.close();
  const names = (await readdir(folder)).sort();
  ok(names.length > 4, names.join());
  equal(names.at(-1), "requests.jsonl");
  for (const name of names.slice(0, -1)) {
    match(name, ROTATED);
    const { size } = await stat(join(folder, name));
    ok(size >= 2_000 && size < 3_000, `${size}`);
  }
  const texts = (await Promise.all(names.map((name) => textsIn(join(folder, name))))).flat();
  deepEqual(
    texts.map((text) => Number(text.split(" ")[0])),
    [...Array(200).keys()],
  );
  deepEqual(told, []);
});

test("without limits nothing is renamed and nothing deleted", async (t) => {
  const { folder, path } = await folderOf(t);
  await writeFile(join(folder, "requests.2020-01-01T00-00-00-000Z.jsonl"), "{}\n");
  const { sink, say } = logAt(t, path);
  sink.follow(KEEP_ALL);
  for (let at = 0; at < 50; at++) say("x".repeat(1_000));
  await sink.close();
  deepEqual((await readdir(folder)).sort(), ["requests.2020-01-01T00-00-00-000Z.jsonl", "requests.jsonl"]);
});

test("keep_days deletes renamed files that are older, and only those", async (t) => {
  const { folder, path } = await folderOf(t);
  const names = [
    "requests.2026-01-01T00-00-00-000Z.jsonl",
    "requests.2026-01-09T00-00-00-000Z.jsonl",
    "requests.old.jsonl",
  ];
  for (const name of names) await writeFile(join(folder, name), "{}\n");
  for (const [at, days] of [9, 1, 9].entries()) await age(join(folder, names[at] ?? ""), days);
  const { sink, told } = logAt(t, path);
  sink.follow({ ...KEEP_ALL, keepMs: 7 * DAY });
  sink.open();
  await until(() => told.length === 1, "the deletion to be told");
  match(
    told[0] ?? "",
    /^info: log .*: requests\.2026-01-01T00-00-00-000Z\.jsonl was deleted, as \[logging\] keep_days says$/,
  );
  await sink.written();
  deepEqual((await readdir(folder)).sort(), [...names.slice(1), "requests.jsonl"].sort());
});

test("with keep_days a file of yesterday is renamed before anything is added to it", async (t) => {
  const { folder, path } = await folderOf(t);
  await writeFile(path, `${JSON.stringify({ text: "old", ts_ms: Date.now() - 2 * DAY })}\n`);
  const { sink, say } = logAt(t, path);
  sink.follow({ ...KEEP_ALL, keepMs: 7 * DAY });
  say("new");
  await sink.close();
  const [rotated = "", current = ""] = (await readdir(folder)).sort();
  match(rotated, ROTATED);
  deepEqual([await textsIn(join(folder, rotated)), await textsIn(join(folder, current))], [["old"], ["new"]]);
});

test("keep_mb deletes the oldest until the rest fits, and keeps files small enough for that", async (t) => {
  const { folder, path } = await folderOf(t);
  const { sink, say } = logAt(t, path);
  sink.follow({ ...KEEP_ALL, keepBytes: 10_000 });
  for (let at = 0; at < 100; at++) {
    say(`${at} ${"x".repeat(500)}`);
    await sink.written();
  }
  await sink.close();
  const names = (await readdir(folder)).sort();
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  ok(total <= 10_600 && total > 4_000, `${total}`);
  const texts = (await Promise.all(names.map((name) => textsIn(join(folder, name))))).flat();
  const numbers = texts.map((text) => Number(text.split(" ")[0]));
  deepEqual(numbers, [...Array(100).keys()].slice(-numbers.length));
});

test("a file that another router renamed just before is nothing to warn of", async (t) => {
  const { path } = await folderOf(t);
  const told: string[] = [];
  const rotation = new Rotation({ path, clock: systemClock, tell: (_level, message) => void told.push(message) });
  rotation.rules = { ...KEEP_ALL, rotateBytes: 1_000 };
  await rotation.rotate();
  ok(await rotation.isDue(2_000), "the next file is rotated as soon as it is large");
  deepEqual(told, []);
});
