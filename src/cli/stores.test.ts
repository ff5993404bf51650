import { deepEqual, equal, rejects } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../../test/support/in-process.ts";
import { randomRecord, seeded } from "../../test/support/log-records.ts";
import { exchangeQuerySchema } from "../api/exchanges.ts";
import { type Config, configSchema } from "../config/config.ts";
import { Stores } from "./stores.ts";

const query = exchangeQuerySchema.parse({});

test("a reload goes on with the store of the same log, and ends that of another", async (t) => {
  const folder = await scratch(t);
  const random = seeded(1);
  const configOf = async (name: string, count: number): Promise<Config> => {
    const path = join(folder, name);
    const records = Array.from({ length: count }, () => randomRecord(random, Date.now()));
    await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    return configSchema.parse({ logging: { enabled: true, path } });
  };
  const [one, two] = [await configOf("one.jsonl", 1), await configOf("two.jsonl", 2)];
  const stores = new Stores(() => undefined);
  t.after(() => stores.close());
  const first = stores.of(one, undefined);
  await stores.open(one);
  await first?.caughtUp();
  equal(stores.of(one, undefined), first);
  await stores.open(one);
  equal((await first?.exchanges(query))?.exchanges.length, 1);
  const second = stores.of(two, undefined);
  await stores.open(two);
  await second?.caughtUp();
  equal((await second?.exchanges(query))?.exchanges.length, 2);
  await rejects(async () => first?.exchanges(query), /the store is closed/);
  const again = stores.of(one, undefined);
  await stores.open(one);
  await again?.caughtUp();
  equal((await again?.exchanges(query))?.exchanges.length, 1);
});

test("where it lives", () => {
  const stores = new Stores(() => undefined);
  const kindOf = (settings: object) => {
    const store = stores.of(configSchema.parse(settings), undefined);
    return store && (store.isTold ? "memory" : "index");
  };
  deepEqual(
    [
      kindOf({}),
      kindOf({ server: { dashboard: true } }),
      kindOf({ logging: { enabled: true } }),
      kindOf({ logging: { enabled: true, index: false } }),
      kindOf({ logging: { enabled: true, index: false }, server: { dashboard: true } }),
      kindOf({ logging: { enabled: true, path: "/dev/stdout" }, server: { dashboard: true } }),
    ],
    [undefined, "memory", "index", undefined, "memory", "memory"],
  );
});
