import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Env } from "./check/providers.ts";
import { configSchema } from "./config.ts";
import type { Kinds } from "./kinds.ts";
import { parseConfig } from "./load.ts";
import { ConfigError, formatProblem } from "./problem.ts";

const name = z.string().min(1);
const kinds: Kinds = {
  rules: [
    { name: "prefix", schema: z.strictObject({ model_prefix: name, provider: name }), providerPaths: [["provider"]] },
    {
      name: "random",
      schema: z.strictObject({ candidates: z.array(z.strictObject({ provider: name, model: name })) }),
      providerPaths: [["candidates", "*", "provider"]],
    },
    {
      name: "fallback",
      schema: z.strictObject({ providers: z.array(name).optional() }),
      providerPaths: [["providers", "*"]],
      resolvesAlways: (settings) => settings["providers"] === undefined,
    },
    {
      name: "tag",
      schema: z.strictObject({ tag: name, failover: name.optional() }),
      keepsPrompts: true,
    },
  ],
  classifiers: [{ name: "keyword", schema: z.strictObject({ tags: z.record(name, z.array(name)).default({}) }) }],
  responseClassifiers: [{ name: "refusal", schema: z.strictObject({ phrases: z.array(name).optional() }) }],
  plugins: [
    {
      name: "pareto-router",
      schema: z.strictObject({ tiers: z.record(name, z.array(name)).default({}) }),
      providerPaths: [["tiers", "*", "*"]],
    },
    { name: "web", schema: z.strictObject({}) },
  ],
  presets: new Map([
    ["groq", { format: "openai", base_url: "https://api.groq.test/v1", api_key_env: "GROQ_API_KEY" }],
    ["anthropic", { format: "anthropic", base_url: "https://api.anthropic.test", api_key_env: "ANTHROPIC_API_KEY" }],
  ]),
};

