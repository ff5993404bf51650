import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { asObject, asString, objectsOf, tryParseJson } from "../src/core/json.ts";
import { EXCHANGE, LIVE } from "../src/record/metrics/definitions.ts";
import { type Cleanup, inProcess, oneProvider, scratch } from "./support/in-process.ts";
import { startRouter } from "./support/router.ts";
import { until } from "./support/until.ts";
import { startUpstream } from "./support/upstream/upstream.ts";

const DOCS = join(import.meta.dirname, "..", "docs");
const KEY = "canary-key-0123456789";
const HEADERS = { authorization: `Bearer ${KEY}` };

function simulated(name: string, more = ""): string {
  return `[[providers]]\nname = "${name}"\nformat = "simulated"\ntokens_per_s = 10000\n${more}`;
}

function rule(provider: string, more = ""): string {
  return `[[routers]]\ntype = "prefix"\nmodel_prefix = "${provider}"\nprovider = "${provider}"\n${more}`;
}

/** A router that has seen all there is to measure, and what it says of it. */
async function scraped(t: Cleanup): Promise<string> {
  const upstream = await startUpstream("anthropic");
  t.after(() => upstream.close());
  upstream.answer({ text: "hello", usage: { input: 100, output: 20, cachedRead: 40, cacheWrite: 30 } });
  const log = join(await scratch(t), "log.jsonl");
  const toml = [
    `[server]\ndashboard = true\napi_key_env = "KEY"\n[metrics]\nenabled = true\n[logging]\nenabled = true\npath = "${log}"`,
    "[failover]\nmax_attempts = 2",
    simulated("down", "error_rate = 1\nerrors = [500]"),
    simulated("hasty", "error_rate = 1\nerrors = [429]"),
    simulated("locked", "error_rate = 1\nerrors = [401]"),
    simulated("small", "max_concurrency = 1\nttft_ms = 50"),
    `[[providers]]\nname = "claude"\nformat = "anthropic"\nbase_url = "${upstream.url}"\nprices = { input = 3, output = 15, cached_read = 0.3 }`,
    rule("down", 'fallbacks = [{ provider = "small" }]'),
    rule("hasty", 'failover = "none"'),
    rule("locked"),
    rule("small"),
    rule("claude"),
  ].join("\n\n");
  const router = await inProcess(t, toml, { env: { KEY }, recording: true });
  const ask = async (model: string, more: object = {}) => {
    const body = JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], ...more });
    const response = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", headers: HEADERS, body });
    await response.text();
  };
  for (let turn = 0; turn < 6; turn++) await ask("down");
  await Promise.all([ask("small", { stream: true, reasoning_effort: "high" }), ask("small")]);
  await ask("locked");
  await ask("hasty");
  const moved = ["hi", "hello", "more"].map((content, at) => ({ role: at === 1 ? "assistant" : "user", content }));
  await ask("claude", { seed: 7, messages: moved });
  await router.settled();
  return (await fetch(`${router.url}/metrics`, { headers: HEADERS })).text();
}

