import { deepEqual, equal, match } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { ASK } from "../../../test/support/clients/ask.ts";
import { CLIENT_FORMATS } from "../../../test/support/clients/heard.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { type Cleanup, inProcess } from "../../../test/support/in-process.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import { KINDS } from "../../cli/kinds.ts";
import { parseConfig } from "../../config/load.ts";
import { ConfigError } from "../../config/problem.ts";
import { isObject, type JsonObject } from "../../core/json.ts";

async function upstream(t: Cleanup, format: "openai" | "anthropic" | "ollama", text: string): Promise<Upstream> {
  const started = await startUpstream(format);
  t.after(() => started.close());
  started.answer({ text });
  return started;
}

const provider = (name: string, url: string, more = "") =>
  `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${url}"\n${more}`;

/** Nobody listens there. */
const DEAD = "http://127.0.0.1:9/v1";

async function asked(url: string, body: JsonObject) {
  const got = await exchange(`${url}/v1/chat/completions`, { body: JSON.stringify(body) });
  const answer: unknown = JSON.parse(got.body.toString());
  return { status: got.status, by: got.headers["x-router-provider"], answer: isObject(answer) ? answer : {} };
}

const tier = (name: unknown): JsonObject => ({
  model: "m",
  messages: [{ role: "user", content: "hi" }],
  plugins: [{ id: "pareto-router", ...(typeof name === "string" && { tier: name }) }],
});

test("the example of its page", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/pareto-router.md"), "utf8");
  const toml = /^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const request: unknown = JSON.parse(/^```json\n(.*?)^```/ms.exec(page)?.[1] ?? "");
  const claude = await upstream(t, "anthropic", "by claude");
  const gpt = await upstream(t, "openai", "by gpt");
  const local = await upstream(t, "ollama", "by llama");
  const here = toml
    .replace("https://api.anthropic.com/v1", claude.url)
    .replace("https://api.openai.com/v1", gpt.url)
    .replace("http://localhost:11434", local.url);
  const env = { ANTHROPIC_API_KEY: "k1", OPENAI_API_KEY: "k2" };
  const router = await inProcess(t, `[failover]\nmax_attempts = 3\n\n${here}`, { env });
  if (!isObject(request)) throw new TypeError("the example is no object");

  equal((await asked(router.url, request)).by, "claude");
  equal(claude.last().body["model"], "claude-opus-4-5");
  equal(JSON.stringify(claude.last().body).includes("plugins"), false);
  claude.answer({ error: { status: 500, message: "broken" } });
  equal((await asked(router.url, request)).by, "gpt");
  equal(gpt.last().body["model"], "gpt-5");
  const { plugins: _, ...plain } = request;
  equal((await asked(router.url, plain)).by, "local");
  equal(local.last().body["model"], "llama3.2");
  deepEqual((await router.completed(3)).at(-1)?.plugins, ["pareto-router"]);
});

describe("a tier of several providers", () => {
  test("is tried in order, and left for nobody outside it", async (t) => {
    const [failing, good, outside] = await Promise.all([
      upstream(t, "openai", ""),
      upstream(t, "openai", "good"),
      upstream(t, "openai", "outside"),
    ]);
    failing.answer({ error: { status: 500, message: "broken" } });
    const toml = [
      "[failover]\nmax_attempts = 4\nscope = 'chain'\nretry_share = 1.0",
      provider("dead", DEAD),
      provider("failing", failing.url),
      provider("keyless", "http://127.0.0.1:9/v1", 'api_key_env = "NOT_SET"'),
      provider("good", good.url),
      provider("outside", outside.url),
      "[plugins.pareto-router]\nenabled = false",
      '[plugins.pareto-router.tiers]\nhigh = ["dead", "failing", "keyless", "good"]',
      'broken = ["keyless", "failing"]\nkeyless = ["keyless"]',
      `[[routers]]\ntype = "fallback"\nproviders = ["outside"]`,
    ].join("\n\n");
    const router = await inProcess(t, toml);

    deepEqual([(await asked(router.url, tier("high"))).by, outside.requests.length], ["good", 0]);
    const [first] = await router.completed();
    deepEqual(
      first?.attempts.map((attempt) => attempt.provider),
      ["dead", "failing", "good"],
    );
    deepEqual([first?.sent_model, first?.passthrough, first?.plugins], ["m", true, ["pareto-router"]]);

    const broken = await asked(router.url, tier("broken"));
    deepEqual([broken.status, outside.requests.length], [502, 0]);
    const keyless = await asked(router.url, tier("keyless"));
    equal(keyless.status, 400);
    match(JSON.stringify(keyless.answer), /'keyless', which has no key/);

    // No tier is named `medium`: who picks none goes by the rules.
    equal((await asked(router.url, tier(undefined))).by, "outside");
    equal((await asked(router.url, { ...tier("x"), plugins: [] })).by, "outside");
  });

  test("passes by one whose breaker is open, as long as another is well", async (t) => {
    const [failing, good] = await Promise.all([upstream(t, "openai", ""), upstream(t, "openai", "good")]);
    failing.answer({ error: { status: 500, message: "broken" } });
    const toml = [
      "[failover]\nmax_attempts = 2\nretry_share = 1.0",
      provider("failing", failing.url),
      provider("good", good.url),
      '[plugins.pareto-router]\nenabled = true\n[plugins.pareto-router.tiers]\nmedium = ["failing", "good"]',
      `[[routers]]\ntype = "fallback"`,
    ].join("\n\n");
    const router = await inProcess(t, toml);
    for (let count = 0; count < 12; count++) equal((await asked(router.url, tier(undefined))).by, "good");
    const before = failing.requests.length;
    equal(before < 12, true, `asked ${before} times`);
    equal((await asked(router.url, tier(undefined))).by, "good");
    equal(failing.requests.length, before);
  });
});