/** Every problem, as the user sees it. */
function problemLines(toml: string, env: Env = {}): string[] {
  try {
    return parseConfig(toml, "c.toml", kinds, env).warnings.map((problem) => formatProblem("c.toml", problem));
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
}

/** The problems of one provider with these further lines, without their places. */
function ofProvider(lines: string, env: Env = {}): string[] {
  return problemLines(`[[providers]]\nname = "p"\n${lines}\n[[routers]]\ntype = "fallback"\n`, env).map((line) =>
    line.replace(/^\S+ {2}/, ""),
  );
}

test("everything wrong is listed at once, in the order of the file, with what would be right", () => {
  const toml = `sever = 1
[server]
prot = 3
port = "8090"
dashboard = "yes"
[logging]
enabled = 1
[[providers]]
name = "local"
format = "opena"
base_url = "localhost:8080"
cost_per_1m_tokens = -1
timeout = { idle = 3 }
[[providers]]
name = "local"
preset = "grok"
[[routers]]
type = "prefx"
[[routers]]
type = "prefix"
  model_prefx = "a"
  provider = "locl"
[[routers]]
type = "random"
candidates = [
  { provider = "local", model = "a" },
  { provider = "loca", model = 3 },
]
[[routers]]
model_prefix = "a"
[classifiers.keywrd]
enabled = true
[classifiers.keyword]
tags = { code = "fn" }
[response_classifiers.refusals]
[plugins.pareto-routr]
[plugins.pareto-router]
tiers.low = ["local", "loocal"]
`;
  const formats = '"openai", "openai-responses", "anthropic", "gemini", "ollama", "simulated"';
  assert.deepEqual(problemLines(toml), [
    `c.toml:1:1  sever: unknown section, allowed: ${Object.keys(configSchema.shape).join(", ")}, did you mean "server"?`,
    'c.toml:3:1  server.prot: unknown key, allowed: host, port, dashboard, api_key_env, api_keys_env, keys, admin_key_env, admin_key_from, allowed_hosts, cors_origins, max_connections, max_header_kb, header_s, body_s, max_body_mb, max_body_items, keep_alive_s, workers, drain_s, did you mean "port"?',
    "c.toml:4:1  server.port: must be a number, not a string",
    "c.toml:5:1  server.dashboard: must be true or false, not a string",
    "c.toml:7:1  logging.enabled: must be true or false, not a number",
    `c.toml:10:1  providers[0].format: "opena" is not one of its values, allowed: ${formats}, did you mean "openai"?`,
    "c.toml:11:1  providers[0].base_url: must be a URL that begins with http:// or https://",
    "c.toml:12:1  providers[0].cost_per_1m_tokens: must be at least 0",
    "c.toml:13:13  providers[0].timeout.idle: unknown key, allowed: connect_ms, first_byte_ms, idle_ms, total_ms",
    "c.toml:15:1  providers[1].name: duplicate of providers[0].name",
    'c.toml:16:1  providers[1].preset: no preset is named "grok", allowed: "groq", "anthropic", did you mean "groq"?',
    'c.toml:18:1  routers[0].type: no rule has the type "prefx", allowed: "prefix", "random", "fallback", "tag", did you mean "prefix"?',
    "c.toml:19:1  routers[1].model_prefix: is missing; it must be a string",
    'c.toml:21:3  routers[1].model_prefx: unknown key, allowed: type, model_prefix, provider, did you mean "model_prefix"?',
    'c.toml:22:3  routers[1].provider: no provider is named "locl", allowed: "local", did you mean "local"?',
    'c.toml:27:5  routers[2].candidates[1].provider: no provider is named "loca", allowed: "local", did you mean "local"?',
    "c.toml:27:24  routers[2].candidates[1].model: must be a string, not a number",
    "c.toml:29:1  routers[3].type: is missing; it must be a string",
    'c.toml:31:1  classifiers.keywrd: no classifier is named "keywrd", allowed: "keyword", did you mean "keyword"?',
    "c.toml:34:10  classifiers.keyword.tags.code: must be an array, not a string",
    'c.toml:35:1  response_classifiers.refusals: no response classifier is named "refusals", allowed: "refusal", did you mean "refusal"?',
    'c.toml:36:1  plugins.pareto-routr: no plugin is named "pareto-routr", allowed: "pareto-router", "web", did you mean "pareto-router"?',
    'c.toml:38:23  plugins.pareto-router.tiers.low[1]: no provider is named "loocal", allowed: "local", did you mean "local"?',
  ]);
});

test("warnings: skipped providers and what names them, unreachable rules, a missing key", () => {
  const toml = `[server]
api_key_env = "ROUTER_API_KEY"
[[providers]]
name = "here"
format = "ollama"
base_url = "http://localhost:11434/"
[[providers]]
name = "away"
preset = "groq"
[[routers]]
type = "prefix"
model_prefix = "a"
provider = "away"
[[routers]]
type = "fallback"
[[routers]]
type = "fallback"
[plugins.pareto-router]
tiers = { low = ["away"] }
[plugins.web]
enabled = true
`;
  const expected = [
    "c.toml:2:1  warning: server.api_key_env: the environment variable ROUTER_API_KEY is not set: the router will refuse to start",
    'c.toml:7:1  warning: providers[1]: provider "away" is skipped: the environment variable GROQ_API_KEY is not set',
    'c.toml:13:1  warning: routers[0].provider: provider "away" is skipped for want of GROQ_API_KEY: requests pass it by',
    "c.toml:16:1  warning: routers[2]: is never reached: routers[1] resolves every request",
    'c.toml:19:18  warning: plugins.pareto-router.tiers.low[0]: provider "away" is skipped for want of GROQ_API_KEY: requests pass it by',
  ];
  assert.deepEqual(problemLines(toml), expected);
  assert.deepEqual(problemLines(toml, { GROQ_API_KEY: " ", ROUTER_API_KEY: "" }), expected, "blank is not set");
  assert.deepEqual(problemLines(toml, { GROQ_API_KEY: "k", ROUTER_API_KEY: "0123456789abcdef" }), [expected[3]]);
});

test("a scope for all rules that lets prompts out of a rule that may be there to keep them", () => {
  const config = (scope: string, own = "") => `[failover]
scope = "${scope}"
[[providers]]
name = "p"
format = "simulated"
[[routers]]
type = "tag"
tag = "private"
${own}
[[routers]]
type = "fallback"
`;
  assert.deepEqual(problemLines(config("chain")), [
    'c.toml:6:1  warning: routers[0]: its requests go on to the rules after it when its provider fails, by [failover] scope = "chain": add failover = "rule" to keep them here, or failover = "chain" if that is meant',
  ]);
  for (const own of ["rule", "chain", "none"])
    assert.deepEqual(problemLines(config("chain", `failover = "${own}"`)), []);
  for (const scope of ["rule", "none"]) assert.deepEqual(problemLines(config(scope)), []);
  const last = config("chain").replace(/\[\[routers\]\]\ntype = "fallback"\n/, "");
  assert.deepEqual(problemLines(last), []);
});

test("format, preset and base_url have to go together", () => {
  assert.match(ofProvider("")[0] ?? "", /^providers\[0\]: format is missing, allowed: "openai",.*; or a preset$/);
  assert.deepEqual(ofProvider('format = "openai"'), ["providers[0]: base_url is missing: the URL of the provider"]);
  assert.deepEqual(ofProvider('preset = "groq"\nformat = "ollama"', { GROQ_API_KEY: "k" }), [
    'providers[0].format: contradicts preset = "groq", which is "openai": leave one of them out',
  ]);
  assert.deepEqual(ofProvider('preset = "groq"\nformat = "openai-responses"', { GROQ_API_KEY: "k" }), []);
  assert.deepEqual(ofProvider('preset = "groq"\nbase_url = "https://proxy.test/v1"', { GROQ_API_KEY: "k" }), []);
  assert.deepEqual(ofProvider('format = "simulated"'), []);
  assert.deepEqual(ofProvider('format = "simulated"\nbase_url = "http://x"'), [
    "providers[0].base_url: a simulated provider has none",
  ]);
});

test("what only simulated providers have", () => {
  const base = 'format = "openai"\nbase_url = "http://x/v1"\n';
  assert.deepEqual(ofProvider(`${base}seed = 1\nmodels = ["a"]`), [
    'providers[0].seed: only a provider with format = "simulated" has this, not "openai"',
    'providers[0].models: must be a table of alias = "name"; a list is for format = "simulated" only',
  ]);
  assert.deepEqual(ofProvider(`${base}models = 3`), ["providers[0].models: must be a table or an array"]);
  assert.deepEqual(ofProvider(`${base}models = { a = 3 }`), ["providers[0].models.a: must be a string, not a number"]);
  assert.deepEqual(ofProvider('format = "simulated"\nmodels = ["a"]\nseed = 1\nttft_ms = 5\nerrors = [429]'), []);
});

test("URLs", () => {
  const problem = (url: string) => ofProvider(`format = "openai"\nbase_url = "${url}"`).join();
  assert.equal(problem("https://a.test/v1/"), "");
  for (const url of ["a.test", "ftp://a.test", "file:///etc/passwd", "http://"])
    assert.match(problem(url), /must be a URL that begins with http/);
  assert.match(problem("https://a.test/v1?key=secret"), /must not have a \? or # part/);
  assert.match(problem("https://user:secret@a.test"), /must not hold a user or password/);
});

test("keys and header values written in the wrong place are not repeated", () => {
  const secret = "sk-proj-abcdefghijklmnopqrstuvwx";
  const lines = [
    ...ofProvider(`preset = "groq"\napi_key_env = "${secret}"`),
    ...ofProvider(`preset = "groq"\napi_key_env = "${secret.replaceAll("-", "_")}"`),
    ...ofProvider(`preset = "groq"\nbase_url = "https://${secret}@a.test"`),
    ...ofProvider(`preset = "groq"\nheaders = { "X-A" = "${secret}\\n", "X B" = "${secret}" }`),
    ...ofProvider(`preset = "groq"\nproxy = "socks5://me:${secret}@proxy:1080"`),
    ...problemLines(`[server]\napi_key_env = "${secret}"`),
    ...problemLines(`[[providers]]\napi_key = "${secret}"`),
    ...problemLines(`[[providers]]\napi_key = "${secret}" "`),
  ];
  assert.ok(lines.length >= 7);
  assert.doesNotMatch(lines.join("\n"), /abcdef/);
  assert.match(lines[0] ?? "", /api_key_env: must be the NAME of an environment variable/);
});

test("text that is not TOML is told with its place", () => {
  assert.deepEqual(problemLines("[server]\nport = = 1"), ["c.toml:2:8  not TOML: invalid value"]);
  assert.match(problemLines("a = 1\na = 2").join(), /^c\.toml:2:1 {2}not TOML: /);
  assert.match(problemLines("__proto__ = 1").join(), /^c\.toml:1:\d+ {2}not TOML: /);
});

test("an empty config says what it lacks", () => {
  assert.deepEqual(problemLines(""), [
    "c.toml:1:1  there is no provider: add a [[providers]] table with name, format and base_url",
    "c.toml:1:1  warning: there is no [[routers]] rule: every request will be refused",
  ]);
});

test("defaults are filled in", () => {
  const { config } = parseConfig('[[providers]]\nname = "a"\nformat = "simulated"\n', "c.toml", kinds, {});
  assert.equal(config.server.port, 8090);
  assert.equal(config.server.host, "127.0.0.1");
  assert.equal(config.logging.path, "logs/requests.jsonl");
  assert.deepEqual(config.providers[0]?.timeout, {});
  assert.equal(config.providers[0]?.max_queue, 100);
});
