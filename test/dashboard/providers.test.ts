import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser } from "playwright-core";
import { seriousFaults } from "../support/browser/axe.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { openView, startDashboard } from "../support/browser/dashboard.ts";
import { takePictures } from "../support/browser/pictures.ts";
import { exchange } from "../support/exchange.ts";
import type { RunningRouter } from "../support/router.ts";

const KEY = "canary-key-0123456789";
const CONFIG = `
[server]
port = 0
dashboard = true

[failover]
max_attempts = 1

[breaker]
first_pause_s = 60

[[providers]]
name = "near"
format = "simulated"
models = ["near-small", "near-large"]
ttft_ms = 30
tokens_per_s = 500
latency_ms = 1
max_concurrency = 2

[[providers]]
name = "flaky"
format = "simulated"
models = ["flaky-1"]
errors = [500]

[[providers]]
name = "shut"
preset = "openai"
base_url = "http://127.0.0.1:9/v1"
api_key_env = "SHUT_KEY"

[[providers]]
name = "refusing"
format = "simulated"
models = ["refusing-1"]
errors = [401]

[[providers]]
name = "keyless"
preset = "anthropic"

[[routers]]
type = "prefix"
model_prefix = "flaky"
provider = "flaky"

[[routers]]
type = "prefix"
model_prefix = "refusing"
provider = "refusing"

[[routers]]
type = "fallback"
providers = ["near"]
`;

describe("Providers", () => {
  let browser: Browser;
  let router: RunningRouter;
  const closers: (() => Promise<void>)[] = [];
  before(async () => {
    browser = await launchChromium();
    router = await startDashboard({ after: (close) => void closers.push(close) }, CONFIG, { SHUT_KEY: KEY });
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  async function ask(model: string, stream = false): Promise<number> {
    const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: "hello" }] });
    return (await exchange(`${router.url}/v1/chat/completions`, { body })).status;
  }

  test("what happens to a provider is there at once, with what mends it; no key is", async (context) => {
    const { page, faults } = await openView(context, browser, router, "providers");
    const one = (name: string) => page.locator(".provider").filter({ has: page.getByRole("heading", { name }) });
    await page.getByText("5 providers: 4 in use · 1 skipped").waitFor();
    assert.match((await one("keyless").textContent()) ?? "", /skipped.*Set ANTHROPIC_API_KEY/);
    assert.match((await one("shut").textContent()) ?? "", /http:\/\/127\.0\.0\.1:9\/v1 · key in SHUT_KEY, set/);
    for (let at = 0; at < 5; at++) assert.equal(await ask("flaky-1"), 502);
    await one("flaky").getByText("is left alone: 5 failures in a row").waitFor();
    await one("flaky")
      .getByText(/tried again in 5\d\.0 s/)
      .waitFor();
    await ask("refusing-1");
    await one("refusing").getByText("refusing refuses the key.").waitFor();
    await page.getByText("2 in use · 2 in use, with trouble · 1 skipped").waitFor();
    for (let at = 0; at < 3; at++) assert.equal(await ask("near-small", true), 200);
    await one("near")
      .getByText(/times slower than configured/)
      .waitFor();
    assert.match((await one("near").textContent()) ?? "", /in flight0 of 2.*configured 1 ms.*near-small\d+ ms/);
    await one("flaky").getByText("Last errors").click();
    assert.equal(await one("flaky").locator(".last-errors li").count(), 5);
    assert.ok(!(await page.content()).includes(KEY));
    await takePictures(page, "providers");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });

  test("a model is found among all providers, by keyboard alone", async (context) => {
    const { page, faults } = await openView(context, browser, router, "providers");
    await page.locator(".provider").first().waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    assert.match((await page.locator(":focus").getAttribute("aria-label")) ?? "", /^flaky: /);
    await page.keyboard.press("/");
    await page.keyboard.type("large near");
    await page.getByRole("status").getByText("at near").waitFor();
    assert.deepEqual(await page.locator(".models li").allTextContents(), ["near-large"]);
    assert.equal(await page.locator(".provider").count(), 1);
    await page.keyboard.type(" nothing");
    await page.getByText("no provider lists it").waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });
});
