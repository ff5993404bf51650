import { deepEqual, equal, match } from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { inProcess, scratch } from "../../test/support/in-process.ts";
import { randomRecord, seeded } from "../../test/support/log-records.ts";
import { exchangeQuerySchema } from "../api/exchanges.ts";
import { dispatch } from "./dispatch.ts";

const SIMULATED = `[[providers]]\nname = "p"\nformat = "simulated"\nttft_ms = 0\n[[routers]]\ntype = "fallback"\n`;

async function reindex(config: string): Promise<{ code: number; out: string[]; err: string[] }> {
  const out: string[] = [];
  const err: string[] = [];
  const io = { env: {}, out: (line: string) => void out.push(line), err: (line: string) => void err.push(line) };
  const code = await dispatch(["reindex", config], io);
  return { code, out, err };
}

function lines(count: number, seed: number): string {
  const random = seeded(seed);
  const records = Array.from({ length: count }, (_, at) => randomRecord(random, Date.now() - 900_000 + at));
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

test("the index is made of all files of the log, whatever it was before", async (t) => {
  const folder = await scratch(t);
  const config = join(folder, "config.toml");
  await writeFile(config, `${SIMULATED}[logging]\npath = ${JSON.stringify(join(folder, "requests.jsonl"))}\n`);
  deepEqual((await reindex(config)).code, 1);
  match((await reindex(config)).err.join(), /there is no log at .*requests\.jsonl: nothing to index/);
  await writeFile(join(folder, "requests.2026-11-28T22-01-18-123Z.jsonl"), lines(100, 1));
  await writeFile(join(folder, "requests.jsonl"), `${lines(50, 2)}not ours\n`);
  await writeFile(
    join(folder, "requests.index.sqlite"),
    "no database at all, but long enough to be taken for one".repeat(100),
  );
  for (let times = 0; times < 2; times++) {
    const { code, out, err } = await reindex(config);
    deepEqual([code, err], [0, []]);
    match(out[0] ?? "", /^requests\.2026-11-28T22-01-18-123Z\.jsonl: 100 exchanges in \d\.\d MiB$/);
    match(out[1] ?? "", /^requests\.jsonl: 50 exchanges in \d\.\d MiB, 1 lines are no records$/);
    match(out[2] ?? "", /requests\.index\.sqlite: 150 exchanges, \d\.\d MiB, made in \d+\.\d s$/);
  }
  const index = new DatabaseSync(join(folder, "requests.index.sqlite"), { readOnly: true });
  equal(index.prepare("SELECT count(*) AS count FROM exchange").get()?.["count"], 150);
  index.close();
});

test("a router that runs goes on with it, and counts nothing twice", async (t) => {
  const folder = await scratch(t);
  const path = join(folder, "requests.jsonl");
  const toml = `${SIMULATED}[logging]\nenabled = true\npath = ${JSON.stringify(path)}\n`;
  await writeFile(join(folder, "config.toml"), toml);
  await writeFile(path, lines(300, 3));
  const router = await inProcess(t, toml, { recording: true });
  const ask = async () => {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] });
    equal((await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body })).status, 200);
  };
  await ask();
  await router.store?.caughtUp();
  equal((await reindex(join(folder, "config.toml"))).code, 0);
  await ask();
  await router.store?.caughtUp();
  const page = await router.store?.exchanges(exchangeQuerySchema.parse({ limit: 500 }));
  const stats = await router.store?.stats({ since_ms: Date.now() - 3_600_000, by: "client" });
  deepEqual([page?.exchanges.length, stats?.total.requests, router.store?.state.state], [302, 302, "ok"]);
  const last = (await readFile(path, "utf8")).trimEnd().split("\n").at(-1);
  equal((await router.store?.exchange(router.completes().at(-1)?.id ?? ""))?.record, last);
  deepEqual(router.log, []);
});
