import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { providerSchema } from "../../config/config.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { Part } from "../../core/part.ts";
import { type ChatRequest, emptyRequest, type FunctionTool } from "../../core/request.ts";
import { reduceEvents } from "../../core/response.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import { simulatedAnswer, tokensOf } from "./answer.ts";
import { EXAMPLES } from "./examples.ts";
import { simulatedSettings } from "./settings.ts";

const text = (value: string): Part => ({ type: "text", text: value });
const weather: FunctionTool = {
  kind: "function",
  name: "get_weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

function request(prompt: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return { ...emptyRequest("openai", "m"), messages: [{ role: "user", parts: [text(prompt)] }], ...more };
}

function settings(config: object = {}) {
  return simulatedSettings(providerSchema.parse({ name: "s", format: "simulated", ...config }));
}

function eventsFor(call: ChatRequest): ChatEvent[] {
  const answer = simulatedAnswer(call, settings(), () => 0.5);
  assert.ok("chunks" in answer);
  return answer.chunks.flatMap((chunk) => chunk.events);
}

function answerTo(call: ChatRequest) {
  const built = reduceEvents(eventsFor(call));
  return { ...built.response(), failure: built.failure };
}

describe("what it says", () => {
  test("echoes what the person typed, behind an agent's reminders", () => {
    const parts = [text("<system-reminder>be good</system-reminder>"), text("hello")];
    const { parts: said, finish, usage } = answerTo(request("", { messages: [{ role: "user", parts }] }));
    assert.deepEqual(said, [text("This is the router's simulated provider, not a model. You said: hello")]);
    assert.deepEqual(finish, { reason: "stop" });
    assert.ok(usage && usage.input > 0 && usage.output > 0 && usage.reported);
  });

  test("counts images, and says so when there is no text", () => {
    const image: Part = { type: "image", source: { kind: "url", url: "http://x/" } };
    const { parts } = answerTo(request("", { messages: [{ role: "user", parts: [image, image] }] }));
    assert.match(JSON.stringify(parts), /I see 2 images\. You said nothing\./);
  });

  test("thinks when asked to, and not when told not to", () => {
    const types = (reasoning: ChatRequest["reasoning"]) =>
      answerTo(request("why", reasoning ? { reasoning } : {})).parts.map((part) => part.type);
    assert.deepEqual(types({ effort: "low" }), ["reasoning", "text"]);
    assert.deepEqual(types({ budgetTokens: 1024, mode: "on" }), ["reasoning", "text"]);
    assert.deepEqual(types({ mode: "adaptive" }), ["reasoning", "text"]);
    for (const none of [undefined, {}, { effort: "none" }, { mode: "off", effort: "high" }] as const) {
      assert.deepEqual(types(none), ["text"]);
    }
  });

  test("stops at the first stop sequence and at the output limit", () => {
    const stopped = answerTo(request("one two three", { sampling: { stop: ["zzz", "three", " two"] } }));
    assert.match(JSON.stringify(stopped.parts), /You said: one"/);
    assert.deepEqual(stopped.finish, { reason: "stop_sequence", stopSequence: " two" });
    const short = answerTo(request("one two three", { maxOutputTokens: 3, reasoning: { effort: "high" } }));
    assert.deepEqual(short.finish, { reason: "length" });
    assert.equal(short.usage?.output, 3);
    assert.equal(short.usage?.reasoning, 3);
  });

  test("answers in the shape asked for", () => {
    const output = {
      kind: "json_schema" as const,
      schema: { type: "object", properties: { n: { const: 4 } }, required: ["n"] },
    };
    assert.deepEqual(answerTo(request("x", { output })).parts, [text('{"n":4}')]);
    assert.deepEqual(answerTo(request("x", { output: { kind: "json" } })).parts, [
      text('{"simulated":true,"said":"x"}'),
    ]);
  });

  test("declines, breaks and stops short when ordered", () => {
    assert.deepEqual(answerTo(request("simulate a refusal")).finish, { reason: "refusal" });
    const broken = answerTo(request("simulate an error midway, please"));
    assert.equal(broken.failure?.kind, "overloaded");
    assert.ok(JSON.stringify(broken.parts).length > 40);
    assert.ok(!eventsFor(request("simulate a cut")).some(({ type }) => type === "end" || type === "error"));
    const answer = simulatedAnswer(request("Simulate status 429"), settings(), () => 0.5);
    assert.equal(answer.status, 429);
  });
});

describe("tools", () => {
  const tools = [weather, { kind: "custom" as const, name: "shell" }];
  const calls = (prompt: string, more: Partial<ChatRequest> = {}) =>
    answerTo(request(prompt, { tools, ...more })).parts.map((part) =>
      part.type === "tool-call" ? `${part.kind} ${part.name} ${part.arguments}` : part.type,
    );

  test("calls what the prompt orders, several at once, arguments as written", () => {
    const prompt = 'Please call tool get_weather {"city": "a}\\"b"} and call tool `get_weather`. Then call tool shell.';
    assert.deepEqual(calls(prompt), [
      'function get_weather {"city": "a}\\"b"}',
      'function get_weather {"city":"simulated"}',
      "custom shell simulated input",
    ]);
    assert.deepEqual(calls(prompt, { parallelToolCalls: false }), ['function get_weather {"city": "a}\\"b"}']);
    assert.equal(answerTo(request(prompt, { tools })).finish.reason, "tool_calls");
  });

  test("ids differ", () => {
    const { parts } = answerTo(request("call tool shell call tool shell", { tools }));
    const ids = parts.map((part) => (part.type === "tool-call" ? part.id : ""));
    assert.equal(new Set(ids).size, 2);
    for (const id of ids) assert.match(id, /^[\w-]{8,40}$/);
  });

  test("never calls what is not declared or not allowed, and calls what is demanded", () => {
    assert.deepEqual(calls("call tool rm {}"), ["text"]);
    assert.deepEqual(calls("call tool shell", { toolChoice: { mode: "none" } }), ["text"]);
    const only = { mode: "allowed" as const, names: ["get_weather"], required: false };
    assert.deepEqual(calls("call tool shell", { toolChoice: only }), ["text"]);
    assert.deepEqual(calls("hi", { toolChoice: { mode: "required" } }), ['function get_weather {"city":"simulated"}']);
    assert.deepEqual(calls("hi", { toolChoice: { mode: "tool", name: "shell" } }), ["custom shell simulated input"]);
  });

  test("reports results instead of calling again", () => {
    const call: Part = { type: "tool-call", id: "1", name: "get_weather", arguments: "{}", kind: "function" };
    const result = (isError: boolean, value: string): Part => ({
      type: "tool-result",
      callId: "1",
      name: "get_weather",
      parts: [text(value)],
      isError,
    });
    const { parts } = answerTo(
      request("", {
        tools,
        messages: [
          { role: "user", parts: [text("call tool get_weather")] },
          { role: "assistant", parts: [call] },
          { role: "tool", parts: [result(false, "sunny"), result(true, "no such city")] },
          { role: "user", parts: [text("call tool get_weather")] },
        ],
      }),
    );
    assert.deepEqual(parts, [text("The tool get_weather returned: sunny\nThe tool get_weather failed: no such city")]);
  });

  test("in several rounds, if it is ordered so: each goes on from the results of the one before", () => {
    const messages: ChatRequest["messages"] = [{ role: "user", parts: [text("call tool get_weather, in 2 rounds")] }];
    const rounds: string[] = [];
    for (let round = 0; round < 3; round++) {
      const { parts } = answerTo(request("", { tools, messages }));
      rounds.push(parts.map(({ type }) => type).join());
      messages.push({ role: "assistant", parts });
      const result: Part = { type: "tool-result", callId: "1", parts: [text("sunny")], isError: false };
      messages.push({ role: "tool", parts: [result] });
    }
    assert.deepEqual(rounds, ["tool-call", "tool-call", "text"]);
  });
});

describe("replies", () => {
  const replies = [
    { to: "weather", say: "Sunny. So I looked.", think: "I look.", call: { get_weather: { city: "Rome" }, other: {} } },
    { to: "W", say: "never: the first that is met answers" },
  ];
  const answered = (call: ChatRequest, config: object = { replies }) => {
    const answer = simulatedAnswer(call, settings(config), () => 0.5);
    assert.ok("chunks" in answer);
    return reduceEvents(answer.chunks.flatMap(({ events }) => events)).response();
  };

  test("say what was written down for the prompt, and think it; a call only where its tool is declared", () => {
    const call = request("What WEATHER is it?", { reasoning: { effort: "low" }, sampling: { stop: [" So"] } });
    const { parts, finish } = answered(call);
    assert.deepEqual(parts, [{ type: "reasoning", text: "I look." }, text("Sunny.")]);
    assert.equal(finish.reason, "stop_sequence");
    assert.match(JSON.stringify(answered(request("hello")).parts), /You said: hello/);
  });

  test("call their tools first, and say the rest when results have come", () => {
    const asked: ChatRequest["messages"] = [{ role: "user", parts: [text("the weather?")] }];
    const { parts, finish } = answered(request("", { tools: [weather], messages: asked }));
    assert.deepEqual(
      parts.map((part) => part.type === "tool-call" && [part.name, part.arguments]),
      [["get_weather", '{"city":"Rome"}']],
    );
    assert.equal(finish.reason, "tool_calls");
    const result: Part = { type: "tool-result", callId: "1", parts: [text("sun")], isError: false };
    const after = [...asked, { role: "assistant" as const, parts }, { role: "tool" as const, parts: [result] }];
    assert.deepEqual(answered(request("", { tools: [weather], messages: after })).parts, [text("Sunny. So I looked.")]);
  });

  test("examples: each prompt of the demo has its own answer", () => {
    const all = EXAMPLES.flat();
    assert.ok(all.length > 30);
    for (const { to, say } of all) {
      assert.deepEqual(answered(request(to), { replies: "examples" }).parts, [text(say)]);
    }
  });
});

test("time: the first token at ttft_ms, one each 1/tokens_per_s, and whole answers when the last is due", () => {
  const paced = settings({ ttft_ms: 100, tokens_per_s: 50 });
  const streamed = simulatedAnswer(request("hello there", { stream: true }), paced, () => 0.5);
  const whole = simulatedAnswer(request("hello there"), paced, () => 0.5);
  assert.ok("chunks" in streamed && "chunks" in whole);
  const due = streamed.chunks.map(({ dueMs }) => dueMs);
  assert.deepEqual(
    due,
    due.map((_, index) => 100 + 20 * index),
  );
  assert.ok(due.length > 10);
  assert.deepEqual(
    whole.chunks.map(({ dueMs }) => dueMs),
    [due.at(-1)],
  );
  const unpaced = simulatedAnswer(request("hello", { stream: true }), settings(), () => 0.5);
  assert.ok("chunks" in unpaced && unpaced.chunks.length === 1 && unpaced.chunks[0]?.dueMs === 0);
});

test("failures come at their rate, with their statuses, and repeat with the seed", () => {
  const draw = (config: object, seed: number) => {
    const random = seededRandom(seed);
    return Array.from({ length: 2000 }, () => simulatedAnswer(request("x"), settings(config), random).status);
  };
  const first = draw({ error_rate: 0.25, errors: [429, 503] }, 7);
  assert.deepEqual(first, draw({ error_rate: 0.25, errors: [429, 503] }, 7));
  assert.notDeepEqual(first, draw({ error_rate: 0.25, errors: [429, 503] }, 8));
  const count = (status: number) => first.filter((one) => one === status).length;
  for (const status of [429, 503]) assert.ok(count(status) > 190 && count(status) < 310, `${count(status)}`);
  assert.equal(count(200), 2000 - count(429) - count(503));
  assert.ok(draw({ errors: [529] }, 1).every((status) => status === 529));
  assert.ok(draw({}, 1).every((status) => status === 200));
});

test("tokens are the text, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      assert.equal(tokensOf(value).join(""), value);
    }),
  );
});

