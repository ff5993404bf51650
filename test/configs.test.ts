import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KINDS } from "../src/cli/kinds.ts";
import { loadConfig } from "../src/config/load.ts";

const folder = join(import.meta.dirname, "configs");
const files = readdirSync(folder).filter((file) => file.endsWith(".toml"));
const KEYS = ["ANTHROPIC_API_KEY", "GROQ_API_KEY", "OPENAI_API_KEY", "OPENROUTER_API_KEY", "ROUTER_API_KEY"];
const env = Object.fromEntries(KEYS.map((name) => [name, "0123456789abcdef"]));

test("the seven kinds of configs that 0.7.0 came with, and one with all of its keys, are there", () => {
  assert.deepEqual(files.toSorted(), [
    "anthropic-only.toml",
    "full.toml",
    "latency-then-quality.toml",
    "local-and-cloud.toml",
    "ollama.toml",
    "prefix-tag-discover-random.toml",
    "random-pairs.toml",
    "tags.toml",
  ]);
});

for (const file of files) {
  test(`${file} is taken as it is`, () => {
    const { config, warnings } = loadConfig(join(folder, file), KINDS, env);
    assert.ok(config.providers.length > 0 && config.routers.length > 0);
    assert.deepEqual(warnings, []);
  });

  test(`${file} without keys has warnings only, of the keys`, () => {
    const { config, warnings } = loadConfig(join(folder, file), KINDS, {});
    const keyed = config.providers.filter((provider) => provider.api_key_env !== undefined);
    const skipped = warnings.filter(({ message }) =>
      /^provider "[^"]+" is skipped: the environment variable/.test(message),
    );
    assert.equal(skipped.length, keyed.length);
  });
}
