import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { statusSchema } from "../../src/api/routing.ts";
import { seriousFaults } from "../support/browser/axe.ts";
import { launchChromium } from "../support/browser/chromium.ts";
import { BUSY_CONFIG, openView, startDashboard } from "../support/browser/dashboard.ts";
import { takePictures } from "../support/browser/pictures.ts";
import { tick } from "../support/browser/tick.ts";
import { openPage } from "../support/browser/watched-page.ts";
import type { RunningRouter } from "../support/router.ts";
import { until } from "../support/until.ts";

describe("Playground", () => {
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

  async function ask(page: Page, text: string): Promise<void> {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
  }

  for (const [format, path] of [
    ["OpenAI Chat Completions", "/v1/chat/completions"],
    ["OpenAI Responses", "/v1/responses"],
    ["Anthropic Messages", "/v1/messages"],
    ["Ollama chat", "/api/chat"],
    ["Gemini generateContent", "/v1beta/models/far-large"],
  ] as const) {
    test(`chats as a client of ${format} and shows the way taken`, async (context) => {
      const { page, faults, requests } = await openView(context, browser, router, "playground");
      await page.getByLabel("Model", { exact: true }).fill("far-large");
      await page.getByLabel("through").selectOption({ label: format });
      await page.getByLabel("Thinking").selectOption("low");
      await ask(page, "a function of two words");
      const answer = page.getByRole("article", { name: "Answer" });
      await answer.getByText("You said: a function of two words").waitFor();
      await answer.getByRole("link", { name: "Open the exchange" }).waitFor();
      const text = (await answer.textContent()) ?? "";
      assert.match(text, /far → far-large/);
      assert.match(text, /Tagscode/);
      assert.match(text, /Cost\$0\.000/);
      assert.match(text, /Rule.*far/);
      // Folded, and there.
      const thinking = answer.locator("details.thinking");
      assert.equal(await thinking.getAttribute("open"), null);
      await thinking.locator("summary").click();
      await thinking.getByText("The user wants an answer").waitFor();
      assert.ok(requests.some((request) => new URL(request.url()).pathname.startsWith(path)));
      assert.deepEqual(faults, []);
    });
  }

  test("two models side by side, one stopped half way; nothing is kept beyond the tab", async (context) => {
    const { page, faults } = await openView(context, browser, router, "playground?model=near-small");
    // By then all that is asked for at the start is there.
    await page.getByText("Your rules would send this to near").waitFor();
    await tick(page.getByLabel("Compare two"));
    const lanes = page.locator(".lane");
    await lanes.nth(1).getByLabel("Model", { exact: true }).fill("far-large");
    await lanes.nth(1).getByText("Your rules would send this to far").waitFor();
    await ask(page, "word ".repeat(200));
    await lanes.nth(0).getByRole("link", { name: "Open the exchange" }).waitFor();
    await lanes.nth(1).getByText("This is the router's").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await lanes.nth(1).getByText("Stopped.").waitFor();
    await page.getByRole("button", { name: "Send" }).waitFor();
    await until(async () => {
      const { in_flight } = statusSchema.parse(await (await fetch(`${router.url}/router/status`)).json());
      return in_flight === 0;
    }, "the router to have cancelled it");
    await takePictures(page, "playground-compare");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(await page.evaluate("[localStorage.length, sessionStorage.length]"), [0, 0]);
    await page.getByRole("button", { name: "Clear" }).click();
    await until(async () => (await page.locator(".turn").count()) === 0, "an empty conversation");
    assert.deepEqual(faults, []);
  });

  test("a tool's call is shown and answered", async (context) => {
    const { page, faults } = await openView(context, browser, router, "playground?model=near-small&format=anthropic");
    await page.getByRole("button", { name: "Add a sample" }).click();
    await ask(page, 'call tool get_weather {"city": "Paris"}');
    await page.getByLabel("What get_weather says").fill("rain <b>9</b>");
    await page.getByRole("button", { name: "Send the result" }).click();
    await page.getByRole("article", { name: "Answer" }).nth(1).getByText("rain <b>9</b>").waitFor();
    await takePictures(page, "playground-tool");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });

  test("a plugin with settings of its own decides otherwise than the rules", async (context) => {
    const { page, faults } = await openView(context, browser, router, "playground?model=near-small");
    await tick(page.getByRole("checkbox", { name: "pareto-router" }));
    const settings = page.getByLabel("Settings of pareto-router");
    await settings.fill("{");
    await ask(page, "hello");
    await page.getByText("the settings of pareto-router are no JSON").waitFor();
    await settings.fill('{"tier": "high"}');
    await page.getByText("pareto-router may decide otherwise").waitFor();
    await ask(page, "hello");
    const answer = page.getByRole("article", { name: "Answer" });
    await answer.getByRole("link", { name: "Open the exchange" }).waitFor();
    assert.match((await answer.textContent()) ?? "", /far → near-small/);
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });

  test("errors are shown in full", async (context) => {
    const { page, faults } = await openView(context, browser, router, "playground?model=broken", { expected: /503/ });
    await ask(page, "hello");
    const problem = page.getByRole("alert");
    await problem.getByText("Error 503").waitFor();
    await problem.getByText("The whole answer").click();
    await problem.getByText('"error"').waitFor();
    await takePictures(page, "playground-error");
    assert.deepEqual(await seriousFaults(page), []);
    assert.deepEqual(faults, []);
  });
});

test("where the page has the admin key, a client's is typed in, kept in memory, and stands in no address", async (context) => {
  const keys = { ADMIN_KEY: "the-key-of-the-owner", CLIENT_KEY: "the-key-of-a-client" };
  const guarded = 'dashboard = true\nadmin_key_env = "ADMIN_KEY"\napi_keys_env = ["CLIENT_KEY"]';
  const router = await startDashboard(context, BUSY_CONFIG.replace("dashboard = true", guarded), keys);
  const browser = await launchChromium();
  context.after(() => browser.close());
  const { page, faults, requests } = await openPage(context, browser, router.url, { expected: /401/ });
  await page.goto(`${router.url}/dashboard?api_key=${keys.ADMIN_KEY}#/playground?model=near-small`);
  const field = page.getByLabel("A client's key");
  await field.waitFor();
  const message = page.getByLabel("Message", { exact: true });
  await message.fill("hello");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("the admin key is not for this").first().waitFor();
  assert.equal(await field.getAttribute("type"), "password");
  await field.fill(keys.CLIENT_KEY);
  await message.fill("hello again");
  await page.keyboard.press("Enter");
  await page.getByText("You said: hello again").waitFor();
  const chats = requests.filter((request) => new URL(request.url()).pathname === "/v1/chat/completions");
  assert.deepEqual(
    chats.map((request) => request.headers()["authorization"]),
    [`Bearer ${keys.ADMIN_KEY}`, `Bearer ${keys.CLIENT_KEY}`],
  );
  const others = requests.filter((request) => !chats.includes(request));
  assert.ok(!JSON.stringify(others.map((request) => request.headers())).includes(keys.CLIENT_KEY));
  assert.ok(requests.every((request) => !request.url().includes(keys.CLIENT_KEY)));
  assert.ok(!page.url().includes("the-key"));
  assert.equal(await page.evaluate("JSON.stringify([localStorage, sessionStorage]).includes('of-a-client')"), false);
  assert.deepEqual(faults, []);
  await page.reload();
  await field.waitFor();
  assert.equal(await field.inputValue(), "");
});
