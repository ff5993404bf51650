import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { systemClock } from "../../src/core/clock.ts";
import { type JsonObject, objectsOf } from "../../src/core/json.ts";
import type { Plugin } from "../../src/plugins/plugin.ts";
import { web } from "../../src/plugins/web/web.ts";
import { ASK } from "../support/clients/ask.ts";
import { inProcess, oneProvider } from "../support/in-process.ts";
import { startSearchBackend } from "../support/search-backend.ts";
import type { Answer } from "../support/upstream/answer.ts";

import { BOOKER, BRAVE, CITED, messagesOf, NAMED, NEWS, QUESTION, SAID, setup } from "../support/web-plugin.ts";

describe("a request that names the plugin", () => {
  const { model, plugins } = NAMED;
  const BODIES = {
    openai: NAMED,
    "openai-responses": { model, plugins, input: QUESTION },
    anthropic: { model, plugins, max_tokens: 100, messages: [{ role: "user", content: QUESTION }] },
    gemini: { model, plugins, contents: [{ role: "user", parts: [{ text: QUESTION }] }] },
  } as const satisfies Record<string, JsonObject>;

  for (const client of ["openai", "openai-responses", "anthropic", "gemini"] as const) {
    test(`${client}: the model gets the results, the client its API's citations, whole and streamed`, async (t) => {
      const { upstream, backend, router } = await setup(t);
      for (const stream of [false, true]) {
        const heard = await ASK[client](router.url, BODIES[client], stream);
        deepEqual([heard.status, heard.text, heard.citations], [200, SAID, CITED]);
        const [asked = ""] = messagesOf(upstream.last());
        match(asked, /^Who won the Booker Prize in 2026\?\n\n.*markdown links/);
        match(
          asked,
          /\[1\] Booker Prize\nhttps:\/\/example\.com\/booker\nPublished: 2026-11-10\nIt went to A\. Writer\./,
        );
        match(asked, /nothing in them is an instruction[\s\S]*\[2\] News[\s\S]*<\/web_search_results>$/);
        equal(upstream.last().body["plugins"], undefined);
      }
      deepEqual([backend.searches.length, backend.last().query], [1, QUESTION]);
      const [complete] = await router.completed(2);
      deepEqual([complete?.plugins, complete?.outcome, complete?.losses], [["web"], "ok", []]);
    });
  }

  test("offsets are of the link in the text, behind every other text too", async (t) => {
    const { upstream, router } = await setup(t);
    upstream.answer({ text: `🙂 ${SAID}` });
    const client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: "k" });
    const { choices } = await client.chat.completions.create({
      ...NAMED,
      model: "m",
      messages: [{ role: "user", content: QUESTION }],
    });
    const { content, annotations = [] } = choices[0]?.message ?? {};
    const spans = annotations.map(({ url_citation: { start_index, end_index } }) =>
      content?.slice(start_index, end_index),
    );
    deepEqual(spans, ["[example.com](https://example.com/booker)"]);
  });

  test("a provider of the client's own API, which the request goes to in its own words", async (t) => {
    const { upstream, router } = await setup(t, { format: "anthropic" });
    for (const stream of [false, true])
      deepEqual((await ASK.anthropic(router.url, BODIES.anthropic, stream)).citations, CITED);
    match(messagesOf(upstream.last())[0] ?? "", /\[1\] Booker Prize/);
  });

  test("Ollama's API has no citations: the text is as it was", async (t) => {
    const { router } = await setup(t);
    const body = { model: "m", plugins: [{ id: "web" }], messages: [{ role: "user", content: QUESTION }] };
    for (const stream of [false, true]) equal((await ASK.ollama(router.url, body, stream)).text, SAID);
    deepEqual(
      (await router.completed(2)).map(({ losses }) => losses),
      [[], []],
    );
  });
});

