import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { loggedExchange } from "../../../test/support/logged-exchange.ts";
import type { JsonObject } from "../../core/json.ts";
import { type Askable, askable } from "./askable.ts";
import { compare, similarity } from "./compare.ts";

function read(more: JsonObject): Askable {
  const one = askable(loggedExchange(more));
  ok(typeof one === "object", `cannot be asked: ${String(one)}`);
  return one;
}

const user = (...content: JsonObject[]): JsonObject => ({ messages: [{ role: "user", content }] });

/** Why, what the record has, and what is said of it. */
const NOT: [string, JsonObject, string][] = [
  ["it failed", { outcome: "target", response: null }, "it failed, or no answer is recorded"],
  ["no answer", { response: null }, "it failed, or no answer is recorded"],
  ["no content", user({ type: "text", text_chars: 7 }), "content is not recorded"],
  ["no system", { system: null, system_chars: 3 }, "content is not recorded"],
  [
    "no content of the answer",
    { response: { content: "", content_chars: 4, tool_calls: [] } },
    "content is not recorded",
  ],
  [
    "no picture",
    user({ type: "image", media_type: "image/png", base64_chars: 8 }),
    "images, documents or audio are not recorded",
  ],
  ["a block", user({ type: "server_tool_use" }), "it has blocks that only one API knows, which are not recorded"],
  ["nothing", { messages: [] }, "it has no messages"],
];

describe("what can be asked again", () => {
  for (const [why, more, reason] of NOT) test(`not: ${why}`, () => equal(askable(loggedExchange(more)), reason));

  test("one answer of its own, in no conversation of others", () => {
    const { request, logged } = read({
      session: "s",
      trace: { sampled: true, parameters: { "choice.count": 3, top_p: 1 } },
    });
    deepEqual([request.identity, request.sampling], [{}, { topP: 1 }]);
    deepEqual([logged.text, logged.input_tokens, logged.output_tokens, logged.ms], ["It is noon.", 20, 5, 100]);
  });

  test("tools that were called have a definition made of their calls", () => {
    const calls = [
      { type: "tool_use", id: "1", name: "read", input: { path: "a", lines: 3, all: null } },
      { type: "tool_use", id: "2", name: "read", input: { path: "b", lines: "all" } },
      { type: "tool_use", id: "3", name: "patch", input: "*** Begin Patch" },
    ];
    const response = { content: "", tool_calls: [{ id: "4", name: "run", arguments: { commands: ["ls"] } }] };
    const { request } = read({
      messages: [
        { role: "assistant", content: calls },
        { role: "user", content: "go on" },
      ],
      response,
    });
    deepEqual(
      request.tools.map((tool) => (tool.kind === "function" ? [tool.name, tool.parameters] : [tool.kind])),
      [
        ["read", { type: "object", properties: { path: { type: "string" }, lines: {}, all: {} } }],
        ["custom"],
        ["run", { type: "object", properties: { commands: { type: "array", items: {} } } }],
      ],
    );
  });
});

describe("how alike answers are", () => {
  for (const [one, other, expected] of [
    ["It is noon.", "it IS: noon", 1],
    ["yes", "no", 0],
    ["a b c d", "a b", 2 / 3],
    ["a a b", "a c", 2 / 5],
    ["今日は良い天気です", "今日は良い天気です", 1],
    ["", "", null],
    ["", "word", 0],
  ] as const)
    test(`${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => equal(similarity(one, other), expected));

  test("tools: the same names in the same order, then the same arguments; none called is no likeness", () => {
    const call = (name: string, path = "a") => ({ name, arguments: { path } });
    const tools = (...tool_calls: ReturnType<typeof call>[]) => ({ text: "", tool_calls });
    const alike = (...both: [ReturnType<typeof tools>, ReturnType<typeof tools>]) => {
      const { same_tools, same_arguments } = compare(...both);
      return [same_tools, same_arguments];
    };
    deepEqual(alike(tools(call("f")), tools(call("f"))), [true, true]);
    deepEqual(alike(tools(call("f")), tools(call("f", "b"))), [true, false]);
    deepEqual(alike(tools(call("f"), call("g")), tools(call("g"), call("f"))), [false, false]);
    deepEqual(alike(tools(call("f")), tools()), [false, false]);
    deepEqual(alike(tools(), tools()), [null, null]);
  });
});
