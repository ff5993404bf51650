import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { z } from "zod";
import { RULE_KINDS } from "./index.ts";

test("every file of the folder is a rule of the same name, and listed", () => {
  const files = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && file !== "index.ts")
    .map((file) => file.slice(0, -".ts".length));
  assert.deepEqual(RULE_KINDS.map((kind) => kind.name).sort(), files.sort());
});

test("settings are strict, and describe themselves for editors", () => {
  for (const kind of RULE_KINDS) {
    assert.equal(kind.schema.safeParse({ surely_unknown: 1 }).success, false, kind.name);
    assert.equal(JSON.parse(JSON.stringify(z.toJSONSchema(kind.schema))).additionalProperties, false, kind.name);
  }
});

test("the places of provider names are places the schema has", () => {
  for (const kind of RULE_KINDS) {
    const schema = JSON.parse(JSON.stringify(z.toJSONSchema(kind.schema)));
    for (const path of kind.providerPaths ?? []) {
      let at = schema;
      for (const step of path) at = step === "*" ? at.items : at.properties[step];
      assert.equal(at.type, "string", `${kind.name}: ${path.join(".")}`);
    }
  }
});

test("only rules that choose among all providers without a condition are sure to resolve", () => {
  const sure = (name: string, settings: Record<string, unknown>) => {
    const kind = RULE_KINDS.find((one) => one.name === name);
    return kind?.resolvesAlways?.(JSON.parse(JSON.stringify(settings))) ?? false;
  };
  assert.equal(sure("fallback", {}), true);
  assert.equal(sure("fallback", { providers: [] }), true);
  assert.equal(sure("fallback", { providers: ["a"] }), false);
  assert.equal(sure("fallback", { rewrite_model: "m" }), false);
  assert.equal(sure("random", {}), true);
  assert.equal(sure("random", { candidates: [{ provider: "a", model: "m" }] }), false);
  assert.equal(sure("price", {}), true);
  assert.equal(sure("price", { max_cost_per_1m_tokens: 1 }), false);
  assert.equal(sure("latency", {}), false);
  assert.equal(sure("throughput", {}), false);
  assert.equal(sure("prefix", { model_prefix: "", provider: "a" }), false);
});
