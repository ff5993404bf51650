import { deepEqual, equal, match, throws } from "node:assert/strict";
import { readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ASK } from "../../../test/support/clients/ask.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { type Cleanup, inProcess, oneProvider, scratch } from "../../../test/support/in-process.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import type { JsonObject } from "../../core/json.ts";
import { systemPrompt } from "./system-prompt.ts";

async function upstream(t: Cleanup, format: "openai" | "anthropic"): Promise<Upstream> {
  const started = await startUpstream(format);
  t.after(() => started.close());
  return started;
}

const said = (system: unknown) => JSON.stringify(system);
const user = { role: "user", content: "hi" };

test("the example of its page", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/system-prompt.md"), "utf8");
  const toml = /^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const request: JsonObject = JSON.parse(/^```json\n(.*?)^```/ms.exec(page)?.[1] ?? "");
  const told = /^goes on with the system prompt (.*)$/m.exec(page)?.[1] ?? "";
  const claude = await upstream(t, "anthropic");
  const here = toml.replace("https://api.anthropic.com/v1", claude.url);
  const router = await inProcess(t, here, { env: { ANTHROPIC_API_KEY: "k" } });
  for (const stream of [false, true]) {
    equal((await ASK.anthropic(router.url, request, stream)).error, undefined);
    const text = [...told.matchAll(/`(.*?)`/g)].map(([, sentence]) => sentence).join("\n\n");
    equal(said(claude.last().body["system"]), said([{ type: "text", text }]));
  }
  deepEqual((await router.completed())[0]?.plugins, ["system-prompt"]);
  const short = { model: "claude-haiku-4-5", messages: [{ role: "system", content: "You are a poet." }, user] };
  await ASK.openai(router.url, short, false);
  equal(said(claude.last().body["system"]), said([{ type: "text", text: "Answer in one sentence." }]));
});

describe("over HTTP", () => {
  test("each API's own shape; who no rule applies to is passed through", async (t) => {
    const gpt = await upstream(t, "openai");
    const rules = `[plugins.system-prompt]\nenabled = true\n[[plugins.system-prompt.rules]]\nmodels = ["m*"]\nclients = ["codex", "openai-responses"]\naction = "prepend"\ntext = "First."`;
    const router = await inProcess(t, `${oneProvider("openai", gpt.url)}\n${rules}`);
    const ask = async (path: string, body: JsonObject, agent: string) => {
      const headers = { "user-agent": agent };
      const got = await exchange(`${router.url}${path}`, { body: JSON.stringify(body), headers });
      equal(got.status, 200, got.body.toString());
      return gpt.last();
    };
    const chat = { model: "mine", messages: [{ role: "system", content: "Second." }, user] };
    const first = await ask("/v1/chat/completions", chat, "codex_cli_rs/1.0");
    deepEqual(first.body["messages"], [{ role: "system", content: "First.\n\nSecond." }, user]);
    const none = await ask("/v1/responses", { model: "mine", input: "hi" }, "curl/8");
    equal(said(none.body["messages"]), said([{ role: "system", content: "First." }, user]));
    for (const [model, agent] of [
      ["mine", "curl/8"],
      ["other", "codex_cli_rs/1.0"],
    ] as const) {
      const body = { ...chat, model };
      equal((await ask("/v1/chat/completions", body, agent)).raw.toString(), JSON.stringify(body));
    }
  });

  test("requests cannot put words in", async (t) => {
    const gpt = await upstream(t, "openai");
    const router = await inProcess(t, oneProvider("openai", gpt.url));
    const body = { model: "m", messages: [user], plugins: [{ id: "system-prompt", rules: [{ text: "x" }] }] };
    const got = await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(body) });
    equal(got.status, 400);
    match(got.body.toString(), /only the router's config may set this/);
  });

  test("cache marks stay where they are, turn by turn", async (t) => {
    const claude = await upstream(t, "anthropic");
    const mark = { cache_control: { type: "ephemeral" } };
    const system = [
      { type: "text", text: "Long.", ...mark },
      { type: "text", text: "Today." },
    ];
    for (const [action, expected] of [
      ["append", [...system, { type: "text", text: "Mine." }]],
      ["prepend", [{ type: "text", text: "Mine." }, ...system]],
      ["replace", [{ type: "text", text: "Mine.", ...mark }]],
    ] as const) {
      const rules = `[plugins.system-prompt]\nenabled = true\n[[plugins.system-prompt.rules]]\naction = "${action}"\ntext = "Mine."`;
      const router = await inProcess(t, `${oneProvider("anthropic", claude.url)}\n${rules}`);
      for (const turn of [1, 2]) {
        const messages = Array.from({ length: turn }, () => [user, { role: "assistant", content: "ho" }]).flat();
        const body = { model: "claude-opus-4-5", max_tokens: 100, system, messages: [...messages, user] };
        await exchange(`${router.url}/v1/messages`, { body: JSON.stringify(body) });
        deepEqual(claude.last().body["system"], expected, action);
      }
    }
  });

  test("a file is read again when it changes, and goes on when it is gone", async (t) => {
    const file = join(await scratch(t), "prompt.md");
    writeFileSync(file, "From a file.\n");
    const gpt = await upstream(t, "openai");
    const rules = `[plugins.system-prompt]\nenabled = true\n[[plugins.system-prompt.rules]]\nfile = ${JSON.stringify(file)}`;
    const router = await inProcess(t, `${oneProvider("openai", gpt.url)}\n${rules}`);
    const system = async () => {
      await ASK.openai(router.url, { model: "m", messages: [user] }, false);
      return gpt.last().body["messages"];
    };
    deepEqual(await system(), [{ role: "system", content: "From a file." }, user]);
    writeFileSync(file, "Changed.");
    utimesSync(file, 1, 1);
    deepEqual(await system(), [{ role: "system", content: "Changed." }, user]);
    rmSync(file);
    deepEqual(await system(), [{ role: "system", content: "Changed." }, user]);
    deepEqual(await system(), [{ role: "system", content: "Changed." }, user]);
    equal(router.log.filter((line) => /cannot read the file .*what it said before goes on/.test(line)).length, 1);
  });
});

test("settings that make no sense", () => {
  const tools = {
    log: () => undefined,
    clock: { nowMs: () => 0, wallMs: () => 0, after: () => ({ cancel: () => undefined }) },
    random: Math.random,
    env: {},
  };
  const build = (rule: JsonObject) => () => systemPrompt.build({ rules: [rule] }, tools);
  throws(build({ text: "a", file: "b" }), /needs either `text` or `file`/);
  throws(build({}), /needs either `text` or `file`/);
  throws(build({ text: "a", models: [] }), /models/);
  throws(build({ file: "/nowhere/at/all" }), /cannot read the file \/nowhere\/at\/all/);
});
