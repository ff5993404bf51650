import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { appendFile, chmod, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Cleanup, scratch } from "../../test/support/in-process.ts";
import { randomRecord, seeded } from "../../test/support/log-records.ts";
import type { ExchangeQuery } from "../api/exchanges.ts";
import { exchangePageSchema, exchangeQuerySchema } from "../api/exchanges.ts";
import { statsSchema } from "../api/stats.ts";
import type { CompleteEvent } from "../record/events.ts";
import { WorkerStore } from "./worker-store.ts";

const HOUR = 3_600_000;

/** A store of the log at `path`, closed when the test ends. */
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

function recordsUntilNow(count: number, spanMs: number, seed = 1): CompleteEvent[] {
  const random = seeded(seed);
  const now = Date.now();
  return Array.from({ length: count }, (_, at) =>
    randomRecord(random, now - spanMs + Math.floor((spanMs * at) / count)),
  );
}

const linesOf = (records: readonly CompleteEvent[]) => records.map((record) => `${JSON.stringify(record)}\n`).join("");
const query = (asked: Partial<ExchangeQuery> = {}) => exchangeQuerySchema.parse(asked);

/** All pages. */
async function all(store: WorkerStore, asked: Partial<ExchangeQuery>): Promise<string[]> {
  const ids: string[] = [];
  for (let before: string | null | undefined; before !== null; ) {
    const page = exchangePageSchema.parse(
      await store.exchanges(query({ limit: 500, ...asked, ...(before && { before }) })),
    );
    ids.push(...page.exchanges.map(({ id }) => id));
    before = page.next;
  }
  return ids;
}

describe("lists", () => {
  test("every filter gives what a look at every record of the log gives, page by page, newest first", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    const records = recordsUntilNow(3_000, 5 * 24 * HOUR);
    await writeFile(path, linesOf(records));
    const { store, told } = storeAt(t, path);
    await store.caughtUp();
    const newestFirst = records.toReversed();
    const middle = records[1_500]?.ts_ms ?? 0;
    const one = records[700];
    const cases: [Partial<ExchangeQuery>, (record: CompleteEvent) => boolean][] = [
      [{}, () => true],
      [{ limit: 7 }, () => true],
      [{ provider: "ollama" }, ({ provider }) => provider === "ollama"],
      [{ model: "auto" }, ({ requested_model }) => requested_model === "auto"],
      [
        { model: "kimi-k3", limit: 3 },
        ({ requested_model, sent_model }) => [requested_model, sent_model].includes("kimi-k3"),
      ],
      [{ client: "gemini" }, ({ client }) => client === "gemini"],
      [{ agent: "codex" }, ({ agent }) => agent === "codex"],
      [{ session: one?.session ?? "session-1" }, ({ session }) => session === (one?.session ?? "session-1")],
      [{ tag: "vision", provider: "groq" }, ({ tags, provider }) => tags.includes("vision") && provider === "groq"],
      [
        { rule: "price" },
        ({ decision }) => decision.some(({ outcome, label }) => outcome === "chosen" && label === "price"),
      ],
      [{ outcome: "ok" }, ({ outcome }) => outcome === "ok"],
      [{ outcome: "error" }, ({ outcome }) => outcome !== "ok" && outcome !== "client-gone"],
      [{ outcome: "client-gone", since_ms: middle }, (r) => r.outcome === "client-gone" && r.ts_ms >= middle],
      [{ until_ms: middle, limit: 500 }, ({ ts_ms }) => ts_ms < middle],
      [{ since_ms: middle, until_ms: middle + 6 * HOUR }, (r) => r.ts_ms >= middle && r.ts_ms < middle + 6 * HOUR],
      [{ provider: "nobody" }, () => false],
      [{ q: "zurich 東 gram" }, (r) => ["Zürich", "東", " gram"].every((word) => seen(r).includes(word))],
      [
        { q: "CLAUDE-sonnet" },
        ({ requested_model, sent_model }) => [requested_model, sent_model].includes("claude-sonnet-5"),
      ],
      [{ q: one?.id ?? "" }, ({ id }) => id === one?.id],
      [{ q: one?.id.slice(0, 9) ?? "" }, ({ id }) => id === one?.id],
      [{ q: "nowhereword" }, () => false],
      [{ q: '" OR fox AND (' }, () => false],
    ];
    for (const [asked, expected] of cases) {
      const wanted = newestFirst.filter(expected).map(({ id }) => id);
      const found = await all(store, asked);
      const wrong = {
        extra: found.filter((id) => !wanted.includes(id)),
        missing: wanted.filter((id) => !found.includes(id)),
      };
      deepEqual(wrong, { extra: [], missing: [] }, JSON.stringify(asked));
      deepEqual(found, wanted, `the order of ${JSON.stringify(asked)}`);
    }
    deepEqual(store.state, { state: "ok", exchanges: 3_000, problem: null });
    deepEqual(told, []);
  });

  test("an exchange comes with its line of the log", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    const records = recordsUntilNow(50, HOUR);
    await writeFile(path, linesOf(records));
    const { store } = storeAt(t, path);
    await store.caughtUp();
    for (const record of records) {
      const found = await store.exchange(record.id);
      equal(found?.record, JSON.stringify(record));
      equal(found?.row.preview, textOf(record).slice(0, 200));
      deepEqual([found?.row.usage, found?.row.cost, found?.missing], [record.usage, record.cost, null]);
    }
    equal(await store.exchange("nobody"), undefined);
  });
});

