import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "../support/browser/chromium.ts";
import { indexed, openView, startDashboard } from "../support/browser/dashboard.ts";
import { takePictures } from "../support/browser/pictures.ts";
import { openPage, type WatchedPage } from "../support/browser/watched-page.ts";
import type { RunningRouter } from "../support/router.ts";
import { startUpstream } from "../support/upstream/upstream.ts";

/** Breaks out of text, of attributes, of scripts, and runs by itself where it is taken for HTML. */
const EVIL = `"'><img data-xss src=x onerror="xss=1;alert(1)"><script data-xss>xss=1;alert(1)</script></script><svg data-xss onload=xss=1>{{7*7}}`;
const SHORT = "<img data-xss src=x onerror=alert(1)>";

const toml = JSON.stringify;

function configFor(upstream: string, failing: string): string {
  const provider = (name: string, format: string, url: string, alias: string) =>
    `[[providers]]\nname = ${toml(name)}\nformat = "${format}"\nbase_url = "${url}"\nmodels = { ${toml(alias)} = ${toml(alias)} }\n`;
  return `
[server]
port = 0
dashboard = true

[logging]
enabled = true
path = "log.jsonl"

[failover]
max_attempts = 1

[breaker]
enabled = false

${provider(SHORT, "anthropic", upstream, EVIL)}
${provider("failing", "openai", failing, "fails")}

[classifiers.keyword]
enabled = true

[classifiers.keyword.tags]
${toml(SHORT)} = ["<script"]

[[routers]]
type = "prefix"
model_prefix = "fails"
provider = "failing"

[[routers]]
type = "tag"
tag = ${toml(SHORT)}
provider = ${toml(SHORT)}

[[routers]]
type = "fallback"
providers = [${toml(SHORT)}]
`;
}

describe("what comes from outside stays text", () => {
  let browser: Browser;
  let router: RunningRouter;
  const ids: string[] = [];
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    browser = await launchChromium();
    const [upstream, failing] = [await startUpstream("anthropic"), await startUpstream("openai")];
    closers.push(upstream.close, failing.close);
    upstream.answer({
      text: `the answer ${EVIL}`,
      thinking: { text: `thought ${EVIL}`, state: "s" },
      toolCalls: [{ id: "call_1", name: SHORT, args: toml({ [EVIL]: EVIL }) }],
    });
    failing.answer({ error: { status: 400, message: `refused ${EVIL}`, type: SHORT, headers: { "x-evil": SHORT } } });
    router = await startDashboard(
      { after: (close) => void closers.unshift(close) },
      configFor(upstream.url, failing.url),
    );
    for (const model of [EVIL, `fails ${EVIL}`]) ids.push(await ask(model));
    await indexed(router, ids.length);
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  async function ask(model: string): Promise<string> {
    const answer = await fetch(`${router.url}/v1/chat/completions`, {
      method: "POST",
      headers: { "user-agent": `${SHORT.replaceAll(" ", "")} 1`, "x-session-id": SHORT, "x-evil": SHORT },
      body: JSON.stringify({
        model,
        [EVIL]: EVIL,
        stream: true,
        messages: [
          { role: "system", content: `be ${EVIL}` },
          { role: "user", content: `the prompt ${EVIL}`, name: SHORT },
        ],
        tools: [{ type: "function", function: { name: "t", description: EVIL, parameters: { type: "object" } } }],
        logit_bias: { [SHORT]: 1 },
      }),
    });
    await answer.text();
    return answer.headers.get("x-router-id") ?? "";
  }

  async function isHarmless({ page, faults }: WatchedPage, told: string): Promise<void> {
    await page.locator("main").getByText(told).filter({ visible: true }).first().waitFor();
    await openAll(page);
    assert.equal(await page.locator("[data-xss]").count(), 0, "an element was made of it");
    assert.equal(await page.evaluate("typeof globalThis.xss"), "undefined", "a script was run");
    assert.deepEqual(faults, []);
  }

  for (const view of ["live", "providers", "routing", "playground"]) {
    test(view, async (context) => {
      const watched = await openView(context, browser, router, view);
      if (view === "playground") await watched.page.getByText("Your rules would send this to").waitFor();
      await isHarmless(watched, SHORT);
      await takePictures(watched.page, `xss-${view}`);
    });
  }

  for (const by of ["provider", "model", "tag", "client", "rule"]) {
    test(`overview by ${by}`, async (context) => {
      const watched = await openView(context, browser, router, `overview?by=${by}`);
      await isHarmless(watched, by === "client" ? "<img" : "<img data-xss");
      if (by === "model") await takePictures(watched.page, "xss-overview");
    });
  }

  test("an exchange: prompt, thinking, answer, call, headers, both sides as they were", async (context) => {
    const watched = await openView(context, browser, router, `exchanges/${ids[0]}`);
    await isHarmless(watched, `the prompt ${EVIL}`);
    const text = (await watched.page.locator("main").textContent()) ?? "";
    for (const part of [`the answer ${EVIL}`, `be ${EVIL}`]) assert.ok(text.includes(part), part);
    await takePictures(watched.page, "xss-exchange");
  });

  test("an exchange that failed", async (context) => {
    const watched = await openView(context, browser, router, `exchanges/${ids[1]}`);
    await isHarmless(watched, `refused ${EVIL}`);
  });

  test("an address that was made up", async (context) => {
    for (const hash of [
      `exchanges/${EVIL}`,
      `live?q=${EVIL}&tag=${EVIL}`,
      `overview?by=${EVIL}`,
      EVIL,
      `routing?prompt=${EVIL}`,
    ]) {
      const watched = await openPage(context, browser, router.url, { expected: /40\d/ });
      await watched.page.goto(`${router.url}/dashboard?api_key=${encodeURIComponent(EVIL)}#/${encodeURI(hash)}`);
      await watched.page.locator(".connection-open").waitFor();
      assert.equal(await watched.page.locator("[data-xss]").count(), 0, hash);
      assert.deepEqual(watched.faults, [], hash);
    }
  });

  test("Playground: a streamed answer and an error", async (context) => {
    const watched = await openView(context, browser, router, "playground?format=anthropic", { expected: /400/ });
    const { page } = watched;
    await page.getByLabel("Model", { exact: true }).fill(EVIL);
    await page.getByLabel("Message", { exact: true }).fill(`say ${EVIL}`);
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Open the exchange" }).waitFor();
    await isHarmless(watched, `the answer ${EVIL}`);
    await page.getByLabel("Model", { exact: true }).fill("fails");
    await page.getByLabel("Message", { exact: true }).fill(`say ${EVIL}`);
    await page.keyboard.press("Enter");
    await isHarmless(watched, "Error 400");
  });
});

/** What is folded is looked at as well. */
async function openAll(page: Page): Promise<void> {
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
}