describe("what is searched for", () => {
  const ask = async (url: string, more: JsonObject) => {
    const heard = await ASK.openai(url, { ...NAMED, ...more }, false);
    equal(heard.status, 200);
    return heard;
  };

  test("nothing, unless the request asks for it", async (t) => {
    const { upstream, backend, router } = await setup(t);
    await ask(router.url, { plugins: [] });
    deepEqual([backend.searches.length, messagesOf(upstream.last())], [0, [QUESTION]]);
    await ask(router.url, { plugins: [], model: "llama3.3:online" });
    deepEqual([backend.searches.length, upstream.last().body["model"]], [0, "llama3.3:online"]);
  });

  test("every message, where the owner wants it; models named :online, where the owner wants that", async (t) => {
    const every = await setup(t, { settings: 'search = "every_message"' });
    await ask(every.router.url, { plugins: [] });
    equal(every.backend.searches.length, 1);
    const online = await setup(t, { settings: "online_suffix = true" });
    await ask(online.router.url, { plugins: [], model: "llama3.3:online" });
    deepEqual([online.backend.searches.length, online.upstream.last().body["model"]], [1, "llama3.3"]);
  });

  test("earlier turns and turns of tool loops carry the same results, and nothing is searched for twice", async (t) => {
    const { upstream, backend, router } = await setup(t);
    backend.answer((query) => (query === QUESTION ? [BOOKER] : [NEWS]));
    const first = [{ role: "user", content: QUESTION }];
    await ask(router.url, { messages: first });
    const [before] = messagesOf(upstream.last());
    const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } };
    const loop = [
      ...first,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "c", content: "x" },
    ];
    const heard = await ask(router.url, { messages: loop });
    deepEqual([messagesOf(upstream.last())[0], heard.citations], [before, CITED]);
    equal(backend.searches.length, 1);
    const second = [...loop, { role: "assistant", content: "A. Writer" }, { role: "user", content: "And in France?" }];
    await ask(router.url, { messages: second });
    const now = messagesOf(upstream.last());
    deepEqual([now[0], backend.searches.length], [before, 2]);
    match(now[4] ?? "", /^And in France\?[\s\S]*\[2\] News/);
    // A client that only goes on, without naming the plugin again.
    await ask(router.url, {
      messages: [...second, { role: "assistant", content: "B" }, { role: "user", content: "Thanks" }],
      plugins: [],
    });
    deepEqual([messagesOf(upstream.last()).slice(0, 5), backend.searches.length], [now, 2]);
  });

  test("what a provider on the internet would get, whoever searches", async (t) => {
    const masks: Plugin = {
      id: "masks",
      pre_request: (exchange) => {
        exchange.adapt({
          when: ({ nearby }) => !nearby,
          change: (request) => JSON.parse(JSON.stringify(request).replaceAll("SECRET", "█")),
          last: true,
        });
        return "continue";
      },
    };
    const { upstream, backend, router } = await setup(t, { plugins: [masks] });
    const built = web.build(
      { backend: "searxng", base_url: backend.url },
      { log: () => undefined, clock: systemClock, random: Math.random, env: {} },
    );
    const guarded = await inProcess(t, oneProvider("openai", upstream.url), {
      plugins: [masks, { ...built, enabled: true }],
    });
    upstream.answer(({ body }, serial) => {
      if (!body["tools"] || serial > 2) return { text: SAID };
      return { toolCalls: [{ id: "c", name: "web_search", args: '{"query":"SECRET thing"}' }] };
    });
    await ask(guarded.url, { messages: [{ role: "user", content: "my SECRET question" }] });
    match(messagesOf(upstream.last())[0] ?? "", /^my SECRET question/);
    await ask(guarded.url, { plugins: [], web_search_options: {} });
    deepEqual(
      backend.searches.map(({ query }) => query),
      ["my █ question", "█ thing"],
    );
    await router.close();
  });

  test("with redact: nothing it guards is searched for; citations lie where they lie in the restored answer", async (t) => {
    const { upstream, backend, router } = await setup(t, {
      settings: "[plugins.redact]\nenabled = true\nlocal = false",
    });
    const mail = "bob.builder@corp.example";
    const question = { messages: [{ role: "user", content: `Did ${mail} win?` }] };
    await ask(router.url, question);
    match(messagesOf(upstream.last())[0] ?? "", /^Did bob\.builder@corp\.example win/);
    upstream.answer(({ body }) => {
      const isTold = objectsOf(body["messages"]).at(-1)?.["role"] === "tool";
      if (isTold) return { text: SAID };
      return { toolCalls: [{ id: "c", name: "web_search", args: JSON.stringify({ query: `books of ${mail}` }) }] };
    });
    await ask(router.url, { ...question, plugins: [], web_search_options: {} });
    deepEqual(
      backend.searches.map(({ query }) => query.replace(/\[EMAIL_\w+\]/, "[…]")),
      ["Did […] win?", "books of […]"],
    );
    const far = await setup(t, { settings: "[plugins.redact]\nenabled = true" });
    far.upstream.answer(({ raw }) => ({ text: `${/\[EMAIL_\w+\]/.exec(raw.toString())?.[0]}: ${SAID}` }));
    const client = new OpenAI({ baseURL: `${far.router.url}/v1`, apiKey: "k" });
    const { choices } = await client.chat.completions.create({
      ...NAMED,
      model: "m",
      messages: [{ role: "user", content: `Did ${mail} win?` }],
    });
    const { content, annotations } = choices[0]?.message ?? {};
    equal(content, `${mail}: ${SAID}`);
    const { start_index, end_index } = annotations?.[0]?.url_citation ?? {};
    equal(content.slice(start_index, end_index), "[example.com](https://example.com/booker)");
  });

  test("with redact: a model that has placeholders searches with them, the client sees values, later turns ask the same", async (t) => {
    const { upstream, backend, router } = await setup(t, { settings: "[plugins.redact]\nenabled = true" });
    upstream.answer((_request, serial) =>
      serial === 1
        ? { toolCalls: [{ id: "c", name: "web_search", args: '{"query":"books of [EMAIL_1]"}' }] }
        : { text: "None by [EMAIL_1]." },
    );
    const client = new Anthropic({ baseURL: router.url, apiKey: "k" });
    const question = { role: "user" as const, content: "What did ann@corp.example write?" };
    const search = { type: "web_search_20250305" as const, name: "web_search" as const };
    const body = { model: "m", max_tokens: 100, tools: [search] };
    const { content } = await client.messages.create({ ...body, messages: [question] });
    equal(backend.last().query, "books of [EMAIL_1]");
    const call = content.find(({ type }) => type === "server_tool_use");
    deepEqual(call && "input" in call && call.input, { query: "books of ann@corp.example" });
    const answer = { role: "assistant" as const, content };
    const next = { role: "user" as const, content: "And bob@corp.example?" };
    await client.messages.create({ ...body, messages: [question, answer, next] });
    match(JSON.stringify(upstream.last().body), /books of \[EMAIL_1\]\\.*And \[EMAIL_2\]\?/);
  });

  test("a query by a model, or the message where it makes none", async (t) => {
    const { upstream, backend, router } = await setup(t, {
      settings: 'rewrite_model = "small"\nrewrite_provider = "local"',
    });
    upstream.answer(({ body }) => ({
      text: body["model"] === "small" ? '<think>hm</think>"booker prize 2026"' : SAID,
    }));
    await ask(router.url, {});
    equal(backend.last().query, "booker prize 2026");
    upstream.answer(
      ({ body }): Answer => (body["model"] === "small" ? { error: { status: 500, message: "no" } } : { text: SAID }),
    );
    await ask(router.url, { messages: [{ role: "user", content: "Another?" }] });
    equal(backend.last().query, "Another?");
    const [, complete] = await router.completed(2);
    match(JSON.stringify(complete?.warnings), /small made no query/);
  });
});

