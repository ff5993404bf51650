import { deepEqual, equal, match, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ASK } from "../../../test/support/clients/ask.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { startUpstream } from "../../../test/support/upstream/upstream.ts";
import { asObject, type JsonObject } from "../../core/json.ts";
import { maxTokens } from "./max-tokens.ts";

const messages = [{ role: "user", content: "hi" }];

test("the example of its page", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/max-tokens.md"), "utf8");
  const toml = /^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const request: JsonObject = JSON.parse(/^```json\n(.*?)^```/ms.exec(page)?.[1] ?? "");
  const claude = await startUpstream("anthropic");
  t.after(() => claude.close());
  const here = toml.replace("https://api.anthropic.com/v1", claude.url);
  const router = await inProcess(t, here, { env: { ANTHROPIC_API_KEY: "k" } });
  for (const stream of [false, true]) {
    equal((await ASK.anthropic(router.url, request, stream)).error, undefined);
    const { max_tokens, thinking } = claude.last().body;
    deepEqual({ max_tokens, thinking }, { max_tokens: 4000, thinking: { type: "enabled", budget_tokens: 3000 } });
  }
  const [complete] = await router.completed();
  match(page, new RegExp(`\`${complete?.warnings[0]?.message.replace(/, of them.*/, "")}\``));
  deepEqual(complete?.warnings[0]?.details, {
    plugin: "max-tokens",
    asked: 16000,
    limit: 4000,
    budget_asked: 15999,
    budget: 3000,
  });
});

test("what is sent, by what is asked", async (t) => {
  const gpt = await startUpstream("openai");
  const claude = await startUpstream("anthropic");
  t.after(() => Promise.all([gpt.close(), claude.close()]).then(() => undefined));
  const limits = `[plugins.max-tokens]\nenabled = true\nlimit = 1000\ndefault = 300\n[[plugins.max-tokens.rules]]\nmodels = ["roomy*"]\nlimit = 9000`;
  const chat = await inProcess(t, `${oneProvider("openai", gpt.url)}\n${limits}`);
  for (const [model, asked, sent] of [
    ["m", 2000, 1000],
    ["m", 1000, 1000],
    ["m", 7, 7],
    ["m", undefined, 300],
    ["roomy-1", 9001, 9000],
    ["roomy-1", 8000, 8000],
    ["roomy-1", undefined, 300],
  ] as const) {
    const body = JSON.stringify({ model, messages, ...(asked !== undefined && { max_tokens: asked }) });
    equal((await exchange(`${chat.url}/v1/chat/completions`, { body })).status, 200);
    equal(gpt.last().body["max_tokens"], sent, body);
    if (asked === sent) equal(gpt.last().raw.toString(), body);
  }
  const warnings = (await chat.completed(7)).flatMap((one) => one.warnings.map(({ message }) => message));
  deepEqual(warnings, [
    "the answer may have 1000 tokens instead of 2000",
    "the answer may have 9000 tokens instead of 9001",
  ]);

  const messaging = await inProcess(t, `${oneProvider("anthropic", claude.url)}\n${limits}`);
  for (const [model, asked, budget, sent, thinks] of [
    // No room for the smallest budget: thinking is off.
    ["claude-sonnet-4-5", 5000, 2000, 1000, undefined],
    ["roomy-claude", 32000, 31999, 9000, 6750],
    ["roomy-claude", 32000, 2000, 9000, 2000],
    ["roomy-claude", 8000, 7999, 8000, 7999],
  ] as const) {
    const thinking = { type: "enabled", budget_tokens: budget };
    const body = JSON.stringify({ model, max_tokens: asked, thinking, messages });
    equal((await exchange(`${messaging.url}/v1/messages`, { body })).status, 200);
    const got = claude.last().body;
    equal(got["max_tokens"], sent);
    deepEqual(
      got["thinking"],
      thinks === undefined ? { type: "disabled" } : { type: "enabled", budget_tokens: thinks },
      body,
    );
  }
  match(
    (await messaging.completed())[0]?.warnings[0]?.message ?? "",
    /1000 tokens instead of 5000, and there is no room to think/,
  );
});

test("without a default the limit is one; a budget comes on top of a default", async (t) => {
  const gemini = await startUpstream("gemini");
  t.after(() => gemini.close());
  const ask = async (limits: string, generationConfig: JsonObject) => {
    const router = await inProcess(
      t,
      `${oneProvider("gemini", gemini.url)}\n[plugins.max-tokens]\nenabled = true\n${limits}`,
    );
    const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: "hi" }] }], generationConfig });
    const path = "/v1beta/models/gemini-2.5-pro:generateContent";
    equal((await exchange(router.url + path, { body })).status, 200);
    const { maxOutputTokens, thinkingConfig } = asObject(gemini.last().body["generationConfig"]) ?? {};
    return [maxOutputTokens, asObject(thinkingConfig)?.["thinkingBudget"]];
  };
  const thinkingConfig = { thinkingBudget: 2048 };
  deepEqual(await ask("limit = 5000", {}), [5000, undefined]);
  deepEqual(await ask("default = 500", { thinkingConfig }), [2548, 2048]);
  deepEqual(await ask("limit = 2400\ndefault = 500", { thinkingConfig }), [2400, 1800]);
});

test("settings that make no sense", () => {
  const tools = {
    log: () => undefined,
    clock: { nowMs: () => 0, wallMs: () => 0, after: () => ({ cancel: () => undefined }) },
    random: Math.random,
    env: {},
  };
  const build = (settings: JsonObject) => () => maxTokens.build(settings, tools);
  throws(build({ limit: 10, default: 20 }), /may not be more than the limit, 10/);
  throws(build({ rules: [{ models: ["m"], limit: 10, default: 20 }] }), /may not be more than the limit, 10/);
  throws(build({ limit: 0 }), /limit/);
  throws(build({ rules: [{ models: [] }] }), /models/);
});
