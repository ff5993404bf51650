import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isObject, tryParseJson } from "../../../core/json.ts";
import { Refusal } from "../../io.ts";
import type { Given, Plan } from "../agent.ts";
import { AGENT_NAMES, type AgentName } from "../agent-names.ts";
import { AGENTS } from "./index.ts";

const KEY = "s3cret-key";
const BASE = "http://localhost:8090";

function plan(name: AgentName, more: Partial<Given> = {}): Plan {
  return AGENTS[name].plan({
    base: BASE,
    key: KEY,
    model: undefined,
    models: [],
    env: {},
    home: "/home/me",
    folder: "/state/agents/x",
    read: () => undefined,
    ...more,
  });
}

describe("every agent", () => {
  for (const name of AGENT_NAMES) {
    test(`${name}: the key is in variables, never in the command line or a file`, () => {
      const { set, args, files = {} } = plan(name, { model: { name: "m" } });
      assert.ok(Object.values(set).includes(KEY), "it has the key");
      assert.ok(!args.join(" ").includes(KEY));
      assert.ok(!Object.values(files).join("\n").includes(KEY));
    });
    test(`${name}: the router's address and the model reach it, also with a path before it`, () => {
      const { set, args } = plan(name, { base: "https://box.example/llm", model: { name: 'odd "name"' } });
      const told = [...Object.values(set), ...args].join("\n").replaceAll("\\", "");
      assert.ok(told.includes("https://box.example/llm"), told);
      assert.ok(told.includes('odd "name"'), told);
    });
  }
});

test("Claude Code: no key but the router's is sent, and no other cloud asked", () => {
  const { set, unset } = plan("claude", { key: undefined, model: { name: "qwen3", contextWindow: 40_960 } });
  assert.equal(set["ANTHROPIC_AUTH_TOKEN"], "unused");
  assert.equal(set["ANTHROPIC_DEFAULT_HAIKU_MODEL"], "qwen3", "small jobs too");
  assert.equal(set["CLAUDE_CODE_MAX_CONTEXT_TOKENS"], "40960");
  for (const name of ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK"]) assert.ok(unset.includes(name), name);
  assert.equal(plan("claude").set["ANTHROPIC_MODEL"], undefined, "its own default stays");
});

test("Codex: a provider of ours in options, the key by the name of its variable only", () => {
  const { set, args } = plan("codex", { model: { name: "m" } });
  assert.ok(args.some((arg) => arg.includes('env_key="OPENSOURCELLMROUTER_API_KEY"')));
  assert.equal(set["OPENSOURCELLMROUTER_API_KEY"], KEY);
  assert.ok(
    !plan("codex", { key: undefined }).args.join().includes("env_key"),
    "it insists on a variable it is told of",
  );
});

test("Copilot: the API the user chose stays", () => {
  assert.equal(plan("copilot").set["COPILOT_PROVIDER_BASE_URL"], `${BASE}/v1`);
  const anthropic = plan("copilot", { env: { COPILOT_PROVIDER_TYPE: "anthropic" } });
  assert.equal(anthropic.set["COPILOT_PROVIDER_BASE_URL"], BASE);
});

test("OpenCode: laid over what the user has in the variable himself", () => {
  const env = { OPENCODE_CONFIG_CONTENT: '{ "theme": "dark", /* mine */ "provider": { "own": {} } }' };
  const model = { name: "m", contextWindow: 32_000, capabilities: ["completion", "tools"] };
  const config = tryParseJson(plan("opencode", { env, model }).set["OPENCODE_CONFIG_CONTENT"] ?? "");
  assert.ok(isObject(config) && isObject(config["provider"]));
  assert.equal(config["theme"], "dark");
  assert.deepEqual(Object.keys(config["provider"]), ["own", "opensourcellmrouter"]);
  assert.equal(config["small_model"], "opensourcellmrouter/m", "titles are not asked of anybody else");
  assert.ok(!JSON.stringify(config).includes('"image"'), "a model that does not see is sent no pictures");
  assert.throws(() => plan("opencode", { env: { OPENCODE_CONFIG_CONTENT: "{" } }), Refusal);
});

describe("Gemini CLI", () => {
  const settings = (text: string) => ({ read: (path: string) => (path.endsWith("settings.json") ? text : undefined) });

  test("a user who signs in by key already needs no files", () => {
    const own = plan("gemini", settings('{ "security": { "auth": { "selectedType": "gemini-api-key" } } }'));
    assert.equal(own.files, undefined);
    assert.equal(own.set["GEMINI_CLI_HOME"], undefined);
  });

  test("else a folder of ours mirrors his, and differs in that one point", () => {
    const { set, files, mirror } = plan("gemini", settings('{ "ui": { "theme": "x" } /* mine */ }'));
    assert.equal(set["GEMINI_CLI_HOME"], "/state/agents/x");
    assert.deepEqual(mirror, { from: "/home/me/.gemini", to: "/state/agents/x/.gemini", except: ["settings.json"] });
    assert.deepEqual(tryParseJson(files?.["/state/agents/x/.gemini/settings.json"] ?? ""), {
      ui: { theme: "x" },
      security: { auth: { selectedType: "gemini-api-key" } },
    });
  });

  test("settings that it could not read either are not written over", () => {
    assert.throws(() => plan("gemini", settings("{ nonsense")), /is no JSON object/);
  });
});
