import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { ChatEvent } from "../../src/core/event.ts";
import { asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { openaiClient } from "../../src/wire/openai/client.ts";
import { openaiProvider } from "../../src/wire/openai/provider.ts";
import { legalToolId, PLAIN_ID } from "../../src/wire/tools/ids.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { answerContext } from "../support/answers.ts";
import { checkAnthropicStream } from "../support/anthropic-grammar.ts";
import { dataLines } from "../support/clients/heard.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { readSeen } from "../support/seen/read.ts";
import { itemsWith } from "../support/seen/seen.ts";
import { readAll } from "../support/streams.ts";
import { UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { callChunk, chunk, DONE, heardWell, streamOf } from "./ask.ts";

const CALLS = ["a", "b", "c"].map((id) => ({ id: `call_${id}`, name: "clock", args: `{"zone":"${id}"}` }));
const BOTH = CALLS.slice(0, 2);
const TWO_RESULTS: JsonObject[] = [
  { role: "user", content: "which?" },
  {
    role: "assistant",
    content: null,
    tool_calls: BOTH.map(({ id, name, args }) => ({ id, type: "function", function: { name, arguments: args } })),
  },
  { role: "tool", tool_call_id: "call_b", content: "second" },
  { role: "tool", tool_call_id: "call_a", content: "first" },
];

describe("bugs others had: tool calls", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());

  test("1. three parallel calls collapsed into one (BerriAI/litellm#15307, #15315)", async () => {
    for (const client of CHAT_CLIENTS) {
      const heard = await heardWell(fleet, { client, provider: "openai", answer: { toolCalls: CALLS } });
      deepEqual(
        heard.toolCalls.map(({ id, args }) => [id, args]),
        CALLS.map(({ id, args }) => [id, args]),
      );
    }
  });

  test("2. calls of a Gemini answer without an index of their own (BerriAI/litellm#5231, QuantumNous/new-api#672)", async () => {
    const { raw } = await heardWell(fleet, { client: "openai", provider: "gemini", answer: { toolCalls: BOTH } });
    const calls = dataLines(raw)
      .flatMap((frame) => objectsOf(frame["choices"]))
      .flatMap((choice) => objectsOf(asObject(choice["delta"])?.["tool_calls"]));
    const named = calls.filter((call) => asObject(call["function"])?.["name"] !== undefined);
    deepEqual(
      named.map((call) => call["index"]),
      [0, 1],
    );
  });

  test("3. a call without arguments came as an empty string (BerriAI/litellm#5063, #5091)", async () => {
    const answer = { toolCalls: [{ id: "call_1", name: "now", args: "" }] };
    for (const client of CHAT_CLIENTS) {
      for (const provider of UPSTREAM_FORMATS) {
        if (client === provider) continue;
        for (const stream of [false, true]) {
          const { toolCalls } = await heardWell(fleet, { client, provider, answer, stream });
          deepEqual(
            toolCalls.map((call) => call.args),
            ["{}"],
            `${client} from ${provider}`,
          );
        }
      }
    }
  });

  test("4. the empty input of a starting block came before the arguments (BerriAI/litellm#4537)", async () => {
    for (const client of ["openai", "openai-responses", "ollama"] as const) {
      const heard = await heardWell(fleet, { client, provider: "anthropic", answer: { toolCalls: BOTH } });
      deepEqual(
        heard.toolCalls.map((call) => call.args),
        BOTH.map((call) => call.args),
      );
    }
  });

  test("5. a call was closed as soon as its arguments parsed (vercel/ai ac306ed, 45b3d76)", async () => {
    const frames = (...args: string[]) => [
      callChunk({ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" } }),
      ...args.map((text) => callChunk({ index: 0, function: { arguments: text } })),
      chunk({}, "tool_calls"),
      DONE,
    ];
    for (const args of [
      ["1", "2"],
      ['{"a":1}', " ", "\n"],
      ['{"a":', "{}", ',"b":2}'],
    ]) {
      const heard = await heardWell(fleet, {
        client: "openai-responses",
        provider: "openai",
        answer: streamOf(...frames(...args)),
      });
      equal(heard.toolCalls[0]?.args, args.join(""));
    }
    const text = frames("1", "2").join("");
    for (let at = 1; at < text.length; at++) {
      const events = readAll(openaiProvider.readStream(), text, [at, text.length]);
      const read = events.map((event) => (event.type === "arguments-delta" ? event.text : "")).join("");
      equal(read, "12", `cut at ${at}`);
      equal(events.filter((event) => event.type === "block-end").length, 1);
    }
  });

  test("6. tool indices with gaps, or none at all, crashed or merged calls (vercel/ai 1bec07d)", async () => {
    const call = (id: string, index: number | undefined) =>
      callChunk({
        ...(index !== undefined && { index }),
        id,
        type: "function",
        function: { name: "f", arguments: `{"from":"${id}"}` },
      });
    for (const [first, second] of [
      [1, 3],
      [3, 1],
      [undefined, undefined],
    ] as const) {
      const answer = streamOf(call("call_a", first), call("call_b", second), chunk({}, "tool_calls"), DONE);
      for (const client of ["anthropic", "openai-responses", "ollama"] as const) {
        const heard = await heardWell(fleet, { client, provider: "openai", answer });
        const got = heard.toolCalls.map(({ id, args }) => [id, args]);
        deepEqual(got, [
          ["call_a", '{"from":"call_a"}'],
          ["call_b", '{"from":"call_b"}'],
        ]);
      }
    }
  });

  test("7. type on every delta and deltas of nothing broke clients: the bytes of two calls (maximhq/bifrost#3443)", () => {
    const writer = openaiClient.writeStream(answerContext());
    const events: ChatEvent[] = [{ type: "start", id: "c1", model: "m" }];
    for (const index of [0, 1]) {
      const block = { type: "tool-call", id: `call_${index}`, name: "f", kind: "function" } as const;
      events.push({ type: "block-start", index, block });
      for (const text of ['{"a":', "1}"]) events.push({ type: "arguments-delta", index, text });
      events.push({ type: "block-end", index });
    }
    events.push({ type: "finish", reason: "tool_calls" }, { type: "end" });
    const written = events.map((event) => writer.write(event)).join("");
    const head = '{"id":"c1","object":"chat.completion.chunk","created":1795435200,"model":"m"';
    const golden = (delta: string, finish = "null") =>
      `data: ${head},"choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`;
    const call = (index: number) => {
      const named = `"id":"call_${index}","type":"function","function":{"name":"f","arguments":""}`;
      const rest = ['{\\"a\\":', "1}"].map((text) => `"function":{"arguments":"${text}"}`);
      return [named, ...rest].map((fields) => golden(`{"tool_calls":[{"index":${index},${fields}}]}`)).join("");
    };
    const opening = golden('{"role":"assistant","content":""}');
    equal(written, opening + call(0) + call(1) + golden("{}", '"tool_calls"') + DONE);
  });

  test("8. deltas that take turns went into the wrong block (praxis-proxy/ai#266, Wei-Shaw/sub2api#4302, farion1231/cc-switch#2303)", async () => {
    for (const client of CHAT_CLIENTS) {
      const answer = { toolCalls: CALLS, stream: { interleave: true } };
      const heard = await heardWell(fleet, { client, provider: "openai", answer });
      deepEqual(
        heard.toolCalls.map((call) => call.args),
        CALLS.map((call) => call.args),
      );
      if (client === "anthropic") checkAnthropicStream(heard.raw);
    }
  });

  test("9. ids were lost between call and result, so results in another order were mixed up (ollama/ollama#12988, #12956)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      await heardWell(fleet, { client: "openai", provider, answer: { text: "ok" }, fields: { messages: TWO_RESULTS } });
      if (provider === "openai") continue;
      const seen = readSeen(provider, fleet.upstreams[provider].last().body);
      const calls = new Map(itemsWith(seen, "call").map((item) => [item["call"], item["args"]]));
      const results = itemsWith(seen, "result").map((item) => [
        calls.get(item["result"] ?? ""),
        objectsOf(item["parts"])[0]?.["text"],
      ]);
      const inOrder = results.toSorted(([, one], [, other]) => String(one).localeCompare(String(other)));
      deepEqual(inOrder, [
        [{ zone: "a" }, "first"],
        [{ zone: "b" }, "second"],
      ]);
    }
  });

  test("10. ids such as Bash:0 were refused (musistudio/claude-code-router#1808, mnfst/llm-gateway#2756)", async () => {
    const rule = { pattern: PLAIN_ID, max: 64 };
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", minLength: 1, maxLength: 90 }),
        fc.string({ minLength: 1 }),
        (one, other) => {
          const legal = legalToolId(one, rule);
          match(legal, PLAIN_ID);
          ok(legal.length <= 64);
          equal(legalToolId(one, rule), legal, "a call and its result would part");
          equal(legalToolId(legal, rule), legal, "a legal id changes");
          if (one !== other) notEqual(legalToolId(other, rule), legal);
        },
      ),
    );
    const messages: JsonObject[] = JSON.parse(JSON.stringify(TWO_RESULTS).replaceAll('"call_', '"functions.x:'));
    for (const provider of ["anthropic", "openai-responses"] as const) {
      await heardWell(fleet, { client: "openai", provider, answer: { text: "ok" }, fields: { messages } });
      const seen = readSeen(provider, fleet.upstreams[provider].last().body);
      deepEqual(seen.unknown, []);
      const [calls, results] = ["call", "result"].map((key) => itemsWith(seen, key).map((item) => item[key]));
      // Anthropic's turns are put in order: results follow their calls.
      deepEqual(results, provider === "anthropic" ? calls : calls?.toReversed());
    }
  });

  test("11. flattened namespaces made duplicates and were not restored (openai/codex#23186, #33263, maximhq/bifrost#7048)", async () => {
    const tool = (name: string): JsonObject => ({ type: "function", name, parameters: { type: "object" } });
    const space = (name: string, ...tools: string[]): JsonObject => ({
      type: "namespace",
      name,
      description: "",
      tools: tools.map(tool),
    });
    const post = (tools: JsonObject[]) => {
      const body = JSON.stringify({ model: modelFor("anthropic").asked, input: "hi", tools });
      return exchange(`${fleet.router.url}/v1/responses`, { body });
    };
    const refused = await post([space("a", "b__c"), space("a__b", "c")]);
    equal(refused.status, 400, refused.body.toString());
    fleet.answer({ toolCalls: [{ id: "call_1", name: "agents__spawn", args: "{}" }] });
    const answered = await post([space("agents", "spawn"), tool("spawn")]);
    deepEqual(
      readSeen("anthropic", fleet.upstreams.anthropic.last().body).tools.map((sent) => sent["name"]),
      ["agents__spawn", "spawn"],
    );
    const [item] = objectsOf(JSON.parse(answered.body.toString()).output);
    deepEqual([item?.["namespace"], item?.["name"]], ["agents", "spawn"]);
  });

  test("12. argument keys were put in another order, so the prompt cache missed (ollama/ollama ac83ac20)", async () => {
    const args = '{"zeta":1,"alpha":{"y":[1,2],"b":null},"mid":"x"}';
    const answer = { toolCalls: [{ id: "call_1", name: "f", args }] };
    for (const provider of UPSTREAM_FORMATS) {
      for (const client of CHAT_CLIENTS) {
        const [call] = (await heardWell(fleet, { client, provider, answer })).toolCalls;
        equal(call?.args, args, `${client} from ${provider}`);
      }
      const messages = JSON.parse(
        JSON.stringify(TWO_RESULTS).replace(JSON.stringify(CALLS[0]?.args), JSON.stringify(args)),
      );
      await heardWell(fleet, { client: "openai", provider, answer: { text: "ok" }, fields: { messages } });
      const sent = fleet.upstreams[provider].last().raw.toString();
      ok(sent.includes(args) || sent.includes(JSON.stringify(args)), `${provider}: ${sent}`);
    }
  });

  test("13. free-form tools were dropped (router-for-me/CLIProxyAPI#5753)", async () => {
    const patch = '*** Begin Patch\n*** Add File: a "b"\n+x\\n\n*** End Patch';
    const tool = {
      type: "custom",
      name: "apply_patch",
      format: { type: "grammar", syntax: "lark", definition: "start: /.+/" },
    };
    for (const provider of ["anthropic", "ollama"] as const) {
      for (const stream of [false, true]) {
        fleet.answer({ toolCalls: [{ id: "call_1", name: "apply_patch", args: JSON.stringify({ input: patch }) }] });
        const body = JSON.stringify({ model: modelFor(provider).asked, input: "hi", tools: [tool], stream });
        const text = (await exchange(`${fleet.router.url}/v1/responses`, { body })).body.toString();
        const [sent] = readSeen(provider, fleet.upstreams[provider].last().body).tools;
        equal(sent?.["name"], "apply_patch");
        const whole: JsonObject = JSON.parse(
          stream ? (/^data: (\{"type":"response.completed".*)$/m.exec(text)?.[1] ?? "") : text,
        );
        const [item] = objectsOf((asObject(whole["response"]) ?? whole)["output"]);
        deepEqual([item?.["type"], asString(item?.["input"])], ["custom_tool_call", patch]);
      }
    }
  });

  test("14. Gemini refused the words of JSON Schema it does not know (router-for-me/CLIProxyAPI#97, freellmapi#65, nakama#292)", async () => {
    const a: JsonObject = { type: "string", minLength: 1, pattern: "^a", format: "uuid", contentEncoding: "base64" };
    const b: JsonObject = { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 9, multipleOf: 2, const: 4 };
    const c: JsonObject = {
      type: ["array", "null"],
      prefixItems: [{}],
      contains: {},
      minContains: 1,
      uniqueItems: true,
    };
    const parameters: JsonObject = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://example.com/a",
      $defs: { node: { $ref: "#/$defs/node", $comment: "recursive" } },
      type: "object",
      properties: { a, b, c, d: { $ref: "#/$defs/node" }, e: { oneOf: [a, b], not: c } },
      patternProperties: { "^x": {} },
      propertyNames: a,
      dependentRequired: { a: ["b"] },
      dependentSchemas: { a: {} },
      allOf: [{ if: {}, else: {} }],
      unevaluatedProperties: false,
      additionalProperties: false,
    };
    const tools = [{ type: "function", function: { name: "f", parameters } }];
    await heardWell(fleet, { client: "openai", provider: "gemini", answer: { text: "ok" }, fields: { tools } });
    const [declared] = objectsOf(fleet.upstreams.gemini.last().body["tools"]).flatMap((tool) =>
      objectsOf(tool["functionDeclarations"]),
    );
    // `parameters` takes a subset, a 400 for anything else; its neighbour takes JSON Schema as it is.
    equal(declared?.["parameters"], undefined);
    equal(JSON.stringify(declared?.["parametersJsonSchema"]), JSON.stringify(parameters));
  });
});
