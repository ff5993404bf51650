import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { type JsonObject, objectsOf } from "../../src/core/json.ts";
import { exchange } from "../support/exchange.ts";
import { type InProcessRouter, startInProcess } from "../support/in-process.ts";
import { type Answer, UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

const TRANSLATED = ["openai", "anthropic", "ollama", "gemini"] as const;
const TOOLS: OpenAI.Responses.FunctionTool[] = [
  { type: "function", name: "look", parameters: { type: "object", properties: {} }, strict: false },
];
const STATE = "c2lnbmF0dXJl";
const LOOKS: Answer = {
  thinking: { text: "hm", state: STATE },
  text: "Looking.",
  toolCalls: [{ id: "call_1", name: "look", args: "{}" }],
};

describe("answers of Responses by their id", () => {
  const upstreams = new Map<UpstreamFormat, Upstream>();
  let router: InProcessRouter;
  let client: OpenAI;
  const upstreamOf = (format: UpstreamFormat): Upstream => {
    const upstream = upstreams.get(format);
    if (!upstream) throw new Error(`no upstream ${format}`);
    return upstream;
  };
  const texts = (format: UpstreamFormat) => upstreamOf(format).last().raw.toString();
  before(async () => {
    const config: string[] = [];
    for (const format of UPSTREAM_FORMATS) {
      const upstream = await startUpstream(format);
      upstreams.set(format, upstream);
      config.push(
        `[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${upstream.url}"`,
        `[[routers]]\ntype = "prefix"\nmodel_prefix = "${format}/"\nprovider = "${format}"\nrewrite_model = "m"`,
      );
    }
    config.push(`[[routers]]\ntype = "random"\nproviders = ["anthropic", "openai-responses"]\nrewrite_model = "m"`);
    router = await startInProcess(config.join("\n\n"), { random: () => draw });
    client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: "me", maxRetries: 0 });
  });
  after(async () => {
    await router.close();
    for (const upstream of upstreams.values()) await upstream.close();
  });
  let draw = 0;
  /** As a seed it makes the rule draw high, as 0 makes it draw low. */
  const HIGH = 0.7;

  async function ask(body: Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, "stream">, stream: boolean) {
    return stream ? client.responses.stream(body).finalResponse() : client.responses.create(body);
  }

  for (const format of TRANSLATED) {
    for (const stream of [false, true]) {
      test(`a tool loop over ${format}, ${stream ? "stream" : "whole"}: only what is new is sent`, async () => {
        const model = `${format}/m`;
        upstreamOf(format).answer(LOOKS);
        const first = await ask({ model, input: "Who is there?", instructions: "Be brief.", tools: TOOLS }, stream);
        upstreamOf(format).answer({ text: "A cat." });
        const result = { type: "function_call_output" as const, call_id: "call_1", output: "a cat" };
        const second = await ask(
          { model, previous_response_id: first.id, input: [result], instructions: "Be kind.", tools: TOOLS },
          stream,
        );
        equal(second.output_text, "A cat.");
        equal(second.previous_response_id, first.id);
        const sent = texts(format);
        for (const part of ["Who is there?", "Looking.", "call_1", "a cat", "Be kind."]) ok(sent.includes(part), part);
        ok(!sent.includes("Be brief."), "instructions are of one turn");
        equal(sent.includes(STATE), format === "anthropic" || format === "gemini");
        await ask({ model, previous_response_id: second.id, input: "And what colour?" }, stream);
        const third = texts(format);
        const order = ["Who is there?", "Looking.", "a cat", "A cat.", "And what colour?"].map((part) =>
          third.indexOf(part),
        );
        deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
        ok(!order.includes(-1));
      });
    }
  }

  test("items by reference: an answer's message and its call; reasoning comes back by itself", async () => {
    const model = "anthropic/m";
    upstreamOf("anthropic").answer(LOOKS);
    const first = await client.responses.create({ model, input: "By reference?", tools: TOOLS });
    const references = first.output.map(({ id }) => ({ type: "item_reference" as const, id: String(id) }));
    equal(references.length, 3);
    upstreamOf("anthropic").answer({ text: "done" });
    const input = [
      { role: "user" as const, content: "By reference?" },
      ...references,
      { type: "function_call_output" as const, call_id: "call_1", output: "a cat" },
    ];
    await client.responses.create({ model, input, tools: TOOLS });
    const messages = objectsOf(upstreamOf("anthropic").last().body["messages"]);
    deepEqual(
      objectsOf(messages[1]?.["content"]).map(({ type }) => type),
      ["thinking", "text", "tool_use"],
    );
    ok(texts("anthropic").includes(STATE));
  });

  test("retrieved, listed, counted, deleted", async () => {
    const model = "openai/m";
    upstreamOf("openai").answer({ text: "Kept." });
    const first = await client.responses.create({ model, input: "First?" });
    const second = await client.responses.create({ model, input: "Second?", previous_response_id: first.id });
    deepEqual(JSON.parse(JSON.stringify(await client.responses.retrieve(second.id))).output, second.output);
    const said: string[] = [];
    for await (const item of client.responses.inputItems.list(second.id, { order: "asc" }))
      said.push(JSON.stringify(item));
    equal(said.length, 3);
    match(said.join(), /First\?.*Kept\..*Second\?/);
    const count = (previous?: string) =>
      client.responses.inputTokens.count({
        model,
        input: "x",
        ...(previous !== undefined && { previous_response_id: previous }),
      });
    ok((await count(second.id)).input_tokens > (await count()).input_tokens + 4);
    await client.responses.delete(second.id);
    await rejects(client.responses.retrieve(second.id), { status: 404 });
    await rejects(client.responses.delete(second.id), { status: 404 });
  });

  test("what is not there is previous_response_not_found; so is what store: false gave, or another client got", async () => {
    const model = "ollama/m";
    const goOn = (id: string, as = client) => as.responses.create({ model, input: "x", previous_response_id: id });
    const missing = { status: 400, code: "previous_response_not_found", param: "previous_response_id" };
    upstreamOf("ollama").answer({ text: "hi" });
    await rejects(goOn("resp_unheard_of"), missing);
    await rejects(goOn((await client.responses.create({ model, input: "x", store: false })).id), missing);
    const mine = await client.responses.create({ model, input: "x" });
    const other = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: "you", maxRetries: 0 });
    await rejects(goOn(mine.id, other), missing);
    await rejects(other.responses.retrieve(mine.id), { status: 404 });
    equal((await goOn(mine.id)).output_text, "hi");
  });

  describe("over a provider that keeps answers itself", () => {
    const post = async (body: JsonObject) => {
      const headers = { authorization: "Bearer me" };
      const got = await exchange(`${router.url}/v1/responses`, { body: JSON.stringify(body), headers });
      return { status: got.status, provider: got.headers["x-router-provider"], body: JSON.parse(got.body.toString()) };
    };

    test("its ids and unknown ones are passed on, byte for byte, and the conversation stays with it", async () => {
      draw = HIGH;
      upstreamOf("openai-responses").answer({ text: "kept there" });
      const first = await post({ model: "any", input: "Kept?" });
      equal(first.provider, "openai-responses");
      draw = 0;
      upstreamOf("openai-responses").answer({ text: "kept there too" });
      const second = await post({ model: "any", input: "More?", previous_response_id: first.body.id });
      equal(second.provider, "openai-responses");
      deepEqual(upstreamOf("openai-responses").last().body, {
        model: "m",
        input: "More?",
        previous_response_id: first.body.id,
      });
      equal(router.completes().at(-1)?.decision.at(-1)?.["reason"], "stays: it keeps the answer before");
      await post({ model: "openai-responses/m", input: "x", previous_response_id: "resp_unheard_of" });
      equal(upstreamOf("openai-responses").last().body["previous_response_id"], "resp_unheard_of");
      upstreamOf("openai-responses").others.length = 0;
      await exchange(`${router.url}/v1/responses/${first.body.id}/input_items`, {
        headers: { authorization: "Bearer me" },
      });
      equal(upstreamOf("openai-responses").others[0]?.path, `/responses/${first.body.id}/input_items`);
    });

    test("an answer of another provider is written out for it", async () => {
      upstreamOf("anthropic").answer({ text: "From Claude." });
      const first = await post({ model: "anthropic/m", input: "Who?" });
      upstreamOf("openai-responses").answer({ text: "ok" });
      await post({
        model: "openai-responses/m",
        input: "Who else?",
        previous_response_id: first.body.id,
        metadata: { a: "b" },
      });
      const { body } = upstreamOf("openai-responses").last();
      equal(body["previous_response_id"], undefined);
      deepEqual(body["metadata"], { a: "b" });
      deepEqual(
        objectsOf(body["input"]).map(({ role, id }) => [role, id]),
        [
          ["user", undefined],
          ["assistant", undefined],
          ["user", undefined],
        ],
      );
    });

    test("compaction goes to it, and to no other", async () => {
      const compact = (model: string) =>
        exchange(`${router.url}/v1/responses/compact`, { body: JSON.stringify({ model, input: "long" }) });
      upstreamOf("openai-responses").others.length = 0;
      await compact("openai-responses/m");
      const [sent] = upstreamOf("openai-responses").others;
      deepEqual([sent?.path, sent?.body], ["/responses/compact", { model: "m", input: "long" }]);
      equal((await compact("anthropic/m")).status, 501);
    });
  });
});