test("a tier nobody has is a 400 that names those there are, in every client's API", async (t) => {
  const good = await upstream(t, "openai", "good");
  const toml = [
    provider("good", good.url),
    '[plugins.pareto-router]\nenabled = false\n[plugins.pareto-router.tiers]\nlow = ["good"]\nhigh = ["good"]',
    `[[routers]]\ntype = "fallback"`,
  ].join("\n\n");
  const router = await inProcess(t, toml);
  for (const client of CLIENT_FORMATS) {
    for (const name of ["hihg", "__proto__", "constructor"]) {
      const plugins = [{ id: "other" }, { id: "pareto-router", tier: name }];
      const heard = await ASK[client](router.url, { model: "m", ...PLAIN[client], plugins }, false);
      equal(heard.status, 400, client);
      match(heard.error?.message ?? "", /no tier is named .*there are: \\*"low\\*", \\*"high\\*"/, client);
    }
  }
  equal(good.requests.length, 0);
  const { answer } = await asked(router.url, tier("hihg"));
  deepEqual(answer["error"], {
    message: 'no tier is named "hihg"; there are: "low", "high", did you mean "high"?',
    type: "router_error",
    param: "plugins[0].tier",
    code: "plugin_refused",
  });
  const tiers = await asked(router.url, { ...tier("low"), plugins: [{ id: "pareto-router", tiers: { low: ["x"] } }] });
  equal(tiers.status, 400);
  match(JSON.stringify(tiers.answer), /only the router's config may set this/);
});

test("the config's checker finds empty tiers, providers nobody defined, and defaults that are no tier", () => {
  const problems = (plugin: string) => {
    const toml = `${provider("a", DEAD)}\n[[routers]]\ntype = "fallback"\n\n[plugins.pareto-router]\n${plugin}`;
    try {
      const { warnings } = parseConfig(toml, "config.toml", KINDS, {});
      return warnings.map(({ severity, path, message }) => `${severity} ${path.join(".")}: ${message}`);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map(({ severity, path, message }) => `${severity} ${path.join(".")}: ${message}`);
    }
  };
  const at = "plugins.pareto-router";
  deepEqual(problems(`tiers = { medium = ["a"], high = [{ provider = "a", model = "m" }] }`), []);
  deepEqual(problems(`tiers = { medium = [] }`), [`error ${at}.tiers.medium: must not be empty`]);
  deepEqual(problems(""), [`warning ${at}: has no tiers: it sends nothing anywhere`]);
  deepEqual(problems(`tiers = { high = ["a"] }`), [
    `warning ${at}.default_tier: there is no tier "medium": requests that pick none go by the rules`,
  ]);
  deepEqual(problems(`default_tier = "hihg"\ntiers = { high = ["a"] }`), [
    `error ${at}.default_tier: no tier is named "hihg"; there are: "high", did you mean "high"?`,
  ]);
  match(problems(`tiers = { medium = ["b", { provider = "c" }] }`).join("\n"), /"b".*\n.*"c"/);
});
