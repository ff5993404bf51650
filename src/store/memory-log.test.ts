import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { randomRecord, seeded } from "../../test/support/log-records.ts";
import { exchangeQuerySchema } from "../api/exchanges.ts";
import { OpenIndex } from "./index/open-index.ts";
import { MemoryLog } from "./memory-log.ts";

function setUp(count: number, content: string) {
  const index = OpenIndex.inMemory();
  const log = new MemoryLog(index);
  const random = seeded(11);
  const now = Date.now();
  const records = Array.from({ length: count }, (_, at) => ({
    ...randomRecord(random, now - 600_000 + at),
    system: content,
  }));
  for (let at = 0; at < count; at += 500) {
    for (const _ of log.pass(records.slice(at, at + 500).map((record) => JSON.stringify(record))));
  }
  const newest = () => index.lister.exchanges(exchangeQuerySchema.parse({ limit: 1 })).exchanges[0]?.id;
  const lineOf = (id: string | undefined) => log.lineOf(Number(index.lister.find(id ?? "")?.["seq"]));
  return { index, records, now, newest, lineOf };
}

test("the latest 10,000 are kept with their records, the sums of all", () => {
  const { index, records, now, newest, lineOf } = setUp(10_500, "short");
  equal(index.exchanges, 10_000);
  equal(index.db.prepare("SELECT count(*) AS count FROM search").get()?.["count"], 10_000);
  equal(index.stats.stats({ since_ms: now - 3_600_000 }, now).total.requests, 10_500);
  equal(newest(), records.at(-1)?.id);
  equal(lineOf(records.at(-10_000)?.id), JSON.stringify(records.at(-10_000)));
  deepEqual([index.lister.find(records.at(-10_001)?.id ?? ""), lineOf(records[0]?.id)], [undefined, undefined]);
  index.close();
});

test("of large records fewer", () => {
  const { index, records, newest, lineOf } = setUp(80, "x".repeat(1024 * 1024));
  equal(index.exchanges, 63);
  deepEqual([newest(), lineOf(records[0]?.id)], [records.at(-1)?.id, undefined]);
  index.close();
});
