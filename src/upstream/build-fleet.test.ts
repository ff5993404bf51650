import assert from "node:assert/strict";
import { test } from "node:test";
import { muteHalf } from "../../test/support/provider.ts";
import { FORMATS, providerSchema } from "../config/config.ts";
import type { Dialect } from "../core/part.ts";
import { factsOf } from "../pipeline/stages/facts.ts";
import type { ProviderHalf } from "../wire/format.ts";
import { buildFleet } from "./build-fleet.ts";
import { PRESETS } from "./catalogue.ts";
import type { Fleet, Provider } from "./provider.ts";

const halves = new Map<Dialect, ProviderHalf>(FORMATS.map((format) => [format, muteHalf(format)]));

function build(configs: { name?: string; [key: string]: unknown }[], env: Record<string, string> = {}, before?: Fleet) {
  return buildFleet(
    configs.map((config, index) => providerSchema.parse({ name: `p${index}`, ...config })),
    env,
    halves,
    before,
  );
}

function one(config: { [key: string]: unknown }, env: Record<string, string> = {}): Provider {
  const provider = build([config], env).fleet.get("p0");
  assert.ok(provider);
  return provider;
}

test("base URLs: slashes dropped, anthropic with and without /v1, ollama never with it", () => {
  const where = (format: string, base_url: string) => {
    const { origin, basePath } = one({ format, base_url });
    return origin + basePath;
  };
  assert.equal(where("openai", "http://localhost:8080/v1/"), "http://localhost:8080/v1");
  assert.equal(where("openai", "https://x.example"), "https://x.example");
  assert.equal(where("openai", "https://x.example/a/b//"), "https://x.example/a/b");
  assert.equal(where("openai-responses", "https://api.openai.com/v1"), "https://api.openai.com/v1");
  assert.equal(where("ollama", "http://localhost:11434"), "http://localhost:11434");
  assert.equal(where("ollama", "http://localhost:11434/v1/"), "http://localhost:11434");
  assert.equal(where("ollama", "http://proxy/ollama/"), "http://proxy/ollama");
  for (const more of ["", "/", "/v1", "/v1/"]) {
    assert.equal(where("anthropic", `https://api.anthropic.com${more}`), "https://api.anthropic.com/v1");
  }
  assert.equal(where("anthropic", "https://api.z.ai/api/anthropic"), "https://api.z.ai/api/anthropic/v1");
});

test("what is nearby, or serves models of one's own, may take longer to answer", () => {
  const patience = (config: object) =>
    one({ base_url: "https://models.example.com", ...config }, { KEY: "k" }).timeout.first_byte_ms;
  for (const nearby of [
    { format: "ollama" },
    { format: "openai", base_url: "http://192.168.1.20:8080/v1" },
    { format: "anthropic", base_url: "http://gateway/v1" },
    { preset: "vllm" },
    { preset: "llamacpp" },
    { preset: "lmstudio" },
    { format: "simulated", base_url: undefined },
  ])
    assert.equal(patience(nearby), 900_000, JSON.stringify(nearby));
  for (const elsewhere of [
    { format: "openai" },
    { format: "ollama", base_url: "https://ollama.com" },
    { preset: "ollama-cloud", base_url: undefined, api_key_env: "KEY" },
    { preset: "anthropic", base_url: undefined, api_key_env: "KEY" },
  ])
    assert.equal(patience(elsewhere), 300_000, JSON.stringify(elsewhere));
  assert.equal(patience({ preset: "vllm", timeout: { first_byte_ms: 5 } }), 5);
});

test("each format shows its key its own way; configured headers come after, under lower-case names", () => {
  const env = { KEY: " secret\n" };
  const headers = (config: object) => one({ base_url: "http://x", api_key_env: "KEY", ...config }, env).headers;
  assert.deepEqual(headers({ format: "openai" }), { authorization: "Bearer secret" });
  assert.deepEqual(headers({ format: "openai-responses" }), { authorization: "Bearer secret" });
  assert.deepEqual(headers({ format: "ollama" }), { authorization: "Bearer secret" });
  assert.deepEqual(headers({ format: "gemini" }), { "x-goog-api-key": "secret" });
  assert.deepEqual(headers({ format: "anthropic", headers: { "X-Team": "a" } }), {
    "x-api-key": "secret",
    "x-team": "a",
  });
  assert.deepEqual(headers({ format: "openai", headers: { Authorization: "Basic x" } }), { authorization: "Basic x" });
  assert.deepEqual(one({ format: "openai", base_url: "http://x" }).headers, {});
});