describe("a router that has seen all there is to measure", () => {
  let text = "";
  const names = () => [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", type = ""]) => ({ name, type }));
  const ends: (() => Promise<void>)[] = [];
  before(async () => {
    text = await scraped({ after: (run) => void ends.unshift(run) });
  });
  after(async () => {
    for (const end of ends) await end();
  });

  test("tells of everything that is defined", () => {
    const defined = [...Object.values(EXCHANGE), ...Object.values(LIVE)].flatMap(({ prometheus }) => prometheus ?? []);
    deepEqual(
      names()
        .map(({ name }) => name)
        .toSorted(),
      defined.toSorted(),
    );
  });

  test("tells how things stand", () => {
    match(text, /^router_breaker_state\{provider="down",model="down"\} [12]$/m);
    match(text, /^router_breaker_state\{provider="small"\} 0$/m);
    match(text, /^router_breaker_state\{provider="hasty",model="hasty"\} 3$/m);
    match(text, /^router_provider_alarm\{provider="locked",alarm="credential"\} 1$/m);
    match(text, /^router_retries_total\{provider="down",kind="failover"\} 5$/m);
    match(text, /^router_cost_usd_total\{provider="claude",model="claude"\} 0\.0\d+$/m);
    match(text, /^router_requests_in_flight 0$/m);
    match(text, /^router_switches_total\{provider="claude",model="claude"\} 1$/m);
    match(text, /^router_tokens_uncached_total\{provider="claude",model="claude"\} [1-9]/m);
    match(text, /^router_build_info\{version="[\d.]+",node="v\d+[\d.]+"\} 1$/m);
    match(text, /^router_losses_total\{provider="claude",field="seed",class="report"\} 1$/m);
    match(text, /^router_queue_wait_seconds_count\{provider="small"\} [1-9]/m);
    ok(!text.includes(KEY));
  });

  /** What is used and not there, with what is there and not used. */
  function compared(expressions: readonly string[]) {
    const used = new Set(expressions.flatMap((one) => one.match(/\b(?:router|process|nodejs)_[a-z0-9_]+/g) ?? []));
    const histograms = names().flatMap(({ name, type }) => (type === "histogram" ? [name] : []));
    const parts = histograms.flatMap((name) => ["_bucket", "_sum", "_count"].map((end) => [name + end, name] as const));
    const whole = new Map([
      ...names().map(({ name, type }) => [name, type === "histogram" ? "" : name] as const),
      ...parts,
    ]);
    const known = new Set([...used].map((name) => whole.get(name) ?? ""));
    return {
      unknown: [...used].filter((name) => !whole.get(name)),
      unused: names().flatMap(({ name }) => (known.has(name) ? [] : [name])),
    };
  }

  test("the Grafana dashboard can be imported, and shows all of it", () => {
    const dashboard =
      asObject(tryParseJson(readFileSync(join(DOCS, "grafana", "opensourcellmrouter.json"), "utf8"))) ?? {};
    const panels = objectsOf(dashboard["panels"]);
    const targets = panels.flatMap((panel) => objectsOf(panel["targets"]));
    const variables = objectsOf(asObject(dashboard["templating"])?.["list"]);
    const queries = variables.flatMap((variable) => asString(variable["definition"]) ?? []);
    const expressions = [...targets.map(({ expr }) => String(expr)), ...queries];
    deepEqual(compared(expressions), { unknown: [], unused: [] });
    deepEqual(
      variables.map(({ name }) => name),
      ["datasource", "job", "provider", "model"],
    );
    const labels = new Set([
      "job",
      "instance",
      "le",
      ...[...Object.values(EXCHANGE), ...Object.values(LIVE)].flatMap((one) => one.labels),
    ]);
    for (const expression of expressions) {
      equal(expression.split("(").length, expression.split(")").length, expression);
      const selected = [...expression.matchAll(/[{,](\w+)=/g), ...expression.matchAll(/by \(([^)]*)\)/g)];
      for (const [, list = ""] of selected)
        for (const label of list.split(", ")) ok(labels.has(label), `${label}: ${expression}`);
    }
    equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const taken = new Set<string>();
    for (const { title, type, datasource, fieldConfig, gridPos } of panels) {
      const { x = 0, y = 0, w = 0, h = 0 } = z.record(z.string(), z.number()).parse(gridPos);
      ok(x + w <= 24, String(title));
      for (let at = 0; at < w * h; at++) {
        const cell = `${x + (at % w)} ${y + Math.floor(at / w)}`;
        ok(!taken.has(cell), `${title} lies on another`);
        taken.add(cell);
      }
      if (type === "row") continue;
      match(String(asObject(datasource)?.["uid"]), /^\$\{datasource\}$/);
      match(String(asObject(asObject(fieldConfig)?.["defaults"])?.["unit"]), /^\w+$/, String(title));
    }
  });

  test("the example alerts ask for what there is", () => {
    const rules = readFileSync(join(DOCS, "grafana", "alerts.yml"), "utf8");
    const expressions = [...rules.matchAll(/^ +expr: (.*(?:\n {10}.*)*)/gm)].map(([, text = ""]) => text);
    equal(expressions.length, rules.split("- alert:").length - 1);
    deepEqual(compared(expressions).unknown, []);
  });

  test("docs/metrics.md lists each metric with its labels", () => {
    const page = readFileSync(join(DOCS, "metrics.md"), "utf8");
    const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (\w+) \| ([^|]*) \| ([^|]+) \|$/gm)];
    const told = rows.map(([, name = "", type = "", labels = "", help = ""]) => ({
      name,
      type,
      labels: [...labels.matchAll(/`([^`]+)`/g)].map(([, label = ""]) => label),
      help: help.trim(),
    }));
    const defined = [...Object.values(EXCHANGE), ...Object.values(LIVE)].flatMap(
      ({ prometheus, type, labels, help }) =>
        prometheus === null ? [] : [{ name: prometheus, type, labels: [...labels], help }],
    );
    deepEqual(told, defined);
  });
});

describe("GET /metrics", () => {
  const plain = `[metrics]\nenabled = true\n${oneProvider("simulated", "")}`.replace('base_url = ""\n', "");

  test("is not there unless the config says so", async (t) => {
    const router = await inProcess(t, plain.replace("true", "false"));
    equal((await fetch(`${router.url}/metrics`)).status, 404);
  });

  test("needs the router's key, and counts who came without", async (t) => {
    const router = await inProcess(t, `[server]\napi_key_env = "KEY"\n${plain}`, { env: { KEY } });
    equal((await fetch(`${router.url}/metrics`)).status, 401);
    const got = await fetch(`${router.url}/metrics`, { headers: HEADERS });
    equal(got.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    match(await got.text(), /^router_rejected_total\{reason="bad_key"\} 1$/m);
  });

  test("is compressed for who takes that, and plain for who does not", async (t) => {
    const router = await inProcess(t, plain);
    const zipped = await fetch(`${router.url}/metrics`);
    equal(zipped.headers.get("content-encoding"), "gzip");
    match(await zipped.text(), /^router_config_version 1$/m);
    const whole = await fetch(`${router.url}/metrics`, { headers: { "accept-encoding": "identity" } });
    equal(whole.headers.get("content-encoding"), null);
    match(await whole.text(), /^router_config_version 1$/m);
  });
});

test("over a reload counters go on, and a provider that is gone is in no gauge", async (t) => {
  const toml = (name: string) =>
    `[server]\nport = 0\n[metrics]\nenabled = true\n${simulated(name)}\n[[routers]]\ntype = "fallback"\n`;
  const router = await startRouter(toml("one"));
  t.after(() => router.close());
  const ask = async () => {
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
    equal((await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body })).status, 200);
  };
  const metrics = async () => (await fetch(`${router.url}/metrics`)).text();
  await ask();
  match(await metrics(), /^router_provider_models\{provider="one"\} 1$/m);
  const config = join(router.folder, "config.toml");
  writeFileSync(config, "wrong = ");
  router.signal("SIGHUP");
  await until(async () => /^router_config_last_reload_successful 0$/m.test(await metrics()), "the config refused");
  writeFileSync(config, toml("two"));
  router.signal("SIGHUP");
  // The watch on the file may have read it once more.
  await until(async () => /^router_config_version [2-9]$/m.test(await metrics()), "the reload");
  await ask();
  const text = await metrics();
  match(text, /^router_requests_total\{provider="one",[^}]*\} 1$/m);
  match(text, /^router_requests_total\{provider="two",[^}]*\} 1$/m);
  match(text, /^router_provider_models\{provider="two"\} 1$/m);
  ok(!/^router_(?:provider|breaker)_\w+\{provider="one"/m.test(text), text);
  match(text, /^router_config_reloads_total\{result="failed"\} [1-9]/m);
});
