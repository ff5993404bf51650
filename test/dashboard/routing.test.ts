import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { seriousFaults } from "../support/browser/axe.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { BUSY_CONFIG, openView, startDashboard } from "../support/browser/dashboard.ts";
import { takePictures } from "../support/browser/pictures.ts";
import { tick } from "../support/browser/tick.ts";
import { exchange } from "../support/exchange.ts";
import type { RunningRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

describe("Routing", () => {
  let browser: Browser;
  let router: RunningRouter;
  const closers: (() => Promise<void>)[] = [];
  before(async () => {
    browser = await launchChromium();
    router = await startDashboard({ after: (close) => void closers.push(close) });
  });
  after(async () => {
    await browser?.close();
    for (const close of closers) await close();
  });

  const rule = (page: Page, place: number) => page.locator(".rule").nth(place - 1);
  const type = async (page: Page, model: string, prompt: string) => {
    await page.getByLabel("Model").fill(model);
    await page.getByLabel("Prompt").fill(prompt);
  };

  test("which rule takes a request, and why no other does; nothing is sent", async (context) => {
    const { page, faults } = await openView(context, browser, router, "routing");
    await page.getByText("dry run: nothing is sent").waitFor();
    await type(page, "near-small", "write a poem");
    await page.getByText("Rule 3 takes it: it goes to far as far-large.").waitFor();
    await rule(page, 1).getByText('passes: the model does not begin with "broken"').waitFor();
    await rule(page, 3).getByText("takes it: far gets it as far-large").waitFor();
    await rule(page, 4).getByText("not asked: a rule before it decided").waitFor();
    assert.equal(await rule(page, 3).getAttribute("aria-current"), "step");
    await page.getByText("This request is tagged poetry").waitFor();
    await takePictures(page, "routing");
    assert.deepEqual(await seriousFaults(page), []);
    await type(page, "near-small", "hello");
    await page.getByText("Rule 4 takes it: it goes to near as near-small.").waitFor();
    await rule(page, 3).getByText("passes: not tagged poetry").waitFor();
    const status = await (await page.request.get(`${router.url}/router/status`)).json();
    assert.deepEqual([status.in_flight, status.store.exchanges], [0, 0]);
    assert.deepEqual(faults, []);
  });

  test("a client of any API, with a tool and an image; or the body itself, right or wrong", async (context) => {
    const { page, faults } = await openView(context, browser, router, "routing", { expected: /400/ });
    await type(page, "far-large", "look at this");
    await tick(page.getByLabel("with a tool"));
    await tick(page.getByLabel("with an image"));
    for (const client of ["openai", "openai-responses", "anthropic", "gemini", "ollama"]) {
      await page.getByLabel("Client speaks").selectOption(client);
      await page.getByText(`${client}, asks for far-large, needs vision and tools`).waitFor();
      await page.getByText("Rule 2 takes it: it goes to far as far-large.").waitFor();
    }
    await page.getByLabel("Client speaks").selectOption("anthropic");
    await tick(page.getByLabel("edit the raw body"));
    const body = page.getByLabel("Body, as the client would send it");
    assert.equal(JSON.parse(await body.inputValue()).max_tokens, 1024);
    await body.fill('{"model": ');
    await page.getByText("This is no JSON yet.").waitFor();
    await body.fill('{"model": "broken", "messages": 7}');
    await page
      .getByRole("alert")
      .getByText(/messages/)
      .waitFor();
    await body.fill('{"model": "broken", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}');
    await page.getByText("Rule 1 takes it: it goes to broken as broken.").waitFor();
    assert.deepEqual(faults, []);
  });

  test("how often each rule decided", async (context) => {
    for (const model of ["near-small", "near-small", "near-large", "far-large"]) {
      const body = JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] });
      assert.equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
    }
    const { page, faults } = await openView(context, browser, router, "routing?range=15m");
    await until(
      async () => /75 % · 3 requests/.test((await rule(page, 4).textContent()) ?? ""),
      "what rule 4 decided",
      20_000,
    );
    assert.match((await rule(page, 2).textContent()) ?? "", /25 % · 1 request/);
    assert.match((await rule(page, 1).textContent()) ?? "", /decided nothing/);
    await rule(page, 4).getByRole("link").click();
    assert.match(new URL(page.url()).hash, /^#\/live\?rule=fallback/);
    assert.deepEqual(faults, []);
  });

  test("what a reload changed, also for a page opened later, and what is wrong with one that is not taken", async (context) => {
    const { page, faults } = await openView(context, browser, router, "routing");
    await rule(page, 4).waitFor();
    assert.equal(await page.getByRole("region", { name: "What changed" }).count(), 0);
    const file = join(router.folder, "config.toml");
    const changed = BUSY_CONFIG.replace("cost_per_1m_tokens = 12", "cost_per_1m_tokens = 15").replace(
      'tag = "poetry"\nprovider = "far"\nrewrite_model = "far-large"',
      'tag = "poetry"\nprovider = "near"',
    );
    writeFileSync(file, changed);
    const changes = page.getByRole("region", { name: "What changed" });
    await changes.getByText("provider far: cost_per_1m_tokens 12 → 15").waitFor();
    await changes.getByText('rule 3 (tag "poetry" → far as far-large): provider "far" → "near"').waitFor();
    writeFileSync(file, changed.replace("[server]", "[sever]"));
    await changes.getByText(/sever: unknown section/).waitFor();
    await page.reload();
    await changes.getByText(/not taken, version 2 goes on/).waitFor();
    await changes.getByText("1 reload before").click();
    await changes.getByText("provider far: cost_per_1m_tokens 12 → 15").waitFor();
    await takePictures(page, "reloads");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });
});
