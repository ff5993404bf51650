import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { type Cleanup, inProcess } from "../../../test/support/in-process.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../../../test/support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import type { ModelAnswer, ModelQuestion } from "../../core/stage-tools.ts";
import type { Flow, Plugin, PluginExchange } from "../../plugins/plugin.ts";

const QUESTION: ModelQuestion = { model: "small", system: "Be brief.", prompt: "the secret?", maxOutputTokens: 9 };

async function upstreamSaying(t: Cleanup, text: string, format: UpstreamFormat = "openai"): Promise<Upstream> {
  const upstream = await startUpstream(format);
  t.after(() => upstream.close());
  upstream.answer({ text, usage: { input: 1000, output: 100 } });
  return upstream;
}

function provider(name: string, { format, url }: Upstream, more = ""): string {
  return `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${url}"\n${more}`;
}

/** A router with a plugin that asks before the provider is; gives what became of it. */
async function asking(t: Cleanup, toml: string, question: ModelQuestion, before?: (exchange: PluginExchange) => void) {
  const answers: (ModelAnswer | string)[] = [];
  const plugin: Plugin = {
    id: "asks",
    pre_request: async (asked): Promise<Flow> => {
      before?.(asked);
      answers.push(await asked.models.ask(question).catch(String));
      return "continue";
    },
  };
  const keyword = '[classifiers.keyword]\nenabled = true\n[classifiers.keyword.tags]\nprivate = ["hush"]';
  const router = await inProcess(t, `${toml}\n${keyword}`, {
    plugins: [plugin],
    env: { SMALL_KEY: "sk-very-long-secret" },
  });
  const ask = async (content = "hi") => {
    const body = JSON.stringify({ model: "big", messages: [{ role: "user", content }] });
    equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
    return answers.at(-1);
  };
  return { router, ask };
}

const said = (answer: ModelAnswer | string | undefined) => (typeof answer === "object" ? answer.text : answer);

describe("a question to a model", () => {
  for (const format of UPSTREAM_FORMATS) {
    test(`${format}: goes to the provider named, past all rules, and counts among the costs`, async (t) => {
      const [big, small] = [await upstreamSaying(t, "big"), await upstreamSaying(t, "small", format)];
      const toml = [
        "[failover]\nmax_attempts = 1",
        provider("big", big, "cost_per_1m_tokens = 1"),
        provider("small", small, "cost_per_1m_tokens = 10"),
        '[[routers]]\ntype = "fallback"\nproviders = ["big"]',
      ].join("\n");
      const { router, ask } = await asking(t, toml, { ...QUESTION, provider: "small" });
      const answer = await ask();
      ok(typeof answer === "object", String(answer));
      deepEqual([answer.text, answer.response.finish.reason], ["small", "stop"]);
      deepEqual([small.requests.length, big.requests.length], [1, 1]);
      const sent = small.last().raw.toString();
      for (const part of ["Be brief.", "the secret?"]) ok(sent.includes(part), sent);
      equal(small.last().body["stream"] ?? false, false);
      const [complete] = await router.completed();
      deepEqual([complete?.provider, complete?.outcome], ["big", "ok"]);
      // 1,100 tokens each, at 1 and at 10 USD a million.
      ok(Math.abs((complete?.cost.usd ?? 0) - 0.0121) < 1e-9, JSON.stringify(complete?.cost));
      // No exchange of its own, and so neither classifiers nor hooks.
      deepEqual([router.starts().length, router.events.filter(({ type }) => type === "classified").length], [1, 1]);
    });
  }

  test("without a provider the rules choose, with the tags of the exchange, and failover goes on", async (t) => {
    const [first, second] = [await upstreamSaying(t, "first"), await upstreamSaying(t, "second")];
    const home = await upstreamSaying(t, "home");
    const toml = [
      "[failover]\nmax_attempts = 3",
      provider("first", first, "quality = 9"),
      provider("second", second),
      provider("home", home),
      '[[routers]]\ntype = "tag"\ntag = "private"\nprovider = "home"',
      '[[routers]]\ntype = "fallback"\nproviders = ["first"]\nfallbacks = [{ provider = "second", model = "other" }]',
    ].join("\n");
    const { ask } = await asking(t, toml, QUESTION);
    equal(said(await ask()), "first");
    equal(said(await ask("hush")), "home");
    first.answer(({ body }) =>
      body["model"] === "small" ? { error: { status: 500, message: "no" } } : { text: "first" },
    );
    equal(said(await ask()), "second");
    equal(second.last().body["model"], "other");
  });

  test("what plugins change for a target they change in the question too", async (t) => {
    const small = await upstreamSaying(t, "fine");
    const toml = `${provider("small", small)}\n[[routers]]\ntype = "fallback"`;
    const { ask } = await asking(t, toml, QUESTION, (asked) =>
      asked.adapt({
        when: () => true,
        change: (request) => JSON.parse(JSON.stringify(request).replaceAll("secret", "[hidden]")),
        last: true,
      }),
    );
    equal(said(await ask("hi")), "fine");
    const [question] = small.requests;
    match(question?.raw.toString() ?? "", /the \[hidden\]\?/);
  });

  test("says who failed, and how; never the key", async (t) => {
    const [big, small] = [await upstreamSaying(t, "big"), await upstreamSaying(t, "small")];
    small.answer({ error: { status: 401, message: "wrong key sk-very-long-secret" } });
    const toml = [
      provider("big", big),
      provider("small", small, 'api_key_env = "SMALL_KEY"'),
      '[[routers]]\ntype = "fallback"\nproviders = ["big"]',
    ].join("\n");
    const failed = await asking(t, toml, { ...QUESTION, provider: "small" });
    match(String(await failed.ask()), /provider 'small': .*wrong key \[key\]/);
    const unknown = await asking(t, toml, { ...QUESTION, provider: "nobody" });
    match(String(await unknown.ask()), /provider 'nobody', which is not configured/);
    small.answer({ raw: { chunks: ['{"what":1}'] } });
    match(String(await failed.ask()), /provider 'small': /);
  });
});
