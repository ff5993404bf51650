import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type JsonObject, objectsOf } from "../../src/core/json.ts";
import { ASK } from "../support/clients/ask.ts";
import { exchange } from "../support/exchange.ts";
import { type InProcessRouter, startInProcess } from "../support/in-process.ts";
import { firstTurn, LOOP_CLIENTS, type LoopClient, nextTurn } from "../support/tool-loop.ts";
import type { Answer } from "../support/upstream/answer.ts";
import { type Received, startUpstream, type Upstream } from "../support/upstream/upstream.ts";

const CALLS = [
  { id: "call_1", name: "look", args: '{"city":"Oslo"}' },
  { id: "call_2", name: "look", args: '{"city":"Rome"}' },
];
const STATE = "c3RhdGUgb2YgdHVybiAx+/8=";
const THOUGHT = "Two cities 🤔, so two looks.";
const LOOKS: Answer = { thinking: { text: THOUGHT, state: STATE }, text: "Let me look.", toolCalls: CALLS };

/** OpenRouter's way to hold state, which Chat itself has no word for. */
const DETAIL = { type: "reasoning.text", text: THOUGHT, signature: STATE, format: "vendor-v1", index: 0 };
const CHAT_CALLS = CALLS.map(({ id, name, args }, index) => ({
  index,
  id,
  type: "function",
  function: { name, arguments: args },
}));

function chatLooks(stream: boolean): Answer {
  const said = { role: "assistant", content: "Let me look.", reasoning: THOUGHT, reasoning_details: [DETAIL] };
  const head = { id: "chatcmpl-1", created: 1, model: "m" };
  const finish = { index: 0, finish_reason: "tool_calls" };
  if (!stream) {
    const message = { ...said, tool_calls: CHAT_CALLS.map(({ index: _, ...call }) => call) };
    const body = { ...head, object: "chat.completion", choices: [{ ...finish, message }] };
    return { raw: { headers: { "content-type": "application/json" }, chunks: [JSON.stringify(body)] } };
  }
  const deltas = [said, { tool_calls: CHAT_CALLS }].map((delta) => ({ index: 0, delta, finish_reason: null }));
  const chunks = [...deltas, { ...finish, delta: {} }].map(
    (choice) => `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [choice] })}\n\n`,
  );
  return { raw: { headers: { "content-type": "text/event-stream" }, chunks: [...chunks, "data: [DONE]\n\n"] } };
}

const PATHS: Record<LoopClient, string> = {
  openai: "/v1/chat/completions",
  "openai-responses": "/v1/responses",
  anthropic: "/v1/messages",
  ollama: "/api/chat",
  gemini: "/v1beta/models/claude2/m:generateContent",
};

/** The providers that have state, what they answer, and where in a request of theirs it has to stand. */
const PROVIDERS = {
  claude: { format: "anthropic", looks: () => LOOKS, own: "anthropic" },
  responses: { format: "openai-responses", looks: () => LOOKS, own: "openai-responses" },
  router: { format: "openai", looks: chatLooks, own: "openai" },
  google: { format: "gemini", looks: () => LOOKS, own: "gemini" },
} as const;
type ProviderName = keyof typeof PROVIDERS;

/** What of the second turn is about the first answer: its reasoning, its text, its calls, in order. */
function saidTo(name: ProviderName, body: JsonObject): JsonObject[] {
  if (name === "responses")
    return objectsOf(body["input"]).filter(({ type, role }) => type !== "message" || role !== "user");
  if (name === "google") {
    const model = objectsOf(body["contents"]).filter(({ role }) => role === "model");
    return model.flatMap(({ parts }) => objectsOf(parts));
  }
  const assistant = objectsOf(body["messages"]).filter(({ role }) => role === "assistant");
  return name === "claude" ? assistant.flatMap(({ content }) => objectsOf(content)) : assistant;
}

/** Another first message: the conversation is not known by it any more. */
function withoutBeginning(body: JsonObject): JsonObject {
  return JSON.parse(JSON.stringify(body).replace("Stateless?", "Summary:"));
}

function expectState(name: ProviderName, body: JsonObject): void {
  const said = saidTo(name, body);
  if (name === "claude") {
    deepEqual(said[0], { type: "thinking", thinking: THOUGHT, signature: STATE });
    deepEqual(
      said.map(({ type }) => type),
      ["thinking", "text", "tool_use", "tool_use"],
    );
  } else if (name === "responses") {
    deepEqual(said[0]?.["encrypted_content"], STATE);
    deepEqual(said[0]?.["summary"], [{ type: "summary_text", text: THOUGHT }]);
    deepEqual(said.map(({ type }) => type).slice(0, 4), ["reasoning", "message", "function_call", "function_call"]);
  } else if (name === "google") {
    const calls = said.filter(({ functionCall }) => functionCall !== undefined);
    deepEqual(
      calls.map(({ thoughtSignature }) => thoughtSignature),
      [STATE, undefined],
    );
  } else deepEqual(said[0]?.["reasoning_details"], [DETAIL]);
}

