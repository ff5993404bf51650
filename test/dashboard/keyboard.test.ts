import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../support/browser/chromium.ts";
import { indexed, openView, startDashboard } from "../support/browser/dashboard.ts";
import { sendSome } from "../support/browser/traffic.ts";
import type { RunningRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

describe("without a mouse", () => {
  let browser: Browser;
  let router: RunningRouter;
  const closers: (() => Promise<void>)[] = [];
  before(async () => {
    browser = await launchChromium();
    router = await startDashboard({ after: (close) => void closers.push(close) });
    await sendSome(router.url, 12, { brokenEvery: 12 });
    await indexed(router, 12);
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  const hashOf = (page: Page) => new URL(page.url()).hash;
  const selected = (page: Page) => page.locator(".line[aria-current=true] .row-link");

  test("Live: / searches, j and k choose, Enter opens, Escape goes back", async (context) => {
    const { page, faults } = await openView(context, browser, router, "live");
    await until(async () => (await page.locator(".row-link").count()) === 12, "the rows");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const second = await page.locator(".row-link").nth(1).getAttribute("href");
    assert.equal(await selected(page).getAttribute("href"), second);
    await page.keyboard.press("k");
    assert.equal(
      await selected(page).getAttribute("href"),
      await page.locator(".row-link").first().getAttribute("href"),
    );
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Decision" }).waitFor();
    assert.equal(hashOf(page), second);
    await page.keyboard.press("Escape");
    await page.locator(".row-link").first().waitFor();
    assert.match(hashOf(page), /^#\/live/);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate("document.activeElement.hasAttribute('data-search')"), true);
    await page.keyboard.type("poem");
    await until(async () => (await page.locator(".row-link").count()) === 3, "those that match");
    // Letters typed into the search are no commands.
    assert.equal(await selected(page).count(), 0);
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate("document.activeElement.hasAttribute('data-search')"), false);
    assert.deepEqual(faults, []);
  });

  test("numbers change the view, ? tells the keys, Escape closes", async (context) => {
    const { page, faults } = await openView(context, browser, router, "live");
    for (const [key, view] of [
      ["2", "overview"],
      ["3", "providers"],
      ["4", "routing"],
      ["5", "playground"],
      ["1", "live"],
    ] as const) {
      await page.keyboard.press(key);
      await until(async () => new RegExp(view, "i").test(await page.title()), view);
      assert.match(hashOf(page), new RegExp(`^#/${view}`));
    }
    await page.keyboard.press("?");
    const help = page.getByRole("dialog");
    await help.getByText("next / previous row").waitFor();
    await page.keyboard.press("Escape");
    await until(async () => (await help.count()) === 0, "the help to close");
    assert.deepEqual(faults, []);
  });

  test("Tab reaches every control of every view, and each shows that it has the focus", async (context) => {
    const { page } = await openView(context, browser, router, "live");
    for (const view of ["overview", "providers", "routing", "playground"]) {
      await page.goto(`${router.url}/dashboard#/${view}`);
      await page.locator("main :is(button, select, input, textarea)").first().waitFor();
      const missed: string = await page.evaluate(`(() => {
        const controls = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
        return controls
          .filter((each) => !each.disabled && each.checkVisibility() && each.tabIndex < 0)
          .map((each) => each.outerHTML).join("\\n");
      })()`);
      assert.equal(missed, "", view);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assert.notEqual(outline, "none", view);
    }
  });
});
