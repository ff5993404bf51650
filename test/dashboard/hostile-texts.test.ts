import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium } from "../support/browser/chromium.ts";
import { indexed, openView, startDashboard } from "../support/browser/dashboard.ts";
import { HOSTILE, MONSTROUS } from "../support/browser/hostile-texts.ts";
import { takePictures } from "../support/browser/pictures.ts";
import type { WatchedPage } from "../support/browser/watched-page.ts";
import type { RunningRouter } from "../support/router.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

// What models, tools, clients and providers say is shown to the owner, whose page may read and do everything: Discourse
// (CVE-2026-27740) and new-api (CVE-2026-25802) ran what a model had answered. Each text here goes through every field that is
// stored, and every view is looked at. `xss.test.ts` has the fields one by one, and what is typed or stands in an address.

const TEXTS = [...HOSTILE, ...MONSTROUS];
const toml = JSON.stringify;
const VIEWS = ["live", "providers", "routing", "playground"];
const GROUPS = ["provider", "model", "tag", "client", "rule"].map((by) => `overview?by=${by}`);

function configFor(upstream: string): string {
  const provider = (text: string) =>
    `[[providers]]\nname = ${toml(text)}\nformat = "anthropic"\nbase_url = "${upstream}"\n`;
  const rule = (text: string, at: number) =>
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "m${at}-"\nprovider = ${toml(text)}\n`;
  const tags = TEXTS.map((text, at) => `${toml(text)} = ["word${at}x"]`);
  return [
    '[server]\nport = 0\ndashboard = true\n[logging]\nenabled = true\npath = "log.jsonl"',
    "[failover]\nmax_attempts = 1\n[breaker]\nenabled = false",
    `[classifiers.keyword]\nenabled = true\n[classifiers.keyword.tags]\n${tags.join("\n")}`,
    ...TEXTS.map(provider),
    ...TEXTS.map(rule),
    '[[routers]]\ntype = "fallback"',
  ].join("\n");
}

/** What a text was made into that should have stayed a text: run in the page. */
const MADE = `(() => {
  const made = [];
  for (const element of document.querySelectorAll("*")) {
    const { localName: name } = element;
    if (/^(img|image|iframe|frame|object|embed|base|video|audio|source|marquee|math|style|template|animate|set)$/.test(name)) made.push(name);
    if (name === "script" && !(element.getAttribute("src") ?? "").startsWith("/dashboard/assets/")) made.push("script");
    for (const { name: attribute, value } of element.attributes) {
      if (/^(on|data-xss|srcdoc|formaction)/.test(attribute)) made.push(name + " " + attribute);
      if (/^(href|src|action|xlink:href|data)$/.test(attribute) && !/^(#|\\/(?!\\/)|https?:)/.test(value)) made.push(name + " " + attribute + "=" + value);
    }
  }
  if (globalThis.xss !== undefined) made.push("a script ran");
  return [...new Set(made)];
})()`;

describe("S8: what comes from outside stays text, in Chromium", () => {
  let browser: Browser;
  let router: RunningRouter;
  const ids: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    browser = await launchChromium();
    const upstream = await startUpstream("anthropic");
    closers.push(upstream.close);
    router = await startDashboard({ after: (close) => void closers.unshift(close) }, configFor(upstream.url));
    for (const [at, text] of TEXTS.entries())
      ids.push(await answered(upstream, at, text), await failed(upstream, at, text));
    await indexed(router, ids.length);
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  function answered(upstream: Upstream, at: number, text: string): Promise<string> {
    const toolCalls = [{ id: text, name: "tool", args: toml({ [text]: text }) }];
    upstream.answer({ text, thinking: { text, state: text }, toolCalls });
    return ask(at, text);
  }

  function failed(upstream: Upstream, at: number, text: string): Promise<string> {
    upstream.answer({ error: { status: 400, message: text, type: text } });
    return ask(at, text);
  }

  async function ask(at: number, text: string): Promise<string> {
    // A header holds Latin-1, and no line of it is endless.
    const header = Buffer.from(text)
      .toString("latin1")
      .replace(/[^ -~]/g, "?")
      .trim()
      .slice(0, 200);
    const answer = await fetch(`${router.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": header, "x-session-id": header, "x-other": header },
      body: JSON.stringify({
        model: `m${at}-${text}`,
        messages: [
          { role: "system", content: text },
          { role: "user", content: `word${at}x ${text}`, name: text },
          {
            role: "assistant",
            tool_calls: [{ id: text, type: "function", function: { name: "t", arguments: toml({ text }) } }],
          },
          { role: "tool", tool_call_id: text, content: text },
        ],
        tools: [{ type: "function", function: { name: "t", description: text, parameters: { type: "object" } } }],
        metadata: { [text]: text },
      }),
    });
    await answer.text();
    return answer.headers.get("x-router-id") ?? "";
  }

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
            `(() => { const place = document.querySelector("main"), text = ${toml(text)}; ${way}; })(), ${MADE}`,
          ),
        );
      }
      ok(made.flat().length > 0, text);
    }
    await page.close();
  });
});
