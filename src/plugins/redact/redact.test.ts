import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ASK } from "../../../test/support/clients/ask.ts";
import { CLIENT_FORMATS, dataLines } from "../../../test/support/clients/heard.ts";
import { callsOf, DIALOGUE_CLIENTS, DIALOGUES } from "../../../test/support/dialogue.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { ALL, CANARIES, CARD, EMPLOYEE, FULL_REQUESTS, MAIL, PEM, plain } from "../../../test/support/hiding.ts";
import { type InProcessRouter, inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../../../test/support/upstream/answer.ts";
import { type Received, startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import { systemClock } from "../../core/clock.ts";
import { isObject, type JsonObject, objectsOf } from "../../core/json.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import type { TargetFacts } from "../../core/stage-tools.ts";
import type { PluginTools } from "../define.ts";
import type { Plugin } from "../plugin.ts";
import { redact } from "./redact.ts";

const TOOLS: PluginTools = { log: () => undefined, clock: systemClock, random: Math.random, env: {} };

const REDACT = `[plugins.redact]
enabled = true
except = ["home"]
[[plugins.redact.patterns]]
name = "employee"
pattern = "emp-\\\\d{6}"`;

/** Says all placeholders it got, in words and in a call when it may call. */
function echo({ raw }: Received) {
  const got = [...new Set(raw.toString().match(/\[[A-Z_]+_\d+\]/g) ?? [])].sort();
  const text = `You said ${got.join(", ")}; I know nobody else [`;
  const args = JSON.stringify({ said: got });
  const isFirst = !/result of|tool_result|functionResponse|function_call_output|"role":"tool"/.test(raw.toString());
  return /"look"/.test(raw.toString()) && isFirst
    ? { text, toolCalls: [{ id: "call_1", name: "look", args }] }
    : { text, thinking: { text: `Hm, ${got[0]}`, state: "c2lnbmVk" } };
}

function leaked({ method, path, query, headers, raw }: Received): string[] {
  const all = `${method} ${decodeURIComponent(path + query)} ${JSON.stringify(headers)} ${raw}`;
  return CANARIES.filter((canary) => all.includes(canary));
}

describe("redact", () => {
  const upstreams = new Map<UpstreamFormat | "home", Upstream>();
  let router: InProcessRouter;
  const cleanup: (() => Promise<void>)[] = [];
  after(async () => {
    for (const clean of cleanup) await clean();
  });

  before(async () => {
    const sections: string[] = [REDACT, "[failover]\nmax_attempts = 2"];
    for (const name of [...UPSTREAM_FORMATS, "home"] as const) {
      const format = name === "home" ? "openai" : name;
      const upstream = await startUpstream(format);
      cleanup.push(() => upstream.close());
      upstreams.set(name, upstream);
      sections.push(`[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${upstream.url}"`);
      const fallbacks = name === "home" ? 'fallbacks = [{ provider = "openai" }]' : "";
      sections.push(`[[routers]]\ntype = "prefix"\nmodel_prefix = "to-${name}:"\nprovider = "${name}"\n${fallbacks}`);
    }
    router = await inProcess({ after: (run) => void cleanup.push(run) }, sections.join("\n\n"));
  });

  function upstreamOf(name: UpstreamFormat | "home"): Upstream {
    const upstream = upstreams.get(name);
    if (!upstream) throw new Error(name);
    return upstream;
  }

  function nothingLeaked(upstream: Upstream, requests = 1): void {
    const all = [...upstream.requests, ...upstream.others];
    equal(all.length, requests);
    for (const received of all) deepEqual(leaked(received), [], received.raw.toString());
  }

  for (const client of CLIENT_FORMATS) {
    const own: UpstreamFormat =
      UPSTREAM_FORMATS.find((format) => format === client) ?? (client === "ollama-generate" ? "ollama" : "openai");
    for (const provider of new Set<UpstreamFormat>([own, own === "openai" ? "anthropic" : "openai"])) {
      for (const stream of [false, true]) {
        test(`${client} at ${provider}, ${stream ? "streamed" : "whole"}: the client sees values, the provider placeholders`, async () => {
          const upstream = upstreamOf(provider);
          upstream.answer((request) => ({ ...echo(request), stream: { slice: 7 } }));
          const heard = await ASK[client](router.url, plain(client, `to-${provider}:m`, ALL), stream);
          equal(heard.error, undefined);
          nothingLeaked(upstream);
          const expected = `You said ${CARD}, ${MAIL}, ${EMPLOYEE}, ${PEM}; I know nobody else [`;
          equal(heard.text, expected);
        });
      }
    }
  }

  test("what is held when a stream breaks off is told before the error", async () => {
    upstreamOf("openai").answer({ text: "Ask [EMAIL_1] or [EMA", stream: { cut: "end" } });
    const heard = await ASK.openai(router.url, plain("openai", "to-openai:m", MAIL), true);
    const told = dataLines(heard.raw).map((chunk) => objectsOf(chunk["choices"])[0]?.["delta"]);
    equal(told.map((delta) => (isObject(delta) ? (delta["content"] ?? "") : "")).join(""), `Ask ${MAIL} or [EMA`);
    ok(heard.error);
  });

  test("every field of a chat request", async () => {
    for (const [client, path, body] of FULL_REQUESTS) {
      const upstream = upstreamOf(client);
      upstream.answer({ text: "fine" });
      const headers = { "user-agent": `agent ${MAIL}`, "x-of-mine": MAIL, "anthropic-beta": MAIL, session_id: MAIL };
      const { status, body: answer } = await exchange(`${router.url}${path}?who=${encodeURIComponent(MAIL)}`, {
        body: JSON.stringify(body),
        headers,
      });
      equal(status, 200, answer.toString());
      nothingLeaked(upstream);
    }
  });

  for (const client of DIALOGUE_CLIENTS) {
    test(`${client}: turn by turn, what was sent stays the same`, async () => {
      const upstream = upstreamOf(client);
      const dialogue = DIALOGUES[client](`You serve ${MAIL}.`, [
        { name: "look", description: `Looks for ${EMPLOYEE}.`, schema: { type: "object", properties: {} } },
      ]);
      dialogue.user(`I am new.mail@x.example, with ${CARD}`);
      const sent: string[] = [];
      const paths = {
        openai: "/v1/chat/completions",
        "openai-responses": "/v1/responses",
        anthropic: "/v1/messages",
        ollama: "/api/chat",
        gemini: `/v1beta/models/to-gemini:m:generateContent`,
      };
      for (const turn of [1, 2, 3]) {
        upstream.answer(echo);
        const got = await exchange(router.url + paths[client], {
          body: JSON.stringify({ ...dialogue.body(`to-${client}:m`) }),
        });
        equal(got.status, 200, got.body.toString());
        nothingLeaked(upstream);
        sent.push(promptOf(upstream.last()));
        const answer: unknown = JSON.parse(got.body.toString());
        if (!isObject(answer)) throw new TypeError("no object");
        const text = got.body.toString();
        ok(
          text.includes(MAIL) && text.includes(EMPLOYEE) && !/\[EMAIL_1\]/.test(text.replace(/Hm, \[\w+\]/g, "")),
          text,
        );
        dialogue.answered(answer);
        const calls = callsOf(client, answer);
        if (calls.length > 0)
          dialogue.results(calls.map(({ id, name }) => ({ id, name, text: `result of ${id} for third@x.example` })));
        dialogue.user(`And turn ${turn} of fourth@x.example`);
      }
      for (const [at, before] of sent.slice(0, -1).entries()) {
        // As one text each turn begins with the one before, but for the brackets that close it.
        const common = before.replace(/[\]}"]+$/, "");
        ok(sent[at + 1]?.startsWith(common.slice(0, -1)), `${common}\n${sent[at + 1]}`);
      }
    });
  }

  test("from one that may see everything to one that may not", async () => {
    const home = upstreamOf("home");
    const away = upstreamOf("openai");
    home.answer({ error: { status: 500, message: "broken" } });
    away.answer(echo);
    const heard = await ASK.openai(router.url, plain("openai", "to-home:m", ALL), true);
    match(heard.text, /^You said .*canary/s);
    ok(home.last().raw.toString().includes(MAIL));
    nothingLeaked(away);
    home.answer({ text: "[EMAIL_1] stays" });
    equal((await ASK.openai(router.url, plain("openai", "to-home:m", ALL), false)).text, "[EMAIL_1] stays");
    ok(home.last().raw.toString().includes(MAIL));
  });

  test("what was replaced is told with the exchange, never which values; requests cannot loosen it", async () => {
    upstreamOf("openai").answer(echo);
    const seen = router.events.length;
    await ASK.openai(router.url, plain("openai", "to-openai:m", `${ALL} and b@x.example`), false);
    await router.settled();
    const complete = router.completes().at(-1);
    const [warning] = complete?.warnings ?? [];
    match(warning?.message ?? "", /^replaced for provider openai: /);
    deepEqual(warning?.details, {
      plugin: "redact",
      provider: "openai",
      replaced: { email: 2, card: 1, employee: 1, "private-key": 1 },
    });
    deepEqual(complete?.plugins, ["redact"]);
    const warnings = router.events.slice(seen).filter(({ type }) => type === "warning");
    equal(warnings.length, 1);
    ok(!JSON.stringify(warnings).includes("canary"));
    // The log has what was said, as [logging] content says.
    ok(JSON.stringify(complete?.response).includes(MAIL));

    const body = { ...plain("openai", "to-openai:m", MAIL), plugins: [{ id: "redact", except: ["openai"] }] };
    const { status, body: text } = await exchange(`${router.url}/v1/chat/completions`, { body: JSON.stringify(body) });
    equal(status, 400);
    match(text.toString(), /plugins\[0\]\.except: only the router's config may set this/);
  });

  test("tokens are counted as they are sent", async () => {
    const said = { role: "user", content: ALL };
    for (const [provider, path, body, counted] of [
      ["anthropic", "/v1/messages/count_tokens", { model: "to-anthropic:m", messages: [said] }, "provider"],
      ["anthropic", "/v1/responses/input_tokens", { model: "to-anthropic:m", input: [said] }, "provider"],
      // The scripted one cannot count.
      [
        "openai-responses",
        "/v1/responses/input_tokens",
        { model: "to-openai-responses:m", input: [said] },
        "estimated",
      ],
      [
        "gemini",
        "/v1beta/models/to-gemini:m:countTokens",
        { contents: [{ role: "user", parts: [{ text: ALL }] }] },
        "provider",
      ],
    ] as const) {
      const upstream = upstreamOf(provider);
      upstream.answer({});
      const headers = { "anthropic-beta": MAIL, session_id: MAIL };
      const got = await exchange(`${router.url}${path}?beta=${MAIL}`, { body: JSON.stringify(body), headers });
      deepEqual([got.status, got.headers["x-router-token-count"]], [200, counted], got.body.toString());
      nothingLeaked(upstream);
      match(upstream.others[0]?.raw.toString() ?? "", /\[EMAIL_1\]/);
    }
  });

  test("texts are embedded with placeholders, each for itself; token ids are refused", async () => {
    for (const [provider, path, body] of [
      ["openai", "/v1/embeddings", { model: "to-openai:m", input: [ALL, MAIL], user: MAIL }],
      ["gemini", "/v1beta/models/to-gemini:m:embedContent", { content: { parts: [{ text: ALL }] }, title: MAIL }],
      ["ollama", "/api/embed", { model: "to-ollama:m", input: ALL }],
    ] as const) {
      const upstream = upstreamOf(provider);
      upstream.answer({});
      const got = await exchange(router.url + path, { body: JSON.stringify(body) });
      equal(got.status, 200, got.body.toString());
      nothingLeaked(upstream);
      match(upstream.others[0]?.raw.toString() ?? "", /\[EMAIL_1\]/);
    }
    const ids = { model: "to-openai:m", input: [[1, 2, 3]] };
    upstreamOf("openai").answer({});
    const refused = await exchange(`${router.url}/v1/embeddings`, { body: JSON.stringify(ids) });
    deepEqual([refused.status, upstreamOf("openai").others.length], [501, 0]);
    match(
      refused.body.toString(),
      /plugin redact cannot look into token ids, and keeps them from provider 'openai': send the texts/,
    );
    const home = await exchange(`${router.url}/v1/embeddings`, {
      body: JSON.stringify({ ...ids, model: "to-home:m" }),
    });
    equal(home.status, 200);
  });

  test("nothing is compacted where it could not be put back", async () => {
    const upstream = upstreamOf("openai-responses");
    upstream.answer({});
    const body = JSON.stringify({ model: "to-openai-responses:m", input: ALL });
    const got = await exchange(`${router.url}/v1/responses/compact`, { body });
    equal(got.status, 501);
    match(got.body.toString(), /plugin redact keeps values from provider 'openai-responses'.*except the provider/);
    deepEqual([upstream.requests.length, upstream.others.length], [0, 0]);
  });
});

test("the example of its page", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/redact.md"), "utf8");
  const toml = /^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const request: JsonObject = JSON.parse(/^```json\n(.*?)^```/ms.exec(page)?.[1] ?? "");
  const told = /^the provider gets `(.*?)`/ms.exec(page)?.[1]?.replaceAll("\n", " ");
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const router = await inProcess(t, toml.replace("https://api.openai.com/v1", upstream.url), {
    env: { OPENAI_API_KEY: "k" },
  });
  upstream.answer(({ body }) => ({
    text: String(objectsOf(body["messages"])[0]?.["content"]),
    toolCalls: [{ id: "c", name: "mail", args: '{"to":"[EMAIL_1]"}' }],
  }));
  for (const stream of [false, true]) {
    const heard = await ASK.openai(router.url, request, stream);
    equal(objectsOf(upstream.last().body["messages"])[0]?.["content"], told);
    equal(heard.text, objectsOf(request["messages"])[0]?.["content"]);
    equal(heard.toolCalls[0]?.args, '{"to":"ann@corp.example"}');
  }
});

test("what another plugin asks elsewhere has the numbers of the conversation", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  let asked: ChatRequest | undefined;
  const asks: Plugin = {
    id: "asks",
    pre_request(exchange) {
      const { messages, dialect, model } = exchange.request;
      asked = exchange.requestFor(facts({}), { ...emptyRequest(dialect, model), messages: messages.slice(-1) });
      return "continue";
    },
  };
  const built = { ...redact.build({}, TOOLS), enabled: true };
  const router = await inProcess(t, oneProvider("openai", upstream.url), { plugins: [built, asks] });
  const messages = ["a@x.example", "b@x.example"].map((content) => ({ role: "user", content }));
  await ASK.openai(router.url, { model: "m", messages }, false);
  deepEqual(asked?.messages[0]?.parts, [{ type: "text", text: "[EMAIL_2]" }]);
  deepEqual(
    objectsOf(upstream.last().body["messages"]).map(({ content }) => content),
    ["[EMAIL_1]", "[EMAIL_2]"],
  );
});

test("a classifier that asks a model, of a chat and of what is none", async (t) => {
  const upstream = await startUpstream("anthropic");
  t.after(() => upstream.close());
  const llm = `[classifiers.llm]\nenabled = true\nmodel = "small"\n[classifiers.llm.tags]\nmail = "mail"`;
  const router = await inProcess(t, [oneProvider("anthropic", upstream.url), REDACT, llm].join("\n\n"));
  for (const path of ["/v1/messages", "/v1/messages/count_tokens"]) {
    // Of the same message it is asked once.
    const body = JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: `${path} ${ALL}` }] });
    equal((await exchange(router.url + path, { body })).status, 200);
  }
  const all = [...upstream.requests, ...upstream.others].filter(({ method }) => method === "POST");
  deepEqual(all.map(({ body: { model } }) => model).sort(), ["m", "m", "small", "small"]);
  for (const received of all) deepEqual(leaked(received), [], received.raw.toString());
});

