import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../../core/json.ts";
import type { FunctionTool, HostedTool, ToolChoice } from "../../../../core/request.ts";
import { written } from "../testing.ts";

const SCHEMA = { $schema: "x", type: "object", properties: { z: { const: 1 }, a: { oneOf: [{ type: "null" }] } } };
const LOOK: FunctionTool = { kind: "function", name: "look", description: "Looks.", parameters: SCHEMA };
const NOW: FunctionTool = { kind: "function", name: "now", parameters: { type: "object", properties: {} } };
const SEARCH: HostedTool = {
  kind: "hosted",
  dialect: "anthropic",
  type: "web_search_20250305",
  twin: "web_search",
  value: { type: "web_search_20250305", name: "web_search", max_uses: 8 },
};

describe("Gemini: tools", () => {
  test("the schema is the client's own, byte for byte; an empty one is left out", () => {
    const { body, losses } = written({ tools: [LOOK, NOW] });
    const expected = [
      {
        functionDeclarations: [{ name: "look", description: "Looks.", parametersJsonSchema: SCHEMA }, { name: "now" }],
      },
    ];
    equal(JSON.stringify(body["tools"]), JSON.stringify(expected));
    deepEqual(losses, []);
  });

  test("an object schema that says more than nothing stays", () => {
    for (const parameters of [
      { type: "object", additionalProperties: { type: "string" } },
      { $ref: "#/$defs/a", $defs: { a: { type: "object" } } },
      { anyOf: [{ type: "object", required: ["a"] }] },
    ]) {
      const { body } = written({ tools: [{ ...NOW, parameters }] });
      deepEqual(body["tools"], [{ functionDeclarations: [{ name: "now", parametersJsonSchema: parameters }] }]);
    }
  });

  test("a free-form tool is a function of one string, its grammar in the description", () => {
    const format = { type: "grammar", syntax: "lark", definition: "start: /a+/" };
    const { body, losses } = written({ tools: [{ kind: "custom", name: "patch", description: "Patches.", format }] });
    deepEqual(body["tools"], [
      {
        functionDeclarations: [
          {
            name: "patch",
            description: "Patches.\n\nThe input must follow this lark grammar:\nstart: /a+/",
            parametersJsonSchema: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
          },
        ],
      },
    ]);
    deepEqual(losses, ["tools[0]=free-form tool sent as a function with one string, input"]);
  });

  test("search, fetch and code of other APIs are Gemini's own; what they were told is named", () => {
    const fetching: HostedTool = { ...SEARCH, type: "web_fetch_1", twin: "web_fetch", value: { type: "web_fetch_1" } };
    const coding: HostedTool = { ...SEARCH, type: "code_1", twin: "code_execution", value: { type: "code_1" } };
    const { body, losses } = written({ tools: [SEARCH, fetching, coding] });
    deepEqual(body["tools"], [{ googleSearch: {} }, { urlContext: {} }, { codeExecution: {} }]);
    equal(body["toolConfig"], undefined);
    deepEqual(losses, ["tools[0].max_uses=dropped"]);
  });

  test("beside functions Gemini 3 takes them, others do not", () => {
    const three = written({ tools: [SEARCH, LOOK] });
    deepEqual(three.body["toolConfig"], { includeServerSideToolInvocations: true });
    equal(JSON.stringify(three.body["tools"]).includes("googleSearch"), true);
    const two = written({ tools: [SEARCH, LOOK] }, "gemini-2.5-pro");
    equal(JSON.stringify(two.body["tools"]).includes("googleSearch"), false);
    deepEqual(two.losses, ["tools[0] (web_search_20250305)=dropped: the model takes no hosted tool beside functions"]);
  });

  test("hosted tools nobody has a twin for are dropped, and refused when there is nothing else", () => {
    const { twin: _, ...unknown } = SEARCH;
    deepEqual(written({ tools: [unknown, LOOK] }).losses, ["tools[0] (web_search_20250305)=dropped"]);
    deepEqual(written({ tools: [unknown] }).classes, ["report", "reject"]);
  });

  test("a Gemini client's own tools go as they are", () => {
    const maps: HostedTool = { kind: "hosted", dialect: "gemini", type: "googleMaps", value: { googleMaps: { a: 1 } } };
    deepEqual(written({ dialect: "gemini", tools: [maps] }).body["tools"], [{ googleMaps: { a: 1 } }]);
  });
});

describe("Gemini: tool choice", () => {
  const config = (toolChoice: ToolChoice, more: Partial<FunctionTool> = {}) =>
    written({ tools: [{ ...LOOK, ...more }, NOW], toolChoice });
  const calling = (body: JsonObject) => JSON.parse(JSON.stringify(body["toolConfig"] ?? null))?.functionCallingConfig;
  const rows: [ToolChoice, JsonObject][] = [
    [{ mode: "auto" }, { mode: "AUTO" }],
    [{ mode: "none" }, { mode: "NONE" }],
    [{ mode: "required" }, { mode: "ANY" }],
    [
      { mode: "tool", name: "now" },
      { mode: "ANY", allowedFunctionNames: ["now"] },
    ],
    [
      { mode: "allowed", names: ["now", "gone"], required: true },
      { mode: "ANY", allowedFunctionNames: ["now"] },
    ],
    [
      { mode: "allowed", names: ["now"], required: false },
      { mode: "VALIDATED", allowedFunctionNames: ["now"] },
    ],
  ];
  for (const [choice, expected] of rows) {
    test(JSON.stringify(choice), () => {
      const { body, losses } = config(choice);
      deepEqual(calling(body), expected);
      deepEqual(losses, []);
    });
  }

  test("strict is a mode for all tools", () => {
    const { body, losses } = config({ mode: "auto" }, { strict: true });
    deepEqual(calling(body), { mode: "VALIDATED" });
    deepEqual(losses, ["tools.strict=approximated: mode VALIDATED, for all tools"]);
    deepEqual(calling(config({ mode: "required" }, { strict: true }).body), { mode: "ANY" });
  });

  test("a tool that is not sent cannot be chosen", () => {
    const { body, losses } = config({ mode: "tool", name: "gone" });
    deepEqual(calling(body), { mode: "AUTO" });
    deepEqual(losses, ["tool_choice=gone->auto: no such function is sent"]);
    deepEqual(written({ tools: [SEARCH], toolChoice: { mode: "required" } }).body["toolConfig"], undefined);
  });

  test("parallel calls cannot be turned off", () => {
    deepEqual(written({ tools: [LOOK], parallelToolCalls: false }).losses, ["parallel_tool_calls=dropped"]);
    deepEqual(written({ parallelToolCalls: false }).losses, []);
  });

  test("what a Gemini client set beyond the vocabulary stays", () => {
    const toolConfig = { functionCallingConfig: { mode: "VALIDATED" }, retrievalConfig: { languageCode: "de" } };
    const { body } = written({ dialect: "gemini", tools: [LOOK], toolChoice: { mode: "auto" }, extra: { toolConfig } });
    deepEqual(body["toolConfig"], toolConfig);
  });
});
