import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { scratch } from "../../../test/support/in-process.ts";
import { exampleLog } from "../../../test/support/replay-log.ts";
import { Lines } from "./lines.ts";
import { LogReading } from "./read-log.ts";

const LINES = exampleLog().trimEnd().split("\n");
const TIMES = LINES.map((line): number => JSON.parse(line).ts_ms);

async function timesOf(reading: LogReading): Promise<number[]> {
  const times: number[] = [];
  for await (const { row } of reading.exchanges()) times.push(row.ts_ms);
  return times;
}

test("a log is read with the files it was renamed to, compressed or not, in the order in which they were written", async (t) => {
  const folder = await scratch(t);
  const write = (name: string, from: number, to: number, isCompressed = false) => {
    const text = `${LINES.slice(from, to).join("\n")}\n`;
    writeFileSync(join(folder, name), isCompressed ? gzipSync(text) : text);
    // A copy is younger than what it is of.
    utimesSync(join(folder, name), 1_800_000_000 - from, 1_800_000_000 - from);
  };
  write("requests.jsonl", 30, 40);
  write("requests.2026-11-20T12-20-00-000Z.jsonl", 10, 20);
  write("requests.jsonl.1", 20, 30);
  write("requests.jsonl.2.gz", 0, 10, true);
  write("requests.old.jsonl", 0, 40);
  mkdirSync(join(folder, "requests.jsonl.3"));
  const reading = new LogReading(join(folder, "requests.jsonl"));
  deepEqual(await timesOf(reading), TIMES);
  deepEqual(
    reading.read.files.map(({ name, exchanges }) => [name, exchanges]),
    [
      ["requests.jsonl.2.gz", 10],
      ["requests.2026-11-20T12-20-00-000Z.jsonl", 10],
      ["requests.jsonl.1", 10],
      ["requests.jsonl", 10],
    ],
  );
});

test("what is older is left out, whole files of it unread; lines that are no records and one cut short are told of", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "requests.jsonl");
  writeFileSync(join(folder, "requests.jsonl.1"), `${LINES[0]}\n`);
  const old = (TIMES[0] ?? 0) / 1_000;
  utimesSync(join(folder, "requests.jsonl.1"), old, old);
  const unusual = JSON.stringify({ ts_ms: TIMES[3], ...JSON.parse(LINES[3] ?? ""), type: "complete" });
  const others = ["", "no JSON", "[1]", '{"type":"start","id":"x"}', unusual];
  writeFileSync(path, [...LINES.slice(1, 20), ...others, ...LINES.slice(20), '{"type":"complete","id":"to'].join("\n"));
  const since = TIMES[10] ?? 0;
  const reading = new LogReading(path, since);
  deepEqual(await timesOf(reading), TIMES.slice(10));
  const { older, foreign, torn, files, exchanges } = reading.read;
  deepEqual([older, foreign, torn, files.length, exchanges], [10, 3, 1, 1, 30]);
});

test("a compressed file that is cut short gives what it has, and is named; no folder is an error", async (t) => {
  const folder = await scratch(t);
  const text = LINES.map((line) => `${line.slice(0, -1)},"more":"${Math.random()}"}`).join("\n");
  const whole = gzipSync(text, { level: 0 });
  writeFileSync(join(folder, "requests.jsonl.1.gz"), whole.subarray(0, whole.length / 2));
  const reading = new LogReading(join(folder, "requests.jsonl"));
  const times = await timesOf(reading);
  deepEqual(times, TIMES.slice(0, times.length));
  deepEqual(reading.read.broken, [{ name: "requests.jsonl.1.gz", error: "unexpected end of file" }]);
  await rejects(timesOf(new LogReading(join(folder, "nowhere", "requests.jsonl"))), { code: "ENOENT" });
});

test("lines are the same however the bytes are cut", () => {
  const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", ""));
  fc.assert(
    fc.property(fc.array(line), fc.string(), fc.array(fc.nat(40)), (whole, rest, cuts) => {
      const tail = rest.replaceAll("\n", "");
      const bytes = Buffer.from(whole.map((text) => `${text}\n`).join("") + tail);
      const lines = new Lines();
      const got: string[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        got.push(...lines.take(bytes.subarray(at, at + cut)));
        at += cut;
      }
      const last = lines.rest();
      const utf8 = (text: string) => Buffer.from(text).toString();
      deepEqual([...got, ...(last === undefined ? [] : [last])], [...whole, ...(tail === "" ? [] : [tail])].map(utf8));
      equal(lines.tooLong, 0);
    }),
  );
});
