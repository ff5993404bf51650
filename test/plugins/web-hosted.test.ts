import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { objectsOf } from "../../src/core/json.ts";
import { ASK } from "../support/clients/ask.ts";
import type { Answer } from "../support/upstream/answer.ts";
import { type Received, startUpstream } from "../support/upstream/upstream.ts";

import { BOOKER, CITED, HOSTED, messagesOf, NAMED, NEWS, QUESTION, SAID, setup, TOML } from "../support/web-plugin.ts";

describe("the web-search tool of a client's API, over a provider that has none", () => {
  const search = (query: string, id = "c") => ({
    toolCalls: [{ id, name: "web_search", args: JSON.stringify({ query }) }],
  });
  const once = ({ body }: Received): Answer =>
    objectsOf(body["messages"]).at(-1)?.["role"] === "tool" ? { text: SAID } : search("booker 2026");

  test("Claude Code's side request: its blocks of search and result, and citations, whole and streamed", async (t) => {
    const { upstream, backend, router } = await setup(t);
    const client = new Anthropic({ baseURL: router.url, apiKey: "k", maxRetries: 0 });
    const body: Anthropic.MessageCreateParamsNonStreaming = {
      model: "claude-opus-5-5",
      max_tokens: 1000,
      system: [{ type: "text", text: "You are an assistant for performing a web search tool use" }],
      tools: [{ type: "web_search_20250305", name: "web_search", max_uses: 8 }],
      tool_choice: { type: "tool", name: "web_search" },
      messages: [
        { role: "user", content: [{ type: "text", text: `Perform a web search for the query: ${QUESTION}` }] },
      ],
    };
    for (const stream of [false, true]) {
      upstream.answer(once);
      const { content, stop_reason } = stream
        ? await client.messages.stream(body).finalMessage()
        : await client.messages.create(body);
      const [call, result, text] = content;
      ok(call?.type === "server_tool_use" && result?.type === "web_search_tool_result" && text?.type === "text");
      deepEqual([call.name, call.input, call.id], ["web_search", { query: "booker 2026" }, result.tool_use_id]);
      ok(Array.isArray(result.content));
      deepEqual(
        result.content.map(({ url, title }) => ({ url, title })),
        [CITED[0], { url: NEWS.url, title: NEWS.title }],
      );
      deepEqual(
        text.citations?.map((one) => one.type === "web_search_result_location" && one.url),
        [BOOKER.url],
      );
      deepEqual([content.length, stop_reason, text.text], [3, "end_turn", SAID]);
      const [first, second] = upstream.requests;
      deepEqual(
        objectsOf(first?.body["tools"]).map(({ type }) => type),
        ["function"],
      );
      deepEqual(first?.body["tool_choice"], { type: "function", function: { name: "web_search" } });
      match(messagesOf(second ?? upstream.last()).at(-1) ?? "", /\[1\] Booker Prize[\s\S]*markdown links/);
    }
    deepEqual(
      backend.searches.map(({ query }) => query),
      ["booker 2026", "booker 2026"],
    );
    const [complete] = await router.completed(2);
    deepEqual([complete?.plugins, complete?.losses], [["web"], []]);
  });

  test("Codex's: an item of its search, a message with annotations", async (t) => {
    const { upstream, backend, router } = await setup(t, { settings: "fetch_pages = 2" });
    upstream.answer(once);
    const client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: "k", maxRetries: 0 });
    const shell = { type: "function" as const, name: "shell", parameters: { type: "object" }, strict: false };
    const { output } = await client.responses
      .stream({
        model: "gpt-oss",
        store: false,
        tools: [shell, JSON.parse('{"type":"web_search","external_web_access":false}')],
        input: [{ type: "message", role: "user", content: [{ type: "input_text", text: QUESTION }] }],
      })
      .finalResponse();
    const [call, message] = output;
    ok(call?.type === "web_search_call" && call.action.type === "search" && message?.type === "message");
    deepEqual([call.status, call.action.query, call.action.sources?.length], ["completed", "booker 2026", 2]);
    const [text] = message.content;
    ok(text?.type === "output_text");
    deepEqual(
      text.annotations.map((one) => one.type === "url_citation" && text.text.slice(one.start_index, one.end_index)),
      ["[example.com](https://example.com/booker)"],
    );
    deepEqual(objectsOf(upstream.last().body["tools"]).length, 2);
    equal(backend.searches.length, 1);
    // No page was fetched: the client allows no live access.
    deepEqual((await router.completed())[0]?.warnings ?? [], []);
    // The next turn of a tool loop: the model still has what it found, word for word as it was told.
    const [, found] = upstream.requests.map(({ body }) => objectsOf(body["messages"]));
    const input = [
      { role: "user", content: QUESTION },
      ...JSON.parse(JSON.stringify(output)),
      { role: "user", content: "Thanks" },
    ];
    upstream.answer({ text: "As I said [1]." });
    const next = await client.responses.create({
      model: "gpt-oss",
      store: false,
      tools: [{ type: "web_search" }],
      input,
    });
    const [asked, called, told, ...rest] = objectsOf(upstream.last().body["messages"]);
    deepEqual([asked?.["content"], told?.["content"]], [QUESTION, found?.at(-1)?.["content"]]);
    equal(objectsOf(called?.["tool_calls"])[0]?.["id"], told?.["tool_call_id"]);
    deepEqual(
      rest.map(({ content }) => content),
      [SAID, "Thanks"],
    );
    deepEqual(
      (await router.completed(2))[1]?.losses.filter((loss) => loss.class !== "silent"),
      [],
    );
    const again = next.output.find((item) => item.type === "message")?.content[0];
    ok(again?.type === "output_text" && again.annotations[0]?.type === "url_citation");
    equal(again.annotations[0].url, BOOKER.url);
  });

  test("Gemini's and Chat's", async (t) => {
    const { upstream, router } = await setup(t);
    upstream.answer(once);
    const gemini = {
      model: "m",
      tools: [{ googleSearch: {} }],
      contents: [{ role: "user", parts: [{ text: QUESTION }] }],
    };
    const heard = await ASK.gemini(router.url, gemini, true);
    deepEqual(heard.citations, [CITED[0], { url: NEWS.url, title: NEWS.title }]);
    match(heard.raw, /"webSearchQueries":\["booker 2026"\]/);
    upstream.answer(once);
    deepEqual((await ASK.openai(router.url, { ...NAMED, plugins: [], web_search_options: {} }, true)).citations, CITED);
    equal(upstream.requests.length, 2);
  });

  test("the page's example: what the client allows holds; a search too many is told the model", async (t) => {
    const { upstream, backend, router } = await setup(t);
    upstream.answer((_request, serial) => (serial <= 3 ? search(`query ${serial}`, `c${serial}`) : { text: SAID }));
    const heard = await ASK.anthropic(router.url, HOSTED, false);
    deepEqual([heard.text, heard.citations], [SAID, CITED]);
    deepEqual(
      backend.searches.map(({ query }) => query),
      ["query 1 (site:example.com)", "query 2 (site:example.com)"],
    );
    const said = messagesOf(upstream.last());
    ok(!said.join("").includes(NEWS.url));
    match(said.at(-1) ?? "", /2 searches were made/);
  });

  test("another provider takes over that has none", async (t) => {
    const first = await startUpstream("anthropic");
    t.after(() => first.close());
    first.answer({ error: { status: 503, message: "down" } });
    const claude = `[failover]\nmax_attempts = 2\n\n[[providers]]\nname = "claude"\nformat = "anthropic"\nbase_url = "${first.url}"\nquality = 9\n\n`;
    const { upstream, router } = await setup(t, { toml: claude + TOML });
    upstream.answer(once);
    for (const stream of [false, true]) {
      const heard = await ASK.anthropic(router.url, HOSTED, stream);
      deepEqual([heard.text, heard.citations], [SAID, CITED]);
    }
    deepEqual(first.last().body["tools"], HOSTED["tools"]);
  });

  test("a search that fails is told the model", async (t) => {
    const { upstream, backend, router } = await setup(t);
    backend.answer({ status: 500, text: "" });
    upstream.answer(once);
    equal((await ASK.anthropic(router.url, HOSTED, true)).text, SAID);
    match(messagesOf(upstream.last()).at(-1) ?? "", /web search by searxng .* failed/);
    match(JSON.stringify((await router.completed())[0]?.warnings), /the model was told so/);
  });

  test("a provider that has it keeps it, byte for byte; one that is said to, too", async (t) => {
    const { upstream, backend, router } = await setup(t, { format: "anthropic" });
    const raw =
      '{ "id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"[1]"}],"stop_reason":"end_turn" }';
    upstream.answer({ raw: { chunks: [raw] } });
    equal((await ASK.anthropic(router.url, HOSTED, false)).raw, raw);
    deepEqual(upstream.last().body["tools"], HOSTED["tools"]);
    upstream.answer({ text: "[1]" });
    await ASK.anthropic(router.url, HOSTED, true);
    deepEqual(
      (await router.completed(2)).map(({ passthrough }) => passthrough),
      [true, true],
    );
    const told = await setup(t, { settings: 'native_providers = ["local"]' });
    await ASK.openai(told.router.url, { ...NAMED, plugins: [], web_search_options: {} }, false);
    deepEqual([told.upstream.last().body["web_search_options"], told.upstream.last().body["tools"]], [{}, undefined]);
    equal(backend.searches.length, 0);
  });
});
