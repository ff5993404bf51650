import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../../../test/support/exchange.ts";
import { FakeClock } from "../../../../test/support/fake-clock.ts";
import { type InProcessRouter, inProcess, oneProvider } from "../../../../test/support/in-process.ts";
import { startUpstream, type Upstream } from "../../../../test/support/upstream/upstream.ts";
import { type DryRun, dryRunSchema } from "../../../api/routing.ts";
import type { JsonObject } from "../../../core/json.ts";

const CHAT = { model: "gpt-5", messages: [{ role: "user", content: "fix my code" }] };

async function dryRun(router: InProcessRouter, body: unknown, query = ""): Promise<DryRun> {
  const got = await exchange(`${router.url}/router/route${query}`, { body: JSON.stringify(body) });
  equal(got.status, 200, got.body.toString());
  equal(got.headers["cache-control"], "no-store");
  return dryRunSchema.parse(JSON.parse(got.body.toString()));
}

function chainOf(first: Upstream, second: Upstream): string {
  return `[classifiers.keyword]
enabled = true
tags = { code = ["code"] }

[[providers]]
name = "claude"
format = "anthropic"
base_url = "${first.url}"
models = { fast = "claude-haiku-4-5" }
prices = { input = 1, output = 5 }

[[providers]]
name = "spare"
format = "openai"
base_url = "${second.url}"

[[routers]]
type = "prefix"
model_prefix = "o"
provider = "spare"

[[routers]]
type = "tag"
tag = "code"
provider = "claude"
rewrite_model = "fast"
fallbacks = [{ provider = "spare", model = "gpt-5-mini" }]

[[routers]]
type = "random"`;
}

describe("where a request would go", () => {
  test("tags, each rule's word, targets in order, losses and price; nothing is sent, told or remembered", async (t) => {
    const [first, second] = [await startUpstream("anthropic"), await startUpstream("openai")];
    t.after(async () => void (await Promise.all([first.close(), second.close()])));
    const router = await inProcess(t, chainOf(first, second), { clock: new FakeClock() });
    const told = await dryRun(router, { ...CHAT, seed: 7, plugins: [{ id: "nobody" }] });
    deepEqual(told, {
      client: "openai",
      requested_model: "gpt-5",
      tags: ["code"],
      plugins: [],
      unasked: [],
      needs: [],
      verdicts: [
        { rule: 0, label: 'prefix "o" → spare', outcome: "passed", reason: 'the model does not begin with "o"' },
        { rule: 1, label: 'tag "code" → claude as fast', outcome: "chosen", provider: "claude", model: "fast" },
        { rule: 2, label: "random → one of all", outcome: "not-asked" },
      ],
      targets: [
        { provider: "claude", model: "claude-haiku-4-5", state: "closed", hold_ms: 0, why: "the decision" },
        { provider: "spare", model: "gpt-5-mini", state: "closed", hold_ms: 0, why: "a fallback of that rule" },
      ],
      error: null,
      losses: [{ field: "seed", treatment: "dropped", class: "report" }],
      input_tokens: told.input_tokens,
      input_cost: { usd: told.input_tokens / 1e6, source: "configured" },
      expected: told.expected,
      affinity: null,
      prefer: null,
    });
    const { input_tokens: input, ...expected } = told.expected ?? { input_tokens: 0 };
    deepEqual(expected, {
      cached_tokens: 0,
      output_tokens: 400,
      cost: { usd: Number(((input + 400 * 5) / 1e6).toFixed(12)), source: "configured" },
    });
    ok(told.input_tokens > 3 && told.input_tokens < 30);
    deepEqual([first.requests.length, second.requests.length, router.events, router.log], [0, 0, [], []]);
  });

  test("as the request itself goes, whose decision is the same", async (t) => {
    const [first, second] = [await startUpstream("anthropic"), await startUpstream("openai")];
    t.after(async () => void (await Promise.all([first.close(), second.close()])));
    const router = await inProcess(t, chainOf(first, second), { clock: new FakeClock() });
    const image = { type: "image_url", image_url: { url: "https://a.test/b.png" } };
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const body = {
      ...CHAT,
      seed: 1,
      tools,
      messages: [{ role: "user", content: [{ type: "text", text: "code" }, image] }],
    };
    const told = await dryRun(router, body);
    deepEqual(told.needs, ["vision", "tools"]);
    await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(body) });
    const [complete] = await router.completed();
    deepEqual(JSON.parse(JSON.stringify(complete?.decision)), told.verdicts);
    deepEqual(
      [complete?.provider, complete?.sent_model, complete?.tags, complete?.losses],
      [told.targets[0]?.provider, told.targets[0]?.model, told.tags, told.losses],
    );
  });

  const bodies: [string, JsonObject, string][] = [
    ["openai", CHAT, "gpt-5"],
    ["openai-responses", { model: "gpt-5", input: "fix my code" }, "gpt-5"],
    ["openai-completions", { model: "gpt-5", prompt: "fix my code" }, "gpt-5"],
    ["anthropic", { ...CHAT, max_tokens: 5 }, "gpt-5"],
    ["gemini&model=models/gemini-3", { contents: [{ parts: [{ text: "fix my code" }] }] }, "gemini-3"],
    ["ollama", CHAT, "gpt-5"],
    ["ollama-generate", { model: "gpt-5", prompt: "fix my code" }, "gpt-5"],
  ];
  test("a body of every API", async (t) => {
    const keyword = `[classifiers.keyword]\nenabled = true\ntags = { code = ["code"] }`;
    const router = await inProcess(
      t,
      `${keyword}\n[[providers]]\nname = "p"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`,
    );
    for (const [client, body, model] of bodies) {
      const told = await dryRun(router, body, `?client=${client}`);
      deepEqual([told.client, told.requested_model, told.tags], [client.split("&")[0], model, ["code"]], client);
      deepEqual(told.targets, [{ provider: "p", model, state: "closed", hold_ms: 0, why: "the decision" }], client);
    }
    const loads = await dryRun(router, { model: "m", messages: [] }, "?client=ollama");
    deepEqual([loads.targets, loads.error], [[], "it asks nothing of a model: the router answers it itself"]);
  });
});

