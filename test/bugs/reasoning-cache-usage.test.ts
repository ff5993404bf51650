import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { Losses } from "../../src/core/loss.ts";
import { anthropicProvider } from "../../src/wire/anthropic/provider.ts";
import { readRequest as readChat } from "../../src/wire/openai/request/read-request.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { pathOf } from "../conformance/requests.ts";
import { callsOf, DIALOGUES, type DialogueClient } from "../support/dialogue.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";
import { heardWell } from "./ask.ts";

const SCHEMA = { type: "object", properties: { zone: { type: "string" } } };
const CLOCK = { name: "clock", description: "Tells the time.", schema: SCHEMA };
const THOUGHT = { text: "Let me look, “carefully” 🤔", state: "c2lnbmVkIGJ5IHRoZSB1cHN0cmVhbQ==" };
const CALL = { id: "toolu_1", name: "clock", args: '{"zone":"UTC"}' };

describe("bugs others had: reasoning, caches, usage", () => {
  let fleet: Fleet;
  let deepseek: Upstream;
  before(async () => {
    deepseek = await startUpstream("openai");
    const more = [
      `[[providers]]\nname = "deepseek"\npreset = "deepseek"\nbase_url = "${deepseek.url}"\napi_key_env = "UPSTREAM_KEY"`,
      '[[routers]]\ntype = "prefix"\nmodel_prefix = "deepseek-"\nprovider = "deepseek"',
    ].join("\n\n");
    fleet = await startFleet({ more });
  });
  after(async () => {
    await fleet.close();
    await deepseek.close();
  });

  /** Two turns of a tool loop; the messages the provider was sent in the second. */
  async function toolLoop(client: DialogueClient, model: string, upstream: Upstream): Promise<JsonObject[]> {
    const dialogue = DIALOGUES[client]("Be brief.", [CLOCK]);
    dialogue.user("what time is it?");
    const send = async (): Promise<JsonObject> => {
      const body = JSON.stringify(dialogue.body(model));
      const got = await exchange(fleet.router.url + pathOf(client, model, false), { body });
      equal(got.status, 200, got.body.toString());
      return JSON.parse(got.body.toString());
    };
    upstream.answer({ thinking: THOUGHT, text: "one moment", toolCalls: [CALL] });
    const first = await send();
    dialogue.answered(first);
    dialogue.results(callsOf(client, first).map(({ id, name }) => ({ id, name, text: "12:00" })));
    upstream.answer({ text: "noon" });
    await send();
    return objectsOf(upstream.last().body["messages"]);
  }

  test("38. thinking was lost or rebuilt between a call and its result (BerriAI/litellm#15601, #38809, maximhq/bifrost#6342)", async () => {
    for (const client of CHAT_CLIENTS) {
      const messages = await toolLoop(client, modelFor("anthropic").asked, fleet.upstreams.anthropic);
      const turn = messages.find((message) => message["role"] === "assistant");
      const [thinking, , call] = objectsOf(turn?.["content"]);
      deepEqual(thinking, { type: "thinking", thinking: THOUGHT.text, signature: THOUGHT.state }, client);
      equal(call?.["type"], "tool_use");
    }
  });

  test("39. encrypted reasoning sent to a deployment that cannot read it (BerriAI/litellm#22651, #40245, maximhq/bifrost#5892)", async () => {
    const upstream = fleet.upstreams["openai-responses"];
    const error = {
      message: "could not be verified",
      type: "invalid_request_error",
      code: "invalid_encrypted_content",
    };
    const refusal = { raw: { status: 400, chunks: [JSON.stringify({ error: { ...error, param: null } })] } };
    upstream.answer((request) => (request.raw.includes('encrypted_content":') ? refusal : { text: "ok" }));
    const input = [
      { role: "user", content: "hi" },
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "Zm9yZWlnbg==" },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "hello", annotations: [] }] },
      { role: "user", content: "go on" },
    ];
    const body = JSON.stringify({ model: modelFor("openai-responses").asked, input });
    const got = await exchange(`${fleet.router.url}/v1/responses`, { body });
    equal(got.status, 200, got.body.toString());
    deepEqual(
      upstream.requests.map((request) => request.raw.includes("Zm9yZWlnbg==")),
      [true, false],
      "stripped, and tried once more",
    );
    // Asked anew by a provider that never made any, nothing of the kind is sent at all.
    const chat = { model: modelFor("anthropic").asked, input };
    fleet.answer({ text: "ok" });
    await exchange(`${fleet.router.url}/v1/responses`, { body: JSON.stringify(chat) });
    ok(!fleet.upstreams.anthropic.last().raw.includes("Zm9yZWlnbg=="));
  });

  test("40. Gemini's thought signature was lost (QwenLM/qwen-code#1187, sst/opencode#4832)", async () => {
    for (const client of CHAT_CLIENTS) {
      await toolLoop(client, modelFor("gemini").asked, fleet.upstreams.gemini);
      const turn = objectsOf(fleet.upstreams.gemini.last().body["contents"]).find((each) => each["role"] === "model");
      const call = objectsOf(turn?.["parts"]).find((part) => part["functionCall"] !== undefined);
      equal(call?.["thoughtSignature"], THOUGHT.state, client);
    }
  });

  test("41. reasoning_content was missing when a tool turn was sent back (QuantumNous/new-api#4577)", async () => {
    for (const client of CHAT_CLIENTS) {
      const messages = await toolLoop(client, "deepseek-v9", deepseek);
      const turn = messages.find((message) => message["role"] === "assistant");
      equal(turn?.["reasoning_content"], THOUGHT.text, client);
    }
  });

  test("42. cached tokens were counted twice, or made the input negative (BerriAI/litellm#9812, #11789, #31069, musistudio/claude-code-router 17fd7458)", async () => {
    const cases = [
      { input: 100, output: 40, cachedRead: 60, cacheWrite: 10 },
      { input: 100, output: 40, cachedRead: 100 },
      { input: 5, output: 0 },
    ];
    for (const usage of cases) {
      for (const provider of UPSTREAM_FORMATS) {
        for (const client of CHAT_CLIENTS) {
          for (const stream of [false, true]) {
            const fields = client === "openai" && stream ? { stream_options: { include_usage: true } } : {};
            const heard = await heardWell(fleet, { client, provider, fields, stream, answer: { text: "hi", usage } });
            const where = `${client} from ${provider}: ${heard.raw}`;
            const { input = -1, output = -1, cachedRead = 0, cacheWrite = 0 } = heard.usage ?? {};
            deepEqual([input, output, cachedRead], [usage.input, usage.output, usage.cachedRead ?? 0], where);
            ok(input - cachedRead - cacheWrite >= 0, where);
          }
        }
      }
    }
    // An upstream that counts as Anthropic does in OpenAI's fields: more read from the cache than asked.
    const usage = { input: 10, output: 1, cachedRead: 4000 };
    for (const client of ["anthropic", "openai-responses", "ollama"] as const) {
      const heard = await heardWell(fleet, { client, provider: "openai", answer: { text: "hi", usage } });
      ok((heard.usage?.input ?? -1) >= (heard.usage?.cachedRead ?? 0), heard.raw);
      ok(!/:-\d/.test(heard.raw.replaceAll(/"created[^,]*/g, "")), heard.raw);
    }
  });

  test("44. the prompt cache was never hit: a billing line that changes, no cache key (musistudio/claude-code-router#1688, ggml-org/llama.cpp#21793, #20623)", async () => {
    const billing = (build: string): JsonObject => ({
      type: "text",
      text: `x-anthropic-billing-header: cc_version=${build};`,
    });
    const system = { type: "text", text: "You are Claude Code.", cache_control: { type: "ephemeral" } };
    const turns = [
      { role: "user", content: [{ type: "text", text: "one" }] },
      { role: "assistant", content: [{ type: "text", text: "two" }] },
      { role: "user", content: [{ type: "text", text: "three" }] },
    ];
    const tools = [{ name: "Bash", description: "Runs.", input_schema: SCHEMA }];
    const headers = { "x-claude-code-session-id": "session-1", "anthropic-version": "2023-06-01" };
    for (const provider of UPSTREAM_FORMATS) {
      const sent: string[] = [];
      for (const [build, count] of [
        ["1.a", 1],
        ["1.b", 3],
      ] as const) {
        const upstream = fleet.upstreams[provider];
        upstream.answer({ text: "ok" });
        const body = {
          model: modelFor(provider).asked,
          max_tokens: 1000,
          system: provider === "anthropic" ? [system] : [billing(build), system],
          messages: turns.slice(0, count),
          tools,
        };
        const got = await exchange(`${fleet.router.url}/v1/messages?beta=true`, {
          body: JSON.stringify(body),
          headers,
        });
        equal(got.status, 200);
        const { messages, input, tools: declared, instructions, system: own } = upstream.last().body;
        const conversation = JSON.stringify([declared, instructions ?? own ?? null, messages ?? input]);
        sent.push(conversation.slice(0, -2));
        if (provider !== "anthropic") ok(!conversation.includes("billing"), conversation);
      }
      ok(sent[1]?.startsWith(sent[0] ?? "?"), `${provider}\n${sent.join("\n")}`);
    }
  });

  test("45. an empty text block, marked for the cache (vercel/eve#2753, dario#1066)", () => {
    const mark = { prompt_cache_breakpoint: { mode: "explicit" } };
    const text = fc.constantFrom("", "a", " ", "\n");
    const part = fc.record({ type: fc.constant("text"), text }).map((value) => ({ ...value, ...mark }));
    const content = fc.oneof(text, fc.array(part, { maxLength: 3 }));
    const message = fc.record({ role: fc.constantFrom("system", "user", "assistant"), content });
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
        const request = readChat({ model: "claude-sonnet-5", messages: JSON.parse(JSON.stringify(messages)) }, {});
        const body = anthropicProvider.writeRequest(
          request,
          { model: "claude-sonnet-5", quirks: {} },
          new Losses(anthropicProvider.support),
        );
        const blocks = [
          ...objectsOf(body["system"]),
          ...objectsOf(body["messages"]).flatMap((turn) => objectsOf(turn["content"])),
        ];
        for (const block of blocks) match(asString(block["text"]) ?? "x", /\S/, JSON.stringify(body));
        for (const turn of objectsOf(body["messages"])) ok(objectsOf(turn["content"]).length > 0);
      }),
    );
  });
});
