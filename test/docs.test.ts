import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "smol-toml";
import type { z } from "zod";
import { KINDS } from "../src/cli/kinds.ts";
import { jsonSchemaOf } from "../src/config/check/explain.ts";
import { classifierStageSchema, pluginStageSchema, responseClassifierStageSchema } from "../src/config/config.ts";
import { configJsonSchema } from "../src/config/json-schema.ts";
import { parseConfig } from "../src/config/load.ts";
import { ConfigError } from "../src/config/problem.ts";
import { asArray, asObject, asString, isObject, type JsonObject, objectsOf } from "../src/core/json.ts";

const root = join(import.meta.dirname, "..");
const docs = join(root, "docs");
const pages = readdirSync(docs, { recursive: true, encoding: "utf8" }).filter((page) => page.endsWith(".md"));

/** Sections of configuration.md by heading; the rows of their tables by key. */
function documentedKeys(): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let rows = new Map<string, string>();
  for (const line of readFileSync(join(docs, "configuration.md"), "utf8").split("\n")) {
    const heading = /^##+ (.*)$/.exec(line)?.[1];
    if (heading !== undefined) {
      rows = new Map();
      sections.set(heading, rows);
    }
    const [, key, byDefault] = /^\| `(\w+)` \| (.*?) ?\| /.exec(line) ?? [];
    if (key !== undefined) rows.set(key, byDefault ?? "");
  }
  return sections;
}

/** Keys all of a section have: told once. */
const COMMON: Readonly<Record<string, z.ZodObject>> = {
  classifiers: classifierStageSchema,
  response_classifiers: responseClassifierStageSchema,
  plugins: pluginStageSchema,
};

/** Sections of the schema as the page should have them: heading, properties. */
function* schemaSections(): Generator<[string, JsonObject]> {
  const sections = asObject(configJsonSchema(KINDS)["properties"]) ?? {};
  for (const [name, section] of Object.entries(sections)) {
    if (!isObject(section)) continue;
    const items = asObject(section["items"]);
    if (name === "routers") {
      for (const rule of objectsOf(items?.["anyOf"])) {
        const { type, when, failover, fallbacks, ...keys } = asObject(rule["properties"]) ?? {};
        // One that a module brings: its keys are the module's.
        if (asObject(type)?.["const"] === undefined) continue;
        yield ["every rule", { ...asObject({ when, failover, fallbacks }) }];
        yield ["when", asObject(asObject(when)?.["properties"]) ?? {}];
        yield [`type = ${JSON.stringify(asString(asObject(type)?.["const"]))}`, keys];
      }
    } else if (items !== undefined) {
      const keys = asObject(items["properties"]) ?? {};
      yield [`[[${name}]]`, keys];
      for (const table of ["timeout", "prices"])
        yield [`[${name}.${table}]`, asObject(asObject(keys[table])?.["properties"]) ?? {}];
    } else if (COMMON[name]) {
      const common = asObject(jsonSchemaOf(COMMON[name])["properties"]) ?? {};
      yield [`[${name}.…]`, common];
      for (const [id, stage] of Object.entries(asObject(section["properties"]) ?? {})) {
        const keys = Object.entries(asObject(asObject(stage)?.["properties"]) ?? {});
        yield [`[${name}.${id}]`, Object.fromEntries(keys.filter(([key]) => !Object.hasOwn(common, key)))];
      }
    } else {
      yield [`[${name}]`, asObject(section["properties"]) ?? {}];
    }
  }
}

test("configuration.md has every key there is, with its default, and no other", () => {
  const documented = documentedKeys();
  for (const [heading, keys] of schemaSections()) {
    const rows = documented.get(heading);
    assert.ok(rows, `configuration.md has no section ${heading}`);
    assert.deepEqual([...rows.keys()].toSorted(), Object.keys(keys).toSorted(), heading);
    for (const [key, schema] of Object.entries(keys)) {
      const value = asObject(schema)?.["default"];
      // Tables of timers have a section of their own, lists of phrases are told in words.
      if (value === undefined || key === "timeout" || asArray(value) !== undefined) continue;
      assert.equal(rows.get(key), `\`${JSON.stringify(value)}\``, `default of ${heading} ${key}`);
    }
  }
});

/** Parts of a config, shown without the providers they are about, may name any. */
function errorsIn(block: string, page: string): string[] {
  const isPart = parse(block)["providers"] === undefined;
  try {
    parseConfig(block, page, KINDS, {});
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const errors = error.problems.filter(({ severity }) => severity === "error").map(({ message }) => message);
    return errors.filter((message) => !isPart || !/^(there is no provider|no provider is named)/.test(message));
  }
}

for (const page of [...pages.map((page) => join("docs", page)), "README.md"]) {
  test(`${page}: every TOML block passes the checker`, () => {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, block = ""] of text.matchAll(/^```toml\n(.*?)^```/gms)) {
      assert.deepEqual(errorsIn(block, page), [], block);
    }
  });
}

test("the start-up lines of getting-started.md have the titles the program prints", () => {
  const text = readFileSync(join(docs, "getting-started.md"), "utf8");
  const source = readFileSync(join(root, "src/cli/start-lines.ts"), "utf8");
  for (const [, title = ""] of text.matchAll(/^ {2}(\w+) {2,}\S/gm))
    assert.ok(source.includes(`row("${title}"`), title);
});