describe("reasoning state comes back on the next turn", () => {
  const upstreams = new Map<string, Upstream>();
  let router: InProcessRouter;
  before(async () => {
    const config: string[] = [];
    for (const [name, format] of [
      ...Object.entries(PROVIDERS).map(([name, { format }]) => [name, format] as const),
      ["claude2", "anthropic"] as const,
    ]) {
      const upstream = await startUpstream(format);
      upstreams.set(name, upstream);
      config.push(
        `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${upstream.url}"`,
        `[[routers]]\ntype = "prefix"\nmodel_prefix = "${name}/"\nprovider = "${name}"\nrewrite_model = "model-of-${name}"`,
      );
    }
    config.push(
      `[[routers]]\ntype = "random"\n` +
        ["claude", "responses", "claude2"]
          .map((name) => `[[routers.candidates]]\nprovider = "${name}"\nmodel = "model-of-${name}"`)
          .join("\n"),
    );
    router = await startInProcess(config.join("\n\n"), { random: () => draw });
  });
  after(async () => {
    await router.close();
    for (const upstream of upstreams.values()) await upstream.close();
  });
  let draw = 0;
  /** As a seed it makes the rule draw high, as 0 makes it draw low. */
  const HIGH = 0.7;
  const upstreamOf = (name: string): Upstream => found(upstreams.get(name));

  for (const name of ["claude", "responses", "router", "google"] as const) {
    for (const client of LOOP_CLIENTS) {
      if (client === PROVIDERS[name].own) continue;
      for (const stream of [false, true]) {
        test(`${client} over ${name}, ${stream ? "stream" : "whole"}: byte for byte, in its place`, async () => {
          const upstream = upstreamOf(name);
          const body = firstTurn(client, `${name}/m`, `Where? ${client} ${stream}`);
          upstream.answer(PROVIDERS[name].looks(stream));
          const heard = await ASK[client](router.url, body, stream);
          equal(heard.toolCalls.length, 2, heard.raw);
          const second = nextTurn(client, body, heard);
          upstream.answer({ text: "Both are fine." });
          const end = await ASK[client](router.url, second, stream);
          equal(end.text, "Both are fine.", end.raw);
          expectState(name, upstream.last().body);
          equal(end.headers.get("x-router-losses")?.includes("reasoning"), undefined);
          // And again, in a later turn: the prefix stays what it was.
          const before = saidTo(name, upstream.last().body);
          const third = nextTurn(client, second, { ...end, toolCalls: [] });
          await ASK[client](router.url, third, false);
          deepEqual(saidTo(name, upstream.last().body).slice(0, before.length), before);
        });
      }
    }
  }

  test("redacted thinking, and thinking between calls", async () => {
    const upstream = upstreamOf("claude");
    const content = [
      { type: "redacted_thinking", data: "cmVkYWN0ZWQ=" },
      { type: "text", text: "First." },
      { type: "tool_use", id: "toolu_1", name: "look", input: { city: "Oslo" } },
      { type: "thinking", thinking: "", signature: "bGF0ZXI=" },
      { type: "tool_use", id: "toolu_2", name: "look", input: { city: "Rome" } },
    ];
    const message = { id: "msg_1", type: "message", role: "assistant", model: "m", content, stop_reason: "tool_use" };
    upstream.answer({ raw: { headers: { "content-type": "application/json" }, chunks: [JSON.stringify(message)] } });
    const body = firstTurn("openai", "claude/m", "Redacted?");
    const heard = await ASK.openai(router.url, body, false);
    upstream.answer({ text: "done" });
    await ASK.openai(router.url, nextTurn("openai", body, heard), false);
    deepEqual(saidTo("claude", upstream.last().body), content);
  });

  test("the conversation stays where its reasoning is pending, whatever the draw; afterwards it is drawn anew", async () => {
    draw = 0;
    upstreamOf("claude").answer(LOOKS);
    const body = firstTurn("openai", "any", "Stay?");
    const heard = await ASK.openai(router.url, body, false);
    equal(heard.headers.get("x-router-provider"), "claude");
    draw = HIGH;
    upstreamOf("claude").answer({ text: "done" });
    const second = nextTurn("openai", body, heard);
    const end = await ASK.openai(router.url, second, false);
    equal(end.headers.get("x-router-provider"), "claude");
    expectState("claude", upstreamOf("claude").last().body);
    const verdict = router.completes().at(-1)?.decision.at(-1);
    deepEqual([verdict?.["outcome"], verdict?.["reason"]], ["chosen", "stays: reasoning pending"]);
    const messages = [
      ...objectsOf(second["messages"]),
      { role: "assistant", content: "done" },
      { role: "user", content: "And?" },
    ];
    upstreamOf("claude2").answer({ text: "else" });
    const later = await ASK.openai(router.url, { ...second, messages }, false);
    equal(later.headers.get("x-router-provider"), "claude2");
    ok(!upstreamOf("claude2").last().raw.includes(STATE));
    equal(later.headers.get("x-router-losses")?.includes("state of"), undefined, "of no matter once the turn is over");
  });

  test("so does one whose client carries the state itself", async () => {
    draw = HIGH;
    upstreamOf("claude2").answer(LOOKS);
    const body = firstTurn("anthropic", "any", "Carried?");
    const heard = await ASK.anthropic(router.url, body, true);
    equal(heard.headers.get("x-router-provider"), "claude2");
    draw = 0;
    upstreamOf("claude2").answer({ text: "done" });
    const end = await ASK.anthropic(router.url, nextTurn("anthropic", body, heard), true);
    equal(end.headers.get("x-router-provider"), "claude2");
  });

  for (const client of LOOP_CLIENTS) {
    test(`${client}: calls without state stay as well, also when the client forgot how it all began`, async () => {
      for (const cut of [false, true]) {
        draw = 0;
        upstreamOf("claude").answer({
          toolCalls: CALLS.map((call) => ({ ...call, id: `${call.id}_${client}_${cut}` })),
        });
        const body = firstTurn(client, "any", `Stateless? ${client} ${cut}`);
        const heard = await ASK[client](router.url, body, false);
        equal(heard.headers.get("x-router-provider"), "claude");
        draw = HIGH;
        upstreamOf("claude").answer({ text: "done" });
        const next = nextTurn(client, body, heard);
        const end = await ASK[client](router.url, cut ? withoutBeginning(next) : next, false);
        equal(end.headers.get("x-router-provider"), "claude");
        equal(router.completes().at(-1)?.decision.at(-1)?.["reason"], "stays: a tool call's result");
      }
    });

    test(`${client}: a rule that does not offer the provider is obeyed; its state goes nowhere else, and that is told`, async () => {
      upstreamOf("claude").answer(LOOKS);
      const body = firstTurn(client, "claude/m", `Elsewhere? ${client}`);
      const heard = await ASK[client](router.url, body, false);
      const bare = nextTurn(client, body, heard);
      const second = client === "anthropic" ? withThinking(client, bare) : bare;
      upstreamOf("claude2").answer({ text: "done" });
      const end = await ASK[client](router.url, { ...second, model: "claude2/m" }, false);
      equal(end.text, "done", end.raw);
      ok(!upstreamOf("claude2").last().raw.includes(STATE));
      match(end.headers.get("x-router-losses") ?? "", /messages\[\d\]\.reasoning=dropped\(state of claude\)/);
      const verdict = router
        .completes()
        .at(-1)
        ?.decision.find(({ outcome }) => outcome === "chosen");
      match(String(verdict?.["reason"]), /^cannot stay with claude/);
      const headers = { "x-router-strict": "1", ...keyOf(client) };
      const raw = JSON.stringify({ ...second, stream: false, model: "claude2/m" });
      const strict = await exchange(`${router.url}${PATHS[client]}`, { body: raw, headers });
      equal(strict.status, 400);
      match(strict.body.toString(), /state of claude/);
    });
  }

  describe("state that the provider refuses", () => {
    const WORDS = {
      google: { status: 400, message: "Corrupted thought signature.", type: "INVALID_ARGUMENT" },
      claude: { status: 400, message: "messages.1.content.0: Invalid `signature` in `thinking` block" },
      responses: {
        status: 400,
        message:
          "The encrypted content gAAA could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
        type: "invalid_request_error",
      },
    };
    /** Refuses whatever holds the state. */
    const picky = (name: keyof typeof WORDS) => (request: Received) =>
      request.raw.includes(STATE) ? { error: WORDS[name] } : { text: "done" };

    for (const [client, name] of [
      ["anthropic", "claude"],
      ["openai-responses", "responses"],
      ["openai", "claude"],
      ["ollama", "responses"],
      ["gemini", "google"],
      ["anthropic", "google"],
    ] as const) {
      for (const stream of [false, true]) {
        test(`${client} over ${name}, ${stream ? "stream" : "whole"}: sent once more without it, and told`, async () => {
          const upstream = upstreamOf(name);
          upstream.answer(LOOKS);
          const body = firstTurn(client, `${name}/m`, `Refused? ${client} ${stream}`);
          const heard = await ASK[client](router.url, body, stream);
          const bare = nextTurn(client, body, heard);
          const second = client === PROVIDERS[name].own ? withThinking(client, bare) : bare;
          upstream.answer(picky(name));
          const end = await ASK[client](router.url, second, stream);
          deepEqual([end.status, end.text], [200, "done"], end.raw);
          equal(upstream.requests.length, 2);
          const [refused, taken] = upstream.requests;
          ok(refused?.raw.includes(STATE) && !taken?.raw.includes(STATE));
          match(end.headers.get("x-router-losses") ?? "", /messages\[\*\]\.reasoning=stripped/);
          const complete = router.completes().at(-1);
          deepEqual(
            complete?.warnings.map(({ warning, details }) => [warning, details["provider"], details["said"]]),
            [["reasoning_stripped", name, WORDS[name].message]],
          );
          ok(router.events.some((event) => event.type === "warning" && event.id === complete?.id));
          equal(complete?.passthrough, false);
        });
      }
    }

    test("once: what is refused again, or was no matter of state, is told; and a strict client loses nothing", async () => {
      const upstream = upstreamOf("claude");
      const body = withThinking("anthropic", firstTurn("anthropic", "claude/m", "Twice?"));
      const said = { role: "assistant", content: [{ type: "thinking", thinking: THOUGHT, signature: STATE }] };
      const messages = [...objectsOf(body["messages"]), said, { role: "user", content: "go on" }];
      upstream.answer({ error: WORDS.claude });
      const twice = await ASK.anthropic(router.url, { ...body, messages }, false);
      deepEqual([twice.status, upstream.requests.length], [400, 2]);
      match(twice.raw, /Invalid `signature`/);
      upstream.answer({ error: { status: 400, message: "messages: too many" } });
      await ASK.anthropic(router.url, { ...body, messages }, false);
      equal(upstream.requests.length, 1);
      upstream.answer({ error: WORDS.claude });
      const raw = JSON.stringify({ ...body, messages });
      await exchange(`${router.url}/v1/messages`, { body: raw, headers: { "x-router-strict": "1" } });
      equal(upstream.requests.length, 1);
    });
  });

  test("another client with the same call ids does not get it, nor another conversation of the same client", async () => {
    const upstream = upstreamOf("claude");
    upstream.answer(LOOKS);
    const body = firstTurn("openai", "claude/m", "Mine?");
    const asked = (more: JsonObject, key: string) =>
      exchange(`${router.url}/v1/chat/completions`, {
        body: JSON.stringify(more),
        headers: { authorization: `Bearer ${key}` },
      });
    await asked(body, "alice");
    const calls = CALLS.map(({ id, name, args }) => ({ id, name, args }));
    const heard = { ...(await ASK.openai(router.url, firstTurn("openai", "claude/m", "x"), false)), toolCalls: calls };
    upstream.answer({ text: "done" });
    await asked(nextTurn("openai", body, heard), "mallory");
    ok(!upstream.last().raw.includes(STATE));
    await asked(nextTurn("openai", firstTurn("openai", "claude/m", "Another?"), heard), "alice");
    ok(!upstream.last().raw.includes(STATE));
    await asked(nextTurn("openai", body, heard), "alice");
    ok(upstream.last().raw.includes(STATE));
  });
});