test("a missing, empty or blank key skips the provider and names the variable", () => {
  const remote = { format: "openai", base_url: "http://x" };
  const { fleet, skipped } = build(
    [
      { ...remote, api_key_env: "NONE" },
      { ...remote, api_key_env: "EMPTY" },
      { ...remote, api_key_env: "BLANK" },
      remote,
    ],
    { EMPTY: "", BLANK: " \n" },
  );
  assert.deepEqual(skipped, [
    { name: "p0", source: "NONE" },
    { name: "p1", source: "EMPTY" },
    { name: "p2", source: "BLANK" },
  ]);
  assert.deepEqual(
    fleet.all().map((provider) => provider.name),
    ["p3"],
  );
  assert.deepEqual([...fleet.skipped], ["p0", "p1", "p2"]);
});

test("a preset fills in what is not said, and every preset builds", () => {
  const groq = one({ preset: "groq" }, { GROQ_API_KEY: "k" });
  assert.equal(groq.origin + groq.basePath, "https://api.groq.com/openai/v1");
  assert.deepEqual(groq.headers, { authorization: "Bearer k" });
  const moved = one({ preset: "groq", base_url: "http://mock/v1", api_key_env: "OTHER" }, { OTHER: "o" });
  assert.equal(moved.origin, "http://mock");
  assert.deepEqual(moved.headers, { authorization: "Bearer o" });
  assert.deepEqual(moved.quirks, groq.quirks);
  assert.deepEqual(build([{ preset: "groq" }]).skipped, [{ name: "p0", source: "GROQ_API_KEY" }]);
  for (const [name, { api_key_env }] of PRESETS) one({ preset: name }, api_key_env ? { [api_key_env]: "k" } : {});
});

test("quirks: OpenAI's own server by preset or by address, older names for the rest", () => {
  const own = { maxTokensField: "max_completion_tokens", developerRole: true };
  assert.deepEqual(one({ format: "openai", base_url: "https://api.openai.com/v1" }).quirks, own);
  assert.deepEqual(one({ preset: "openai" }, { OPENAI_API_KEY: "k" }).quirks, own);
  const others = { maxTokensField: "max_tokens", developerRole: false };
  assert.deepEqual(one({ format: "openai", base_url: "http://localhost:8080/v1" }).quirks, others);
  assert.deepEqual(one({ format: "openai", base_url: "https://api.deepseek.com" }).quirks, {
    ...others,
    noFiles: true,
    replayReasoning: true,
  });
  assert.deepEqual(one({ format: "ollama", base_url: "http://localhost:11434" }).quirks, {});
});

test("servers with OpenAI's API, but for files, are known by preset and by address; plugins hear of it", () => {
  const takesPdfs = (provider: ReturnType<typeof one>) => factsOf({ provider, model: "m" }).can("document_data");
  assert.ok(takesPdfs(one({ preset: "openai" }, { OPENAI_API_KEY: "k" })));
  assert.ok(takesPdfs(one({ preset: "openrouter" }, { OPENROUTER_API_KEY: "k" })));
  assert.ok(!takesPdfs(one({ preset: "groq" }, { GROQ_API_KEY: "k" })));
  assert.ok(!takesPdfs(one({ format: "openai", base_url: "https://api.mistral.ai/v1" })));
});

test("aliases come from a table of models; simulated needs no address", () => {
  const aliased = one({ format: "openai", base_url: "http://x", models: { fast: "gpt-5-mini" } });
  assert.deepEqual([...aliased.aliases], [["fast", "gpt-5-mini"]]);
  assert.equal(one({ format: "simulated", models: ["a"] }).aliases.size, 0);
});

test("a reload: who stays the same stays the same object; another price keeps the models, another place or key does not", () => {
  const config = { format: "openai", base_url: "http://a.example/v1", api_key_env: "KEY" };
  const { fleet } = build([config], { KEY: "key-1" });
  const old = fleet.get("p0");
  assert.ok(old);
  old.models = new Map([["m", { id: "m" }]]);
  old.discoveredAt = 1;
  const again = (change: Record<string, unknown>, key = "key-1") =>
    build([{ ...config, ...change }], { KEY: key }, fleet).fleet.get("p0");
  assert.equal(again({}), old);
  const dearer = again({ cost_per_1m_tokens: 3 });
  assert.notEqual(dearer, old);
  assert.deepEqual([...(dearer?.models.keys() ?? [])], ["m"]);
  assert.equal(again({ base_url: "http://b.example/v1" })?.models.size, 0);
  assert.equal(again({}, "key-2")?.models.size, 0);
});