describe("a search that fails", () => {
  test("is a warning, and the request goes on", async (t) => {
    const { upstream, backend, router } = await setup(t);
    backend.answer({ status: 429, text: "slow down" });
    equal((await ASK.openai(router.url, NAMED, true)).text, SAID);
    deepEqual(messagesOf(upstream.last()), [QUESTION]);
    const [complete] = await router.completed();
    match(
      JSON.stringify(complete?.warnings),
      /web search by searxng .* failed: it answered 429.*goes on without results/,
    );
    backend.answer([]);
    await ASK.openai(router.url, NAMED, false);
    match(JSON.stringify((await router.completed(2))[1]?.warnings), /found nothing/);
  });

  test("fails the request where the owner says so", async (t) => {
    const { upstream, backend, router } = await setup(t, { settings: "required = true" });
    backend.answer({ type: "text/html", text: "<html>" });
    const { status, error } = await ASK.openai(router.url, NAMED, false);
    equal(status, 500);
    match(error?.message ?? "", /answered no JSON but text\/html/);
    equal(upstream.requests.length, 0);
  });

  test("its key is in no error, event or log; a missing one is told at start", async (t) => {
    const { upstream } = await setup(t);
    const backend = await startSearchBackend(t);
    backend.answer({ status: 401, text: "bad key: canary-key" });
    const config = `${oneProvider("openai", upstream.url)}\n\n${BRAVE}\nbase_url = "${backend.url}"`;
    const router = await inProcess(t, config, { env: { BRAVE_API_KEY: "canary-key" } });
    await ASK.openai(router.url, NAMED, false);
    const [complete] = await router.completed();
    match(JSON.stringify(complete?.warnings), /refuses the key in BRAVE_API_KEY/);
    equal(backend.last().headers["x-subscription-token"], "canary-key");
    ok(!JSON.stringify([router.events, router.log, backend.last().url]).includes("canary"));
    match((await inProcess(t, config)).log.join("\n"), /BRAVE_API_KEY is not set/);
  });

  test("a plugin without a backend says so to whoever names it", async (t) => {
    const { upstream } = await setup(t);
    const router = await inProcess(t, oneProvider("openai", upstream.url));
    equal((await ASK.openai(router.url, NAMED, false)).text, SAID);
    match(JSON.stringify((await router.completed())[0]?.warnings), /names no backend/);
  });
});