/** The key as the client's SDK presents it: what was remembered is remembered for it. */
function keyOf(client: LoopClient): Record<string, string> {
  if (client === "gemini") return { "x-goog-api-key": "client-key" };
  return client === "ollama" ? {} : { authorization: "Bearer client-key" };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is no such upstream");
  return value;
}

/** What clients of APIs with state do of their own accord: they bring it back. */
function withThinking(client: LoopClient, body: JsonObject): JsonObject {
  if (client === "openai-responses") {
    const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: STATE };
    const items = objectsOf(body["input"]).flatMap((item) =>
      item["role"] === "assistant" ? [reasoning, item] : [item],
    );
    return { ...body, input: items };
  }
  if (client === "gemini") {
    const contents = objectsOf(body["contents"]).map((content) => ({
      ...content,
      parts: objectsOf(content["parts"]).map((part) =>
        part["functionCall"] === undefined ? part : { ...part, thoughtSignature: STATE },
      ),
    }));
    return { ...body, contents };
  }
  if (client !== "anthropic") return body;
  const messages = objectsOf(body["messages"]).map((message) =>
    message["role"] === "assistant"
      ? {
          ...message,
          content: [{ type: "thinking", thinking: THOUGHT, signature: STATE }, ...objectsOf(message["content"])],
        }
      : message,
  );
  return { ...body, messages };
}
