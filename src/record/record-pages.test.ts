import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { RecordPages } from "./record-pages.ts";

const MIB = 1024 * 1024;

/** Writes everything out, `most` bytes of each page at a time, as a disk may. */
function drained(pages: RecordPages, most = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  for (let page = pages.first(); page; page = pages.first()) {
    const whole = page.ends.filter((end) => end < Math.max(most, (page.ends[0] ?? 0) + 1));
    lines.push(
      ...page.bytes
        .subarray(0, (whole.at(-1) ?? -1) + 1)
        .toString()
        .split("\n")
        .slice(0, -1),
    );
    pages.drop(whole.length);
  }
  return lines;
}

/** Cut between any two characters. */
const piecesOf = (record: string) => record.match(/.{1,1000}/gsu) ?? [];

test("records come out as they went in, in order, whatever their size and script", () => {
  const pages = new RecordPages();
  const records = Array.from(
    { length: 300 },
    (_, at) => `${at} ${["é模🎉", "x"][at % 2]?.repeat((at * 7919) % 20_000)}`,
  );
  records.splice(150, 0, "y".repeat(3 * MIB), "模".repeat(MIB));
  for (const most of [Number.POSITIVE_INFINITY, 50_000]) {
    for (const record of records) pages.add(piecesOf(record));
    equal(pages.count, records.length);
    equal(
      pages.bytes,
      records.reduce((sum, record) => sum + Buffer.byteLength(record) + 1, 0),
    );
    deepEqual(drained(pages, most), records);
    deepEqual([pages.count, pages.bytes, pages.isFull], [0, 0, false]);
  }
});

test("what comes while a page is being written is not in it, and not lost", () => {
  const pages = new RecordPages();
  pages.add(["one"]);
  const page = pages.first();
  pages.add(["two"]);
  equal(page?.bytes.toString(), "one\n");
  pages.drop(page?.ends.length ?? 0);
  deepEqual(drained(pages), ["two"]);
});