describe("statistics", () => {
  for (const [name, spanMs] of [
    ["15 minutes", HOUR / 4],
    ["3 hours", 3 * HOUR],
    ["7 days", 7 * 24 * HOUR],
    ["30 days", 30 * 24 * HOUR],
    ["3 years", 3 * 365 * 24 * HOUR],
  ] as const) {
    test(`of ${name} are those of the log`, async (t) => {
      const path = join(await scratch(t), "requests.jsonl");
      const records = recordsUntilNow(2_000, spanMs, spanMs);
      await writeFile(path, linesOf(records));
      const { store } = storeAt(t, path);
      await store.caughtUp();
      const until_ms = Date.now();
      for (const by of ["provider", "model", "tag", "client", "rule"] as const) {
        const stats = statsSchema.parse(await store.stats({ since_ms: until_ms - spanMs, until_ms, by }));
        ok((stats.until_ms - stats.since_ms) / stats.step_ms <= 201, `${stats.step_ms}`);
        const inRange = records.filter(({ ts_ms }) => ts_ms >= stats.since_ms && ts_ms < stats.until_ms);
        compare(stats.total, inRange);
        equal(
          stats.points.reduce((sum, { requests }) => sum + requests, 0),
          inRange.length,
        );
        for (const point of stats.points) {
          compare(
            point,
            inRange.filter(({ ts_ms }) => ts_ms >= point.ts_ms && ts_ms < point.ts_ms + stats.step_ms),
          );
        }
        const groups = groupsOf(inRange, by);
        deepEqual(stats.groups.map(({ key }) => key).sort(), [...groups.keys()].sort());
        for (const { key, total, points } of stats.groups) {
          compare(total, groups.get(key) ?? []);
          equal(points.reduce((sum, { cost_usd }) => sum + cost_usd, 0).toFixed(6), total.cost_usd.toFixed(6));
        }
        equal(
          stats.flows.reduce((sum, { requests }) => sum + requests, 0),
          inRange.length,
        );
      }
    });
  }

  test("names beyond what a step holds are counted together", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    const records = recordsUntilNow(500, HOUR / 4).map((record, at) => ({ ...record, sent_model: `invented-${at}` }));
    await writeFile(path, linesOf(records));
    const { store } = storeAt(t, path);
    await store.caughtUp();
    const stats = await store.stats({ since_ms: Date.now() - 6 * HOUR, by: "model" });
    ok(stats.groups.length <= 13, `${stats.groups.length}`);
    equal(stats.groups[0]?.key, "(other)");
    equal(
      stats.groups.reduce((sum, { total }) => sum + total.requests, 0),
      500,
    );
    compare(stats.total, records);
  });
});