test("whatever is asked: the events keep the grammar, and streamed and whole say the same", () => {
  const words = ["call tool get_weather {}", "simulate a refusal", "simulate an error midway", "hello\n", "🙂", " "];
  const calls = fc.record(
    {
      messages: fc.array(
        fc.record({
          role: fc.constantFrom("user", "assistant", "tool", "system"),
          parts: fc.array(fc.constantFrom(...words).map(text)),
        }),
      ),
      tools: fc.constant<ChatRequest["tools"]>([weather]),
      maxOutputTokens: fc.integer({ min: 1, max: 30 }),
      reasoning: fc.constant({ effort: "high" as const }),
      sampling: fc.record({ stop: fc.subarray(["said", "tool", "o"]) }, { noNullPrototype: true }),
    },
    { requiredKeys: ["messages"] },
  );
  fc.assert(
    fc.property(calls, (some) => {
      const call: ChatRequest = { ...emptyRequest("openai", "m"), ...some };
      const events = eventsFor({ ...call, stream: true });
      const opened = events.flatMap((event) => (event.type === "block-start" ? [event.index] : []));
      const closed = events.flatMap((event) => (event.type === "block-end" ? [event.index] : []));
      assert.deepEqual(opened, [...opened.keys()]);
      assert.deepEqual(closed, opened);
      assert.equal(events[0]?.type, "start");
      assert.ok(events.at(-1)?.type === "end" || events.at(-1)?.type === "error");
      assert.deepEqual(answerTo({ ...call, stream: true }), answerTo(call));
    }),
  );
});
