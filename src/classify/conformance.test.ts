import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { contextOf } from "../../test/support/classify.ts";
import { systemClock } from "../core/clock.ts";
import type { JsonObject } from "../core/json.ts";
import type { Part } from "../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { HttpTool, ModelTool } from "../core/stage-tools.ts";
import type { ClassifierTools, ClassifyContext } from "./classifier.ts";
import { CLASSIFIER_KINDS, RESPONSE_CLASSIFIER_KINDS } from "./index.ts";

/** Settings each takes, with the oddest names for tags; as JSON, in which `__proto__` is a key like any other. */
const HOSTILE_TAGS = '"__proto__":["x"],"constructor":["x"],"toString":["(?i)a"],"a,b":["\\ud83d"]';
const DESCRIBED = '"__proto__":"x","constructor":"y","code":"z"';
const SETTINGS: Readonly<Record<string, string>> = {
  keyword: `{"tags":{${HOSTILE_TAGS}}}`,
  regex: `{"tags":{"__proto__":["x"],"constructor":["x"],"toString":["(?i)a"]}}`,
  structure: '{"long_context_tokens":1}',
  llm: `{"model":"m","tags":{${DESCRIBED}}}`,
  http: '{"url":"http://localhost/x"}',
};

const TOOLS: ClassifierTools = { log: () => undefined, clock: systemClock, env: {} };
const LONG = "a b x ".repeat(170_000);
const LONE = "\ud83d x \udc00\ud83d";
const text = (value: string): Part => ({ type: "text", text: value });

function nested(depth: number): Part {
  let part = text("x");
  for (let level = 0; level < depth; level++)
    part = { type: "tool-result", callId: "1", parts: [part], isError: false };
  return part;
}

const user = (...parts: Part[]): Message => ({ role: "user", parts });
const ask = (messages: Message[], more: Partial<ChatRequest> = {}): ChatRequest => ({
  ...emptyRequest("openai", "m"),
  messages,
  ...more,
});

const REQUESTS: Readonly<Record<string, () => ChatRequest>> = {
  empty: () => ask([]),
  "no parts": () => ask([user()]),
  "empty texts": () => ask([user(text(""), text(""))], { system: [text("")] }),
  "400 messages": () => ask(Array.from({ length: 400 }, (_, at) => user(text(`x ${at} and the ${LONE}`)))),
  "1 MB": () => ask([user(text(LONG))], { system: [text(LONG)] }),
  "halves of characters": () => ask([user(text(LONE))], { system: [text(LONE)], model: LONE }),
  "names of objects' own": () => ask([user(text("__proto__ constructor toString"))], { model: "__proto__", tools: [] }),
  "every part": () =>
    ask(
      [
        user(
          { type: "image", source: { kind: "url", url: "http://x" } },
          { type: "document", source: { kind: "text", text: "x" }, title: "x", context: "x" },
          { type: "document", source: { kind: "file", dialect: "openai", id: "f" } },
          { type: "audio", data: "", format: "wav" },
          { type: "opaque", dialect: "openai", what: "x", value: null },
          { type: "refusal", text: "x" },
          nested(500),
        ),
        { role: "assistant", parts: [{ type: "reasoning", text: "x" }] },
      ],
      { output: { kind: "json" }, reasoning: {}, tools: [{ kind: "function", name: "f" }] },
    ),
};

/** What those who are asked say: what was asked for, and whatever else comes from a model or a service. */
const ANSWERS = ['{"tags":["code","__proto__"]}', "", "null", '{"tags":null}', '{"tags":[{}]}', "[", LONE, LONG];

function contextSaying(said: string): ClassifyContext {
  const response: ChatResponse = { id: "1", model: "m", parts: [text(said)], finish: { reason: "stop" } };
  const models: ModelTool = { ask: () => Promise.resolve({ text: said, response }) };
  const http: HttpTool = {
    fetch: () => Promise.resolve({ status: 200, headers: {}, text: said, json: () => JSON.parse(said) }),
  };
  return contextOf({ models, http });
}

for (const kind of CLASSIFIER_KINDS) {
  describe(`classifier ${kind.name}`, () => {
    const built = () => kind.build(settingsOf(kind.name), TOOLS);

    for (const [name, make] of Object.entries(REQUESTS)) {
      test(`${name}: gives texts, or says why not; changes nothing`, async () => {
        const classifier = built();
        assert.equal(classifier.id, kind.name);
        const request = frozen(make());
        for (const said of classifier.asks ? ANSWERS : ANSWERS.slice(0, 1)) {
          const given = await tagsOr(() => classifier.classify(request, contextSaying(said)));
          if (given instanceof Error) assert.ok(classifier.asks, `${said.slice(0, 100)}: ${given.stack}`);
          else areTags(given);
        }
      });
    }

    test("takes nothing it does not know, and goes without being closed twice", async () => {
      assert.equal(kind.schema.safeParse({ ...settingsOf(kind.name), surprise: 1 }).success, false);
      await built().close?.();
    });
  });
}

const RESPONSES: Readonly<Record<string, Part[]>> = {
  empty: [],
  "empty texts": [text(""), text("")],
  "1 MB": [text(LONG)],
  "halves of characters": [text(LONE)],
  "a call": [{ type: "tool-call", id: "1", name: "__proto__", arguments: "{", kind: "function" }],
  "every part": [{ type: "reasoning", text: "x" }, { type: "refusal", text: "x" }, nested(500), text("x")],
  "deep JSON": [text("[".repeat(200_000))],
};

for (const kind of RESPONSE_CLASSIFIER_KINDS) {
  describe(`response classifier ${kind.name}`, () => {
    for (const [name, parts] of Object.entries(RESPONSES)) {
      test(`${name}: gives texts, changes nothing`, () => {
        const classifier = kind.build(kind.name === "regex" ? settingsOf("regex") : {}, TOOLS);
        assert.equal(classifier.id, kind.name);
        const response = frozen<ChatResponse>({ id: "1", model: "m", parts, finish: { reason: "other" } });
        for (const output of [
          undefined,
          { kind: "json" },
          { kind: "json_schema", schema: { type: "object" } },
        ] as const) {
          const request = frozen(ask([user(text("x"))], output ? { output } : {}));
          areTags([...classifier.classify(response, { request })]);
        }
      });
    }
  });
}

function settingsOf(name: string): JsonObject {
  const json = SETTINGS[name];
  assert.ok(json, `${name} has no settings in this suite: add some`);
  return JSON.parse(json);
}

async function tagsOr(run: () => Iterable<string> | Promise<Iterable<string>>): Promise<string[] | Error> {
  try {
    return [...(await run())];
  } catch (error) {
    assert.ok(error instanceof Error, String(error));
    return error;
  }
}

function areTags(tags: readonly unknown[]): void {
  for (const tag of tags) assert.ok(typeof tag === "string" && tag !== "" && tag.length <= 100, JSON.stringify(tag));
}

/** Whoever changes it throws. */
function frozen<T>(value: T): T {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    Object.freeze(next);
    waiting.push(...Object.values(next));
  }
  return value;
}
