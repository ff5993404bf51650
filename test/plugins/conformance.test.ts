import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { Foreign } from "../../src/cli/modules/foreign.ts";
import { StageSet } from "../../src/cli/stage-set.ts";
import { configSchema } from "../../src/config/config.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { definePlugin, type PluginKind } from "../../src/plugins/define.ts";
import { PLUGIN_KINDS } from "../../src/plugins/index.ts";
import { pluginConformance } from "./conformance.ts";

/** Of those that do nothing, or cannot be built, without any. */
const SETTINGS: Readonly<Record<string, JsonObject>> = {
  "pareto-router": { tiers: { medium: ["p"], high: [{ provider: "p", model: "m" }] } },
  web: { backend: "searxng", base_url: "http://127.0.0.1:9" },
  "max-tokens": { limit: 100_000 },
};
/** Change every request, or write it anew. */
const BUSY = ["max-tokens", "redact"];

function settingsOf(kind: PluginKind): JsonObject {
  const settings = SETTINGS[kind.name] ?? {};
  return kind.schema.safeParse(settings).success ? settings : {};
}

for (const kind of PLUGIN_KINDS)
  pluginConformance({ kind, settings: settingsOf(kind), quiet: !BUSY.includes(kind.name) });

// One that is none of the router's own.
pluginConformance({
  kind: definePlugin({
    name: "foreign",
    schema: z.strictObject({ words: z.array(z.string()).default(["Hello"]).describe("What is looked for.") }),
    create: () => ({
      pre_request: ({ request, settings }) => (settings.words.includes(request.model) ? "stop" : "continue"),
      stream: () => ({ event: (event) => [event] }),
    }),
  }),
  settings: {},
  quiet: true,
});

test("over a reload, plugins whose settings stay the same go on; the others are built anew, and the old ones closed", async () => {
  const plugins = Object.fromEntries(PLUGIN_KINDS.map((kind) => [kind.name, { enabled: true, ...settingsOf(kind) }]));
  const config = configSchema.parse({ plugins });
  const tools = { log: () => undefined, random: () => 0, env: {}, foreign: Foreign.NONE };
  const first = new StageSet(config, tools, undefined);
  const second = new StageSet(config, tools, first);
  equal(first.plugins.length, PLUGIN_KINDS.length);
  deepEqual(
    second.plugins.map(({ plugin }) => plugin),
    first.plugins.map(({ plugin }) => plugin),
  );
  const other = configSchema.parse({
    plugins: { ...plugins, "response-healing": { enabled: true, tool_calls: false } },
  });
  const third = new StageSet(other, tools, second);
  const anew = third.plugins.filter(({ plugin }, index) => plugin !== second.plugins[index]?.plugin);
  deepEqual(
    anew.map(({ plugin }) => plugin.id),
    ["response-healing"],
  );
  const closed: string[] = [];
  for (const [set, name] of [
    [second, "second"],
    [third, "third"],
  ] as const) {
    for (const { plugin } of set.plugins) {
      const close = plugin.close?.bind(plugin);
      Object.assign(plugin, {
        close: () => {
          closed.push(`${name} ${plugin.id}`);
          return close?.();
        },
      });
    }
  }
  await first.close(second);
  equal(closed.length, 0);
  await second.close(third);
  equal(closed.join(), "second response-healing");
  await third.close(undefined);
  for (const { name } of PLUGIN_KINDS) ok(closed.includes(`third ${name}`), name);
});
