import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { seriousFaults } from "../support/browser/axe.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { cuttable } from "../support/browser/cuttable.ts";
import { BUSY_CONFIG, openView, startDashboard } from "../support/browser/dashboard.ts";
import { takePictures } from "../support/browser/pictures.ts";
import { sendSome } from "../support/browser/traffic.ts";
import { openPage } from "../support/browser/watched-page.ts";
import { startRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

/** Requests that fail while nobody is there. */
const UNREACHABLE = /net::ERR_|Failed to fetch/;
const KEY = "k3y/+ of the router";
const KEYED_CONFIG = BUSY_CONFIG.replace("dashboard = true", 'dashboard = true\napi_key_env = "ROUTER_KEY"');

describe("the connection", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  test("is shown when it is lost, and what was missed comes when it is healed", async (context) => {
    const router = await startDashboard(context);
    const way = await cuttable(context, router.url);
    const { page, faults } = await openView(context, browser, way, "live", { expected: UNREACHABLE });
    await sendSome(router.url, 3);
    await until(async () => (await page.locator(".row-link").count()) === 3, "three rows");
    way.cut();
    const banner = page.getByRole("alert").filter({ hasText: "Not live" });
    await banner.waitFor();
    await takePictures(page, "connection-lost");
    assert.deepEqual(await seriousFaults(page), []);
    await sendSome(router.url, 4);
    way.mend();
    await banner.getByRole("button", { name: "Try now" }).click();
    await page.locator(".connection-open").waitFor();
    await until(async () => (await page.locator(".row-link").count()) === 7, "the rows of what was missed");
    assert.equal(await banner.count(), 0);
    assert.deepEqual(faults, []);
  });

  test("heals by itself when the router is started again", async (context) => {
    const first = await startRouter(BUSY_CONFIG);
    const { page, faults } = await openView(context, browser, first, "live", { expected: UNREACHABLE });
    await first.close();
    await page.locator(".connection-lost").waitFor();
    const again = BUSY_CONFIG.replace("port = 0", `port = ${new URL(first.url).port}`);
    const second = await startDashboard(context, again);
    await page.locator(".connection-open").waitFor();
    await sendSome(second.url, 1);
    await page.locator(".row-link").waitFor();
    assert.deepEqual(faults, []);
  });
});

describe("the router's key", () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  test("is asked for in a form, which says when it is wrong", async (context) => {
    const router = await startDashboard(context, KEYED_CONFIG, { ROUTER_KEY: KEY });
    const { page, faults } = await openPage(context, browser, router.url, { expected: /401/ });
    await page.goto(`${router.url}/dashboard`);
    await takePictures(page, "sign-in");
    assert.deepEqual(await seriousFaults(page), []);
    const field = page.locator("input[name=api_key]");
    assert.equal(await field.getAttribute("type"), "password");
    await field.fill("wrong");
    await page.keyboard.press("Enter");
    await page
      .getByText(/wrong|not right|does not|no longer/i)
      .first()
      .waitFor();
    await field.fill(KEY);
    await page.keyboard.press("Enter");
    await page.locator(".connection-open").waitFor();
    assert.equal(new URL(page.url()).search, "");
    assert.deepEqual(faults, []);
  });

  test("handed on in the address it leaves the address bar, stays in the tab, and goes in headers only", async (context) => {
    const router = await startDashboard(context, KEYED_CONFIG, { ROUTER_KEY: KEY });
    const { page, faults, requests } = await openPage(context, browser, router.url);
    await page.goto(`${router.url}/dashboard?api_key=${encodeURIComponent(KEY)}#/providers`);
    await page.locator(".connection-open").waitFor();
    await page.getByText("near").first().waitFor();
    assert.equal(page.url(), `${router.url}/dashboard#/providers`);
    for (const request of requests) {
      const { pathname, search } = new URL(request.url());
      const isPage = pathname === "/dashboard" || pathname.startsWith("/dashboard/assets/");
      assert.ok(isPage || !search.includes("key="), request.url());
      if (!isPage) assert.equal((await request.allHeaders())["authorization"], `Bearer ${KEY}`, request.url());
    }
    // Playground: real requests carry it too, and what is copied names it only.
    await page.goto(`${router.url}/dashboard#/playground?model=near-small`);
    await page.getByLabel("Message", { exact: true }).fill("hello");
    await page.keyboard.press("Enter");
    await page.getByText("You said: hello").waitFor();
    assert.doesNotMatch(await page.content(), new RegExp(KEY.slice(0, 4)));
    assert.deepEqual(faults, []);
  });
});
