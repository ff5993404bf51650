import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { CompleteEvent } from "../../src/record/events.ts";
import { countText, moneyText, percentText } from "../../web/src/parts/format.ts";
import { seriousFaults } from "../support/browser/axe.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { openView, startDashboard } from "../support/browser/dashboard.ts";
import { takePictures } from "../support/browser/pictures.ts";
import { exchange } from "../support/exchange.ts";
import type { RunningRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

describe("Overview", () => {
  let browser: Browser;
  let router: RunningRouter;
  const closers: (() => Promise<void>)[] = [];
  before(async () => {
    browser = await launchChromium();
    router = await startDashboard({ after: (close) => void closers.push(close) });
    for (let at = 0; at < 12; at++) await ask(router, "near-small", "hello", at % 2 === 0);
    for (let at = 0; at < 4; at++) await ask(router, "far-large", "what does this function do?", true);
    for (let at = 0; at < 3; at++) await ask(router, "broken", "a poem", false);
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  test("its numbers are those of the log", async (context) => {
    const records = await logged(router, 19);
    const sum = (of: (record: CompleteEvent) => number) => records.reduce((total, record) => total + of(record), 0);
    const errors = records.filter(({ outcome }) => outcome !== "ok").length;
    const { page, faults } = await openView(context, browser, router, "overview");
    await figure(page, "Requests").getByText("19", { exact: true }).waitFor();
    assert.equal(await shownIn(page, "Errors"), percentText(errors / 19));
    const tokens = sum(({ usage }) => (usage ? usage.input_tokens + usage.output_tokens : 0));
    assert.equal(await shownIn(page, "Tokens"), countText(tokens));
    assert.equal(await shownIn(page, "Cost"), moneyText(sum(({ cost }) => cost.usd ?? 0)));
    const far = records.filter(({ provider }) => provider === "far");
    const row = page.getByRole("row").filter({ has: page.getByRole("link", { name: "far", exact: true }) });
    assert.match((await row.textContent()) ?? "", new RegExp(`^far${far.length}00 %`));
    await page.getByRole("link", { name: /^Provider far: 4 requests, 21 %$/ }).waitFor();
    await page.getByRole("link", { name: /^Provider broken: 3 requests, 16 %, 3 errors \(100 %\)$/ }).waitFor();
    await takePictures(page, "overview");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });

  test("by anything, over any time, with addresses that say so; a group leads to its exchanges", async (context) => {
    const { page, faults } = await openView(context, browser, router, "overview");
    await page.getByRole("link", { name: "15 min" }).click();
    await page.getByRole("link", { name: "Tag", exact: true }).click();
    await page.getByRole("link", { name: "Tokens", exact: true }).click();
    await page.getByRole("heading", { name: "Tokens by tag" }).waitFor();
    assert.equal(new URL(page.url()).hash, "#/overview?range=15m&by=tag&show=tokens");
    const keys = page.locator(".groups-key");
    await until(async () => (await keys.allTextContents()).includes("code"), "the tags");
    assert.deepEqual((await keys.allTextContents()).sort(), ["(none)", "code", "poetry"]);
    await page.getByRole("button", { name: "Tag" }).click();
    assert.deepEqual(await keys.allTextContents(), ["(none)", "code", "poetry"]);
    assert.equal(await page.getByRole("columnheader", { name: "Tag" }).getAttribute("aria-sort"), "ascending");
    await keys.getByRole("link", { name: "code" }).click();
    assert.equal(new URL(page.url()).hash, "#/live?tag=code");
    await page.goBack();
    await page.getByRole("heading", { name: "Tokens by tag" }).waitFor();
    assert.deepEqual(faults, []);
  });

  test("charts are read by keyboard and as tables", async (context) => {
    const { page, faults } = await openView(context, browser, router, "overview?range=15m");
    const chart = page.getByRole("slider", { name: "Requests by provider, step by step" });
    await chart.focus();
    await page.keyboard.press("Home");
    const first = await chart.getAttribute("aria-valuetext");
    // With the day where the range goes over midnight.
    assert.match(first ?? "", /^(?:\w{3} \d+, )?\d\d:\d\d:\d\d – \d\d:\d\d:\d\d: near 0, far 0, broken 0$/);
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await chart.getAttribute("aria-valuetext"), first);
    await page.keyboard.press("Escape");
    assert.equal(await chart.getAttribute("aria-valuetext"), "no step chosen");
    await page.getByText("Requests by provider: as a table").click();
    const table = page.getByRole("region", { name: "Requests by provider" }).getByRole("table").first();
    const counts = await table.locator("tbody td").allTextContents();
    assert.equal(
      counts.reduce((sum, text) => sum + Number(text), 0),
      19,
    );
    await page.getByText("Ways of requests: as a table").click();
    await page.getByRole("region", { name: "Ways of requests" }).getByRole("row").filter({ hasText: "far" }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });

  test("what happens while it is looked at is there soon, without anything being drawn anew", async (context) => {
    const { page, faults } = await openView(context, browser, router, "overview?range=15m");
    await figure(page, "Requests").getByText("19", { exact: true }).waitFor();
    const canvas = await page.locator(".figure canvas").first().elementHandle();
    await ask(router, "near-small", "one more", false);
    await figure(page, "Requests").getByText("20", { exact: true }).waitFor();
    assert.equal(await canvas?.isVisible(), true);
    await page.setViewportSize({ width: 390, height: 844 });
    await until(async () => (await overflow(page)) <= 0, "everything to fit on a phone");
    assert.deepEqual(faults, []);
  });

  test("names that are HTML stay text", async (context) => {
    const evil = await startDashboard(context);
    const html = "<img src=x onerror=alert(1)>";
    const body = JSON.stringify({ model: html, messages: [{ role: "user", content: html }] });
    await exchange(`${evil.url}/v1/chat/completions`, { body, headers: { "user-agent": "<script>alert(2)</script>" } });
    for (const [by, shown] of [
      ["model", html],
      ["client", "<script>alert"],
    ] as const) {
      const { page, faults } = await openView(context, browser, evil, `overview?by=${by}`);
      await page.locator(".groups-key").getByText(shown).waitFor();
      assert.equal(await page.locator("main :is(img, script)").count(), 0);
      assert.deepEqual(faults, []);
    }
  });

  test("before the first request it says how to send one", async (context) => {
    const idle = await startDashboard(context);
    const { page, faults } = await openView(context, browser, idle, "overview");
    await page.getByRole("heading", { name: "No requests yet" }).waitFor();
    await page.getByText(`curl ${idle.url}/v1/chat/completions`).waitFor();
    await takePictures(page, "overview-empty");
    assert.deepEqual(await seriousFaults(page), []);
    await ask(idle, "near-small", "hello", false);
    await figure(page, "Requests").getByText("1", { exact: true }).waitFor();
    assert.deepEqual(faults, []);
  });
});

async function ask(router: RunningRouter, model: string, content: string, stream: boolean): Promise<void> {
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content }] });
  await exchange(`${router.url}/v1/chat/completions`, { body });
}

/** What the log holds, as soon as that is so much. */
async function logged(router: RunningRouter, wanted: number): Promise<CompleteEvent[]> {
  let records: CompleteEvent[] = [];
  await until(async () => {
    const lines = (await readFile(join(router.folder, "log.jsonl"), "utf8")).split("\n");
    records = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
    return records.length === wanted;
  }, `${wanted} records`);
  return records;
}

function figure(page: Page, name: string) {
  return page.getByRole("region", { name, exact: true });
}

function shownIn(page: Page, name: string): Promise<string | null> {
  return figure(page, name).locator(".figure-value").textContent();
}

function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - innerWidth");
}
