import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { launchChromium } from "../support/browser/chromium.ts";
import { indexed, openView, startDashboard } from "../support/browser/dashboard.ts";

// U+202E turns round what follows it, to the end of the line: a model called so would show another provider's name, or other figures.

const RLO = "\u202e";
const CONFIG = `[server]
port = 0
dashboard = true
[[providers]]
name = "near"
format = "simulated"
[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
${JSON.stringify(`${RLO}first`)} = ["hello"]
second = ["hello"]
[[routers]]
type = "fallback"
rewrite_model = "sent"`;

/** Where each text that holds a word stands, in px from the left. */
const PLACES = `(() => {
  const row = document.querySelector("li .cell-way");
  const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  const found = {};
  while (walker.nextNode()) {
    const text = walker.currentNode.data;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    for (const word of ["model", "near", "sent", "first", "second", "fallback"])
      if (text.includes(word)) found[word] ??= range.getBoundingClientRect().left;
  }
  return found;
})()`;

test("a name that turns the direction of writing round leaves its neighbours where they are", async (context) => {
  const router = await startDashboard(context, CONFIG);
  const body = JSON.stringify({ model: `${RLO}model`, messages: [{ role: "user", content: "hello" }] });
  await (await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body })).text();
  await indexed(router, 1);
  const browser = await launchChromium();
  context.after(() => browser.close());
  const { page, faults } = await openView(context, browser, router, "live");
  await page.locator("li .cell-way").getByText("sent").first().waitFor();
  const order = async () => {
    const places = await page.evaluate<Record<string, number>>(PLACES);
    return Object.entries(places)
      .toSorted(([, one], [, other]) => one - other)
      .map(([word]) => word);
  };
  const upper = (words: string[]) => words.filter((word) => ["model", "near", "sent"].includes(word));
  const lower = (words: string[]) => words.filter((word) => ["first", "second", "fallback"].includes(word));
  deepEqual(upper(await order()), ["model", "near", "sent"]);
  const tags = lower(await order());
  deepEqual(tags.at(-1), "fallback");
  // Else the test would see nothing.
  await page.evaluate(
    "for (const each of document.querySelectorAll('li .cell-way *')) each.style.unicodeBidi = 'normal'",
  );
  ok(upper(await order()).join() !== "model,near,sent", "without it they would stand otherwise");
  deepEqual(faults, []);
});