describe("the log under it", () => {
  test("lines that are not ours, of 0.7.0, and one that is not finished", async (t) => {
    const path = join(await scratch(t), "requests.jsonl");
    const [first, second, third] = recordsUntilNow(3, HOUR);
    const old = { type: "complete", id: "old", ts_ms: Date.now(), provider: "p", requested_model: "m", duration_ms: 5 };
    const torn = JSON.stringify(third);
    const lines = [JSON.stringify(first), "not JSON", "{}", '{"type":"complete","id":7}', "", JSON.stringify(old)];
    await writeFile(path, `${lines.join("\n")}\n${JSON.stringify(second)}\n${torn.slice(0, 100)}`);
    const { store } = storeAt(t, path);
    await store.caughtUp();
    deepEqual((await all(store, {})).sort(), [first?.id, second?.id, "old"].sort());
    await appendFile(path, `${torn.slice(100)}\n`);
    await store.caughtUp();
    equal((await all(store, {})).length, 4);
    equal((await store.exchange(third?.id ?? ""))?.record, torn);
  });

  test("a symbolic link in the place of the index is not followed", async (t) => {
    const folder = await scratch(t);
    await writeFile(join(folder, "requests.jsonl"), linesOf(recordsUntilNow(3, HOUR)));
    await writeFile(join(folder, "precious"), "");
    await chmod(join(folder, "precious"), 0o644);
    await symlink(join(folder, "precious"), join(folder, "requests.index.sqlite"));
    const { store } = storeAt(t, join(folder, "requests.jsonl"));
    await rejects(store.caughtUp(), /it is a symbolic link, which is not followed/);
    const { size, mode } = await stat(join(folder, "precious"));
    deepEqual([size, mode & 0o777], [0, 0o644]);
  });

  test("the index is its owner's alone", async (t) => {
    const folder = await scratch(t);
    await writeFile(join(folder, "requests.jsonl"), linesOf(recordsUntilNow(3, HOUR)));
    const { store } = storeAt(t, join(folder, "requests.jsonl"));
    await store.caughtUp();
    for (const name of ["", "-wal"]) {
      equal((await stat(join(folder, `requests.index.sqlite${name}`))).mode & 0o777, 0o600);
    }
    ok((await readFile(join(folder, "requests.index.sqlite"))).length > 0);
  });

  test("closed, it says so", async (t) => {
    const { store } = storeAt(t, join(await scratch(t), "requests.jsonl"));
    await store.close();
    await rejects(store.exchanges(query()), /the store is closed/);
  });
});

/** What is searched of its text. */
function seen(record: CompleteEvent): string {
  return ` ${textOf(record).slice(0, 200)}`;
}

function textOf({ messages }: CompleteEvent): string {
  return String(messages[0]?.content[0]?.["text"]);
}

function groupsOf(records: readonly CompleteEvent[], by: "provider" | "model" | "tag" | "client" | "rule") {
  const groups = new Map<string, CompleteEvent[]>();
  for (const record of records) {
    const { provider, requested_model, sent_model, tags, client, agent, decision } = record;
    const rule = decision.find(({ outcome }) => outcome === "chosen")?.["label"];
    const keys = {
      provider: [provider ?? "(none)"],
      model: [sent_model ?? requested_model],
      tag: tags.length === 0 ? ["(none)"] : tags,
      client: [agent ?? client],
      rule: [String(rule ?? "(none)")],
    };
    for (const key of keys[by]) groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return groups;
}

/** Sums are equal, percentiles within 5 %. */
function compare(measures: ReturnType<typeof statsSchema.parse>["total"], records: readonly CompleteEvent[]): void {
  const sum = (of: (record: CompleteEvent) => number) => records.reduce((total, record) => total + of(record), 0);
  deepEqual(
    [
      measures.requests,
      measures.errors,
      measures.client_gone,
      measures.input_tokens,
      measures.output_tokens,
      measures.cached_read_tokens,
      measures.reasoning_tokens,
      measures.cost_usd.toFixed(6),
      measures.unpriced,
    ],
    [
      records.length,
      sum(({ outcome }) => (outcome === "ok" || outcome === "client-gone" ? 0 : 1)),
      sum(({ outcome }) => (outcome === "client-gone" ? 1 : 0)),
      sum(({ usage }) => usage?.input_tokens ?? 0),
      sum(({ usage }) => usage?.output_tokens ?? 0),
      sum(({ usage }) => usage?.cached_read_tokens ?? 0),
      sum(({ usage }) => usage?.reasoning_tokens ?? 0),
      sum(({ cost }) => cost.usd ?? 0).toFixed(6),
      sum(({ usage, cost }) => (usage && cost.usd === null && usage.input_tokens + usage.output_tokens > 0 ? 1 : 0)),
    ],
  );
  percentilesAgree(
    measures.duration_ms,
    records.map(({ duration_ms }) => duration_ms),
  );
  percentilesAgree(
    measures.time_to_first_token_ms,
    records.flatMap(({ stream, time_to_first_token_ms: first }) => (stream && first !== null ? [first] : [])),
  );
}

function percentilesAgree(told: { p50: number; p95: number; p99: number } | null, values: readonly number[]): void {
  if (values.length === 0) return equal(told, null);
  const sorted = values.toSorted((a, b) => a - b);
  for (const [percent, value] of [
    [50, told?.p50],
    [95, told?.p95],
    [99, told?.p99],
  ] as const) {
    const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? 0;
    ok(Math.abs((value ?? -1) - exact) <= exact * 0.05, `p${percent}: ${value}, not ${exact}`);
  }
}
