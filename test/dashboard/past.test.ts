import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import type { CompleteEvent } from "../../src/record/events.ts";
import { countText, durationText, moneyText, percentText } from "../../web/src/parts/format.ts";
import { checkView, latestExchange } from "../support/browser/check-view.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { openView } from "../support/browser/dashboard.ts";
import { type Past, startPast } from "../support/browser/past.ts";
import { until } from "../support/until.ts";

const DAY_MS = 24 * 3_600_000;
/** All steps in which the store adds up are parts of it, so a span of these is no wider than what was asked for. */
const STEP_MS = 2 * DAY_MS;
const COUNT = 100_000;

describe(`a router with a log of ${COUNT} lines`, () => {
  let browser: Browser;
  let past: Past;
  let span = "";
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    browser = await launchChromium();
    past = await startPast({ after: (close) => void closers.unshift(close) }, COUNT, 29 * DAY_MS);
    const first = past.records[0]?.ts_ms ?? 0;
    const since = Math.floor(first / STEP_MS) * STEP_MS;
    span = `since=${since}&until=${Math.ceil(Date.now() / STEP_MS) * STEP_MS}`;
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  test("Overview: requests, errors, times, tokens, cost", async (context) => {
    const { page, faults } = await openView(context, browser, past.router, `overview?${span}`);
    const { records } = past;
    const errors = records.filter(isError).length;
    const gone = records.filter(({ outcome }) => outcome === "client-gone").length;
    const priced = sum(records, ({ cost }) => cost.usd ?? 0);
    const requests = page.getByRole("region", { name: "Requests", exact: true });
    await requests.getByText(countText(COUNT), { exact: true }).waitFor();
    assert.match((await requests.textContent()) ?? "", new RegExp(`${countText(gone)} left early`));
    const failed = page.getByRole("region", { name: "Errors", exact: true });
    assert.equal(await figure(failed), percentText(errors / COUNT));
    assert.match(
      (await failed.textContent()) ?? "",
      new RegExp(`${countText(errors)} of ${countText(COUNT)} requests`),
    );
    assert.equal(await figure(page.getByRole("region", { name: "Tokens", exact: true })), countText(tokens(records)));
    assert.equal(await figure(page.getByRole("region", { name: "Cost", exact: true })), moneyText(priced));
    for (const [name, values] of [
      ["Duration", records.map(({ duration_ms }) => duration_ms)],
      ["Time to first token", records.flatMap(({ time_to_first_token_ms: ms }) => (ms === null ? [] : [ms]))],
    ] as const) {
      const region = page.getByRole("region", { name, exact: true });
      const shown = [await figure(region), ...(await region.locator("li b").allTextContents())].filter(Boolean);
      assert.equal(shown.length, 3, `${name}: ${shown}`);
      for (const [place, share] of [0.5, 0.95, 0.99].entries()) near(shown[place] ?? "", quantile(values, share), name);
    }
    assert.deepEqual(faults, []);
  });

  for (const [by, keysOf] of Object.entries({
    provider: ({ provider }) => [provider ?? "(none)"],
    model: ({ sent_model, requested_model }) => [sent_model ?? requested_model],
    tag: ({ tags }) => (tags.length === 0 ? ["(none)"] : tags),
    client: ({ agent, client }) => [agent ?? client],
    rule: ({ decision }) => [String(decision.find(({ outcome }) => outcome === "chosen")?.["label"] ?? "(none)")],
  } satisfies Record<string, (record: CompleteEvent) => string[]>)) {
    test(`Overview by ${by}: a row for each, with its requests, errors, tokens and cost`, async (context) => {
      const { page } = await openView(context, browser, past.router, `overview?${span}&by=${by}`);
      const expected = new Map<string, CompleteEvent[]>();
      for (const record of past.records) {
        for (const key of keysOf(record)) {
          const group = expected.get(key);
          if (group) group.push(record);
          else expected.set(key, [record]);
        }
      }
      const rows = await groupsOn(page);
      assert.deepEqual(rows.map(({ key }) => key).sort(), [...expected.keys()].sort());
      for (const { key, cells } of rows) {
        const group = expected.get(key) ?? [];
        assert.equal(cells["Requests"], countText(group.length), key);
        assert.equal(cells["Errors"], countText(group.filter(isError).length), key);
        assert.equal(cells["In"], countText(sum(group, ({ usage }) => usage?.input_tokens ?? 0)), key);
        assert.equal(cells["Out"], countText(sum(group, ({ usage }) => usage?.output_tokens ?? 0)), key);
        assert.equal(cells["Cost"], moneyText(sum(group, ({ cost }) => cost.usd ?? 0)), key);
        near(
          cells["p95"] ?? "",
          quantile(
            group.map(({ duration_ms }) => duration_ms),
            0.95,
          ),
          key,
        );
      }
    });
  }

  test("Live: the newest first, as the log has them, and older ones as one scrolls", async (context) => {
    const { page, faults } = await openView(context, browser, past.router, "live");
    const newest = past.records.toReversed();
    const hrefs = newest.map(({ id }) => `#/exchanges/${id}`);
    await until(async () => (await links(page)).length > 5, "rows");
    assert.deepEqual((await links(page)).slice(0, 6), hrefs.slice(0, 6));
    for (let round = 0; round < 4; round++) {
      await page.evaluate("document.querySelector('.live-scroll').scrollTo(0, 1e9)");
      await until(async () => (await links(page)).includes(hrefs[(round + 1) * 100] ?? ""), `row ${(round + 1) * 100}`);
    }
    // However many there are, only those that are seen are drawn.
    assert.ok((await page.locator(".row-link").count()) < 100);
    assert.deepEqual(faults, []);
  });

  test("Live: a filter shows what the log has of it", async (context) => {
    const { page } = await openView(context, browser, past.router, "live?provider=groq&tag=vision&outcome=error");
    const wanted = past.records
      .filter((record) => record.provider === "groq" && record.tags.includes("vision") && isError(record))
      .toReversed();
    await until(async () => (await links(page)).length > 5, "rows");
    assert.deepEqual(
      (await links(page)).slice(0, 6),
      wanted.slice(0, 6).map(({ id }) => `#/exchanges/${id}`),
    );
  });

  for (const [view, shows] of Object.entries({
    live: /claude-sonnet-5/,
    overview: /groq/,
    providers: /ollama/,
    routing: /fallback/,
    playground: /Your rules would send this to/,
    exchange: /Timings.*Decision/s,
  })) {
    test(`${view} can be seen by anybody`, async (context) => {
      const places: Record<string, string> = {
        overview: "overview?range=30d",
        exchange: await latestExchange(past.router),
      };
      await checkView(context, browser, past.router, { place: places[view] ?? view, shows, name: `${view}-100000` });
    });
  }

  test("Exchange: the figures of the record", async (context) => {
    const record = past.records.findLast(({ outcome, usage, cost }) => outcome === "ok" && usage && cost.usd !== null);
    assert.ok(record?.usage && record.cost.usd !== null);
    const { page } = await openView(context, browser, past.router, `exchanges/${record.id}`);
    await page.getByText(moneyText(record.cost.usd)).first().waitFor();
    const text = (await page.locator("main").textContent()) ?? "";
    for (const part of [
      durationText(record.duration_ms),
      countText(record.usage.input_tokens),
      countText(record.usage.output_tokens),
      String(record.messages[0]?.content[0]?.["text"]),
      record.provider ?? "",
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
  });
});

function isError({ outcome }: CompleteEvent): boolean {
  return outcome !== "ok" && outcome !== "client-gone";
}

function sum(records: readonly CompleteEvent[], of: (record: CompleteEvent) => number): number {
  return records.reduce((total, record) => total + of(record), 0);
}

function tokens(records: readonly CompleteEvent[]): number {
  return sum(records, ({ usage }) => (usage ? usage.input_tokens + usage.output_tokens : 0));
}

function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.ceil(share * ordered.length) - 1)] ?? 0;
}

