import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "smol-toml";
import { configOf, detect } from "./detect.ts";
import { configText } from "./init-file.ts";

test("the written file says what was detected, value by value", async () => {
  const detected = await detect({
    env: { OPENAI_API_KEY: "secret-value" },
    presets: new Map([
      ["openai", { format: "openai", api_key_env: "OPENAI_API_KEY" }],
      ["ollama", { format: "ollama", base_url: "http://127.0.0.1:11434", local: 11434 }],
    ]),
    probe: async (url) => ({
      body: url.endsWith("tags") ? { models: [{ name: 'odd "name"\\x' }] } : { version: "1" },
      isRouter: false,
    }),
  });
  const text = configText(detected);
  const { providers, routers } = configOf(detected);
  const parsed = structuredClone(parse(text));
  assert.deepEqual(parsed["providers"], providers);
  assert.deepEqual(parsed["routers"], routers);
  assert.deepEqual(parsed["server"], { host: "127.0.0.1", port: 8090, dashboard: true });
  assert.doesNotMatch(text, /secret-value/);
});

test("odd model names are written so that they come back", async () => {
  const model = 'odd "name"\\ \u0001 \u00fc';
  const text = configText({
    isSimulated: false,
    providers: [],
    rules: [{ table: { type: "fallback", providers: ["a", "b"], rewrite_model: model }, why: "test" }],
  });
  assert.deepEqual(structuredClone(parse(text)["routers"]), [
    { type: "fallback", providers: ["a", "b"], rewrite_model: model },
  ]);
});