describe("where it would not go", () => {
  test("what is left alone comes last, and says so; asking leaves it as it was", async (t) => {
    const upstream = await startUpstream("openai");
    t.after(() => upstream.close());
    upstream.answer({ error: { status: 429, message: "slow down", headers: { "retry-after": "40" } } });
    const clock = new FakeClock();
    const toml = `[[providers]]\nname = "held"\nformat = "openai"\nbase_url = "${upstream.url}"\nquality = 9
[[providers]]\nname = "other"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`;
    const router = await inProcess(t, toml, { clock });
    await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(CHAT) });
    clock.advance(10_000);
    const live = async () => (await exchange(`${router.url}/router/providers`)).body.toString();
    const before = await live();
    for (let turn = 0; turn < 2; turn++) {
      const told = await dryRun(router, CHAT);
      deepEqual(told.targets, [
        { provider: "other", model: "gpt-5", state: "closed", hold_ms: 0, why: "the decision" },
        { provider: "held", model: "gpt-5", state: "closed", hold_ms: 30_000, why: "the same rule" },
      ]);
      match(told.verdicts[0]?.reason ?? "", /held left alone after failures/);
    }
    equal(upstream.requests.length, 1);
    equal(await live(), before);
  });

  test("a rule that compares tells all it compared, best first, and why some are out", async (t) => {
    const provider = (name: string, more: string) => `[[providers]]\nname = "${name}"\nformat = "simulated"\n${more}\n`;
    const toml = [
      provider("slow", "latency_ms = 900"),
      provider("quick", 'latency_ms = 300\nmodels = ["x"]'),
      provider("unknown", ""),
      '[[routers]]\ntype = "latency"\nmax_latency_ms = 100',
      '[[routers]]\ntype = "latency"\nmax_latency_ms = 500',
      '[[routers]]\ntype = "price"',
    ].join("\n");
    const router = await inProcess(t, toml);
    const [strict, chosen, later] = (await dryRun(router, CHAT)).verdicts;
    deepEqual(strict?.outcome, "passed");
    match(strict?.reason ?? "", /^slow: 900 ms \(configured\): more than 100; quick: 300 ms/);
    const typed = (value: number) => [{ name: "latency_ms", value, source: "configured" }];
    const [quick, slow] = ["300 ms (configured)", "900 ms (configured): more than 500"];
    deepEqual(chosen?.compared, [
      { provider: "quick", model: "gpt-5", out: false, note: quick, numbers: typed(300) },
      { provider: "slow", model: "gpt-5", out: true, note: slow, numbers: typed(900) },
      { provider: "unknown", model: "gpt-5", out: true, note: "no latency_ms, and not measured", numbers: [] },
    ]);
    equal(later?.compared, undefined);
  });

  test("no rule takes it, or its target cannot express it: the verdicts, and what to do", async (t) => {
    const toml = oneProvider("ollama", "http://127.0.0.1:9").replace(
      'type = "fallback"',
      'type = "prefix"\nmodel_prefix = "m"\nprovider = "p"',
    );
    const router = await inProcess(t, toml);
    const nobody = await dryRun(router, CHAT);
    deepEqual([nobody.targets, nobody.verdicts[0]?.outcome, nobody.input_cost.source], [[], "passed", "none"]);
    match(nobody.error ?? "", /^no provider configured for model 'gpt-5'\. Add a \[\[routers\]\] rule/);
    const audio = { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } };
    const refused = await dryRun(router, { model: "m", messages: [{ role: "user", content: [audio] }] });
    deepEqual([refused.targets, refused.verdicts[0]?.outcome], [[], "chosen"]);
    match(refused.error ?? "", /^provider 'p' \(ollama\) cannot express: messages\[0\]/);
  });

  test("a body that cannot be read: the API's own error; a query that is wrong: the parameter", async (t) => {
    const router = await inProcess(t, oneProvider("ollama", "http://127.0.0.1:9"));
    const ask = async (query: string, body: string) => {
      const got = await exchange(`${router.url}/router/route${query}`, { body });
      equal(got.status, 400, got.body.toString());
      return JSON.parse(got.body.toString());
    };
    equal((await ask("?client=anthropic", "{}")).type, "error");
    ok(typeof (await ask("?client=ollama", "[]")).error === "string");
    equal((await ask("?client=gemini&model=m", "{")).error.status, "INVALID_ARGUMENT");
    equal((await ask("", JSON.stringify({ model: "m" }))).error.param, "messages");
    equal((await ask("?client=gemini", "{}")).error.param, "model");
    const wrong = await ask("?client=telnet", "{}");
    deepEqual([wrong.error.param, wrong.error.code], ["client", "bad_request"]);
    match(wrong.error.message, /parameter 'client' = 'telnet': .*"openai"/);
    match((await ask("?cleint=openai", "{}")).error.message, /no parameter 'cleint' here, only: client, model/);
  });
});