/** Percentiles are kept within 5 %, and shown with three digits. */
function near(shown: string, ms: number, what: string): void {
  const seconds = /^([\d.]+) (ms|s)$/.exec(shown);
  const minutes = /^(\d+) min (\d+) s$/.exec(shown);
  const told = minutes
    ? Number(minutes[1]) * 60_000 + Number(minutes[2]) * 1_000
    : Number(seconds?.[1]) * (seconds?.[2] === "s" ? 1_000 : 1);
  assert.ok(Math.abs(told - ms) <= 0.06 * ms + 1, `${what}: ${shown} is not near ${ms} ms`);
}

function figure(region: Locator): Promise<string | null> {
  return region.locator(".figure-value").textContent();
}

/** Of the rows of Live, from top to bottom. */
async function links(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll(".row-link")]
    .map((link) => [link.getBoundingClientRect().top, link.getAttribute("href")])
    .sort((a, b) => a[0] - b[0])
    .map(([, href]) => href)`);
}

/** Of the table of groups: its rows, each cell by the head of its column. */
async function groupsOn(page: Page): Promise<{ key: string; cells: Record<string, string> }[]> {
  await page.locator(".groups-table").waitFor();
  const read = (selector: string) => `[...document.querySelectorAll(".groups-table ${selector}")]
    .map((row) => [...row.children].map((cell) => cell.innerText.replace(/\\s*[↑↓]$/, "").trim()))`;
  const [heads = []]: string[][] = await page.evaluate(read("thead tr"));
  const rows: string[][] = await page.evaluate(read("tbody tr"));
  return rows.map(([key = "", ...values]) => ({
    key,
    cells: Object.fromEntries(values.map((value, at) => [heads[at + 1], value])),
  }));
}
