import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json, JsonObject } from "../core/json.ts";
import type { Probe } from "./detect/servers.ts";
import { configOf, detect } from "./detect.ts";
import type { PresetKind } from "./kinds.ts";

const presets = new Map<string, PresetKind>([
  ["anthropic", { format: "anthropic", base_url: "https://a.test", api_key_env: "ANTHROPIC_API_KEY" }],
  ["openai", { format: "openai", base_url: "https://o.test/v1", api_key_env: "OPENAI_API_KEY" }],
  ["openai-eu", { format: "openai", base_url: "https://eu.test/v1", api_key_env: "OPENAI_API_KEY" }],
  [
    "gemini",
    { format: "gemini", base_url: "https://m.test", api_key_env: "GEMINI_API_KEY", otherKeyEnv: "GOOGLE_API_KEY" },
  ],
  ["groq", { format: "openai", base_url: "https://g.test/v1", api_key_env: "GROQ_API_KEY" }],
  ["github", { format: "openai", base_url: "https://h.test", api_key_env: "GITHUB_TOKEN", sharedKey: true }],
  ["ollama", { format: "ollama", base_url: "http://127.0.0.1:11434", local: 11434 }],
  ["llamacpp", { format: "openai", base_url: "http://127.0.0.1:8080/v1", local: 8080 }],
  ["vllm", { format: "openai", base_url: "http://127.0.0.1:8000/v1", local: 8000 }],
]);

/** Answers by URL; everything else is silence. */
function probeOf(answers: Record<string, Json>, isRouter = false): Probe {
  return async (url) => {
    const body = answers[url];
    return body === undefined ? undefined : { body, isRouter };
  };
}

const silence = probeOf({});
const ollama = {
  "http://127.0.0.1:11434/api/version": { version: "0.13.4" },
  "http://127.0.0.1:11434/api/tags": { models: [{ name: "nomic-embed-text:latest" }, { name: "qwen3:8b" }] },
};
const llama = { "http://127.0.0.1:8080/v1/models": { object: "list", data: [{ id: "gemma", object: "model" }] } };

async function tables(
  env: Record<string, string>,
  probe: Probe,
): Promise<{ providers: JsonObject[]; rules: JsonObject[] }> {
  const detected = await detect({ env, presets, probe });
  return { providers: detected.providers.map(({ table }) => table), rules: detected.rules.map(({ table }) => table) };
}

test("nothing found: simulated, and said so", async () => {
  const detected = await detect({ env: { OPENAI_API_KEY: " ", GITHUB_TOKEN: "t" }, presets, probe: silence });
  assert.equal(detected.isSimulated, true);
  assert.deepEqual(configOf(detected), {
    server: { dashboard: true },
    providers: [{ name: "simulated", format: "simulated" }],
    routers: [{ type: "fallback" }],
  });
});

test("a preset's second variable is taken, and named, when the first is not set", async () => {
  const gemini = { name: "gemini", preset: "gemini" };
  const found = async (env: Record<string, string>) => (await tables(env, silence)).providers;
  assert.deepEqual(await found({ GOOGLE_API_KEY: "k" }), [{ ...gemini, api_key_env: "GOOGLE_API_KEY" }]);
  assert.deepEqual(await found({ GEMINI_API_KEY: "k", GOOGLE_API_KEY: "k" }), [gemini]);
});

test("keys: the first preset of each variable; prefixes for those whose names tell, discover for the others", async () => {
  const { providers, rules } = await tables({ OPENAI_API_KEY: "k", GROQ_API_KEY: "k" }, silence);
  assert.deepEqual(providers, [
    { name: "openai", preset: "openai" },
    { name: "groq", preset: "groq" },
  ]);
  const prefixes = rules.filter((rule) => rule["type"] === "prefix");
  assert.deepEqual(
    prefixes.map((rule) => rule["model_prefix"]),
    ["gpt-", "chatgpt-", "o1", "o3", "o4", "codex"],
  );
  assert.ok(prefixes.every((rule) => rule["provider"] === "openai"));
  assert.deepEqual(rules.slice(prefixes.length), [{ type: "discover", provider: "groq" }, { type: "fallback" }]);
});

test("local servers come before keys, so that gpt-oss stays here", async () => {
  const { providers, rules } = await tables({ OPENAI_API_KEY: "k" }, probeOf({ ...ollama, ...llama }));
  assert.deepEqual(
    providers.map((provider) => provider["name"]),
    ["ollama", "llamacpp", "openai"],
  );
  assert.deepEqual(rules.slice(0, 3), [
    { type: "discover", provider: "ollama" },
    { type: "discover", provider: "llamacpp" },
    { type: "prefix", model_prefix: "gpt-", provider: "openai" },
  ]);
  assert.deepEqual(rules.at(-1), { type: "fallback" });
});

test("with local servers alone any name is answered, by a model that can chat", async () => {
  const { rules } = await tables({}, probeOf(ollama));
  assert.deepEqual(rules, [
    { type: "discover", provider: "ollama" },
    { type: "fallback", providers: ["ollama"], rewrite_model: "qwen3:8b" },
  ]);
});

test("a server without models is served, and nothing is rewritten", async () => {
  const { providers, rules } = await tables(
    {},
    probeOf({ "http://127.0.0.1:8000/v1/models": { object: "list", data: [] } }),
  );
  assert.deepEqual(providers, [{ name: "vllm", preset: "vllm" }]);
  assert.deepEqual(rules.at(-1), { type: "fallback" });
});

test("what is not of the API's shape is somebody else's server", async () => {
  const strangers: Record<string, Json>[] = [
    { "http://127.0.0.1:8080/v1/models": { status: "ok" } },
    { "http://127.0.0.1:8080/v1/models": [] },
    { "http://127.0.0.1:8080/v1/models": { object: "list", data: [{ name: "x" }] } },
    { "http://127.0.0.1:8000/v1/models": { object: "list", data: { id: "x" } } },
    { "http://127.0.0.1:11434/api/version": { version: "1" } },
    { ...ollama, "http://127.0.0.1:11434/api/version": { version: 1 } },
    { ...ollama, "http://127.0.0.1:11434/api/tags": "no" },
  ];
  for (const answers of strangers) {
    assert.equal(
      (await detect({ env: {}, presets, probe: probeOf(answers) })).isSimulated,
      true,
      JSON.stringify(answers),
    );
  }
});

test("another router is not taken for a model server", async () => {
  assert.equal((await detect({ env: {}, presets, probe: probeOf({ ...ollama, ...llama }, true) })).isSimulated, true);
});
