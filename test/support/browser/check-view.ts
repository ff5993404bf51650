import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { exchangePageSchema } from "../../../src/api/exchanges.ts";
import type { Cleanup } from "../in-process.ts";
import type { RunningRouter } from "../router.ts";
import { seriousFaults } from "./axe.ts";
import { openView } from "./dashboard.ts";
import { takePictures } from "./pictures.ts";

export interface ViewCheck {
  /** As it stands in the address, behind `#/`. */
  place: string;
  /** What is to be read there. */
  shows: RegExp;
  /** Of its pictures. */
  name: string;
  /** Console errors that belong to it. */
  expected?: RegExp;
}

/** A view as anybody may see it: without a fault, readable light and dark, no wider than a phone; with pictures. */
export async function checkView(
  test: Cleanup,
  browser: Browser,
  router: RunningRouter,
  { place, shows, name, expected }: ViewCheck,
): Promise<void> {
  const options = expected ? { expected } : {};
  const { page, faults } = await openView(test, browser, router, place, options);
  await page.locator("main").filter({ hasText: shows }).waitFor();
  await takePictures(page, name);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await seriousFaults(page), [], `in ${colorScheme}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390, "it scrolls sideways on a phone");
  assert.deepEqual(faults, []);
}

/** The place of one of the latest exchanges; of a failed one with `outcome`. */
export async function latestExchange(router: RunningRouter, outcome = "ok"): Promise<string> {
  const answer = await fetch(`${router.url}/router/exchanges?limit=1&outcome=${outcome}`);
  const { exchanges } = exchangePageSchema.parse(await answer.json());
  return `exchanges/${exchanges[0]?.id}`;
}
