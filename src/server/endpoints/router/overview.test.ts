import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { exchange } from "../../../../test/support/exchange.ts";
import { FakeClock } from "../../../../test/support/fake-clock.ts";
import { inProcess, oneProvider, scratch } from "../../../../test/support/in-process.ts";
import { configSummarySchema, modelsSchema, statusSchema } from "../../../api/routing.ts";

const SECRET = "canary-secret-0123456789";

async function ask(url: string): Promise<unknown> {
  const got = await exchange(url);
  deepEqual([got.status, got.headers["cache-control"]], [200, "no-store"]);
  return JSON.parse(got.body.toString());
}

test("status: the router itself", async (t) => {
  const clock = new FakeClock();
  clock.advance(5_000);
  const path = join(await scratch(t), "requests.jsonl");
  const toml = `[logging]\nenabled = true\npath = "${path}"\n\n${oneProvider("simulated", "")}`.replace(
    'base_url = ""',
    "",
  );
  const router = await inProcess(t, toml, { clock });
  const status = statusSchema.parse(await ask(`${router.url}/router/status`));
  deepEqual([status.started_ms, status.config_version, status.in_flight, status.content], [5_000, 1, 0, "full"]);
  deepEqual(status.log, { path, ok: true, dropped: 0, problem: null });
  ok(/^\d+\.\d+\.\d+/.test(status.version));
});

describe("config", () => {
  const TOML = `[server]
api_key_env = "ROUTER_KEY"
allowed_hosts = ["box.lan"]

[telemetry]
otlp_endpoint = "http://user:${SECRET}@localhost:4318"

[classifiers.keyword]
enabled = true
tags = { private = ["${SECRET}", "b"] }

[plugins.web]
enabled = false

[[providers]]
name = "cloud"
preset = "openai"
headers = { "x-secret" = "${SECRET}" }

[[providers]]
name = "keyless"
preset = "anthropic"

[[routers]]
type = "tag"
tag = "private"
provider = "keyless"

[[routers]]
type = "random"
rewrite_model = "m"
failover = "none"
fallbacks = [{ provider = "cloud", model = "gpt-5" }]`;

  test("what was set up, field by field, and nothing that may be a secret", async (t) => {
    const env = { OPENAI_API_KEY: `${SECRET}-key`, ROUTER_KEY: `${SECRET}-router` };
    const router = await inProcess(t, TOML, { env });
    const got = await ask(`${router.url}/router/config?api_key=${SECRET}-router`);
    ok(!JSON.stringify(got).includes(SECRET));
    const config = configSummarySchema.parse(got);
    deepEqual([config.version, config.file, config.providers], [1, null, ["cloud"]]);
    deepEqual(config.skipped, [{ provider: "keyless", variable: "ANTHROPIC_API_KEY" }]);
    deepEqual(config.server["api_key_env"], "ROUTER_KEY");
    deepEqual(config.server["allowed_hosts"], ["box.lan"]);
    deepEqual(config.failover["scope"], "rule");
    deepEqual(config.logging["path"], "logs/requests.jsonl");
    deepEqual(config.rules, [
      { rule: 0, label: 'tag "private" → keyless', type: "tag", settings: { tag: "private", provider: "keyless" } },
      {
        rule: 1,
        label: "random → one of all as m",
        type: "random",
        settings: { rewrite_model: "m", failover: "none", fallbacks: [{ provider: "cloud", model: "gpt-5" }] },
      },
    ]);
    deepEqual(config.classifiers, [
      { name: "keyword", enabled: true, settings: { sticky: false, tags: { private: { entries: 2 } } } },
    ]);
    deepEqual(config.plugins, [{ name: "web", enabled: false, settings: {} }]);
  });
});

test("models: what clients may ask for, and who has it", async (t) => {
  const toml = `[[providers]]
name = "a"
format = "simulated"
models = ["one", "both"]

[[providers]]
name = "b"
format = "openai"
base_url = "http://127.0.0.1:9/v1"
models = { quick = "both" }
model_prices = { both = { input = 3, output = 15, cached_read = 0.3 } }

[[routers]]
type = "prefix"
model_prefix = "x"
provider = "b"
rewrite_model = "sent"`;
  const router = await inProcess(t, toml);
  const { models } = modelsSchema.parse(await ask(`${router.url}/router/models`));
  const providersOf = new Map(models.map(({ id, providers }) => [id, providers]));
  const prices = { input: 3, output: 15, cached_read: 0.3, cache_write: 3, source: "configured" };
  deepEqual([...providersOf.keys()], ["quick", "sent", "one", "both"]);
  deepEqual(providersOf.get("quick"), [{ provider: "b", model: "both", prices }]);
  deepEqual(providersOf.get("sent"), [{ provider: "b", model: "sent", prices: null }]);
  deepEqual(providersOf.get("both"), [{ provider: "a", model: "both", prices: null }]);
  const one = models.find(({ id }) => id === "one");
  equal(one?.context_window, 131_072);
  ok(one?.capabilities?.includes("vision"));
  deepEqual(models.find(({ id }) => id === "quick")?.capabilities, null);
});
