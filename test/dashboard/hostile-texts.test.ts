import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser/chromium.ts";
import { openView, startDashboard } from "../support/browser/dashboard.ts";
import { hostileConfig, MADE, sayAll } from "../support/browser/hostile-router.ts";
import { HOSTILE, MONSTROUS } from "../support/browser/hostile-texts.ts";
import { takePictures } from "../support/browser/pictures.ts";
import type { WatchedPage } from "../support/browser/watched-page.ts";
import type { RunningRouter } from "../support/router.ts";
import { startUpstream } from "../support/upstream/upstream.ts";

// What models, tools, clients and providers say is shown to the owner, whose page may read and do everything: Discourse
// (CVE-2026-27740) and new-api (CVE-2026-25802) ran what a model had answered. Each text here goes through every field that is
// stored, and every view is looked at. `xss.test.ts` has the fields one by one, and what is typed or stands in an address;
// `s08-hostile-texts.test.ts` a page that takes texts for more.

const TEXTS = [...HOSTILE, ...MONSTROUS];
const VIEWS = ["live", "providers", "routing", "playground"];
const GROUPS = ["provider", "model", "tag", "client", "rule"].map((by) => `overview?by=${by}`);

describe("S8: what comes from outside stays text, in Chromium", () => {
  let browser: Browser;
  let router: RunningRouter;
  let ids: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    browser = await launchChromium();
    const upstream = await startUpstream("anthropic");
    closers.push(upstream.close);
    router = await startDashboard(
      { after: (close) => void closers.unshift(close) },
      hostileConfig(TEXTS, upstream.url),
    );
    ids = await sayAll(router, upstream, TEXTS);
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  async function isText({ page, faults, requests }: WatchedPage, what: string): Promise<void> {
    await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    deepEqual(await page.evaluate(MADE), [], what);
    deepEqual(faults, [], what);
    const others = requests.map((request) => new URL(request.url()).pathname);
    deepEqual(
      others.filter((path) => !/^\/(dashboard|router)\b/.test(path)),
      [],
      what,
    );
  }

  for (const view of [...VIEWS, ...GROUPS]) {
    test(`${view}: no element, no attribute, no request, and no wider than a phone`, async (context) => {
      const watched = await openView(context, browser, router, view);
      await isText(watched, view);
      await takePictures(watched.page, `hostile-${view.replace("?by=", "-")}`);
      await watched.page.setViewportSize({ width: 390, height: 844 });
      equal(await watched.page.evaluate("document.documentElement.scrollWidth"), 390, "it scrolls sideways on a phone");
    });
  }

  test("each exchange, answered and failed", async (context) => {
    const watched = await openView(context, browser, router, "live");
    const { page } = watched;
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [at, id] of ids.entries()) {
      await page.evaluate(`location.hash = "#/exchanges/${id}"`);
      await page.locator("main").getByText(id).first().waitFor();
      await page
        .locator("main")
        .getByText(`word${at >> 1}x`)
        .first()
        .waitFor();
      await isText(watched, `${at}: ${TEXTS[at >> 1]?.slice(0, 80)}`);
      equal(await page.evaluate("document.documentElement.scrollWidth"), 390, `${at} scrolls sideways on a phone`);
      if (at >= HOSTILE.length * 2) await takePictures(page, `hostile-exchange-${at}`);
    }
  });

  test("taken for HTML, an attribute or an address each of them would have been found", async () => {
    const page = await browser.newPage();
    for (const text of HOSTILE) {
      const made = [];
      for (const way of [
        "place.innerHTML = text",
        "place.innerHTML = '<p title=\"' + text + '\">'",
        "place.innerHTML = '<a>x</a>'; place.firstChild.setAttribute('href', text)",
      ]) {
        await page.setContent("<main></main>");
        made.push(
          await page.evaluate(
            `(() => { const place = document.querySelector("main"), text = ${JSON.stringify(text)}; ${way}; })(), ${MADE}`,
          ),
        );
      }
      ok(made.flat().length > 0, text);
    }
    await page.close();
  });
});