test("what cannot be redacted is not sent", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const failing = () => {
    throw new Error("no luck");
  };
  const fails: Plugin = {
    id: "fails",
    on_start(exchange) {
      exchange.adapt({ last: true, when: () => true, change: failing });
      return "continue";
    },
    guard: { guards: () => true, request: failing, header: failing },
  };
  const router = await inProcess(t, oneProvider("openai", upstream.url), { plugins: [fails] });
  for (const [path, body] of [
    ["/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hi" }] }],
    ["/v1/embeddings", { model: "m", input: "hi" }],
  ] as const) {
    const got = await exchange(router.url + path, { body: JSON.stringify(body) });
    equal(got.status, 500);
    match(got.body.toString(), /plugin fails failed to .*: no luck/);
  }
  deepEqual([...upstream.requests, ...upstream.others.filter(({ method }) => method === "POST")], []);
});

test("who gets placeholders", () => {
  const guarded = (settings: JsonObject, more: Partial<TargetFacts>) =>
    redact.build(settings, TOOLS).plugin.guard?.guards(facts(more));
  equal(guarded({}, {}), true);
  equal(guarded({}, { nearby: true }), true);
  equal(guarded({ local: false }, { nearby: true }), false);
  equal(guarded({ local: false }, {}), true);
  equal(guarded({ local: false }, { nearby: true, dialect: "ollama", model: "gpt-oss:120b-cloud" }), true);
  equal(guarded({ except: ["p"] }, {}), false);
});

function facts(more: Partial<TargetFacts>): TargetFacts {
  return {
    provider: "p",
    dialect: "openai",
    model: "m",
    nearby: false,
    capabilities: undefined,
    can: () => true,
    ...more,
  };
}

/** What is a prompt's beginning in every turn. */
function promptOf({ body }: Received): string {
  const { messages, input, contents, system, instructions, systemInstruction, tools } = body;
  return JSON.stringify([tools, system, instructions, systemInstruction, messages ?? input ?? contents]);
}
