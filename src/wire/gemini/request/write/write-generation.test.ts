import { deepEqual, equal, match } from "node:assert/strict";
import { describe, test } from "node:test";
import type { FunctionTool, Reasoning } from "../../../../core/request.ts";
import { USER, written } from "../testing.ts";

const LOOK: FunctionTool = { kind: "function", name: "look", parameters: { type: "object", required: ["a"] } };
const SCHEMA = { type: "object", properties: { z: { type: "string" }, a: { type: "number" } } };

function config(changes: Parameters<typeof written>[0], model?: string) {
  const { body, ...rest } = written(changes, model);
  return { config: body["generationConfig"], ...rest };
}

describe("Gemini: generationConfig", () => {
  test("nothing is invented", () => {
    deepEqual(Object.keys(written({}).body), ["contents"]);
  });

  test("every sampling field it has", () => {
    const sampling = {
      temperature: 1.5,
      topP: 0.9,
      topK: 20,
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stop: ["a", ""],
      topLogprobs: 3,
    };
    const { config: sent, losses } = config({ sampling, maxOutputTokens: 50 });
    deepEqual(sent, {
      temperature: 1.5,
      topP: 0.9,
      topK: 20,
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stopSequences: ["a"],
      maxOutputTokens: 50,
      responseLogprobs: true,
      logprobs: 3,
    });
    deepEqual(losses, []);
  });

  test("values out of range, and fields it has not", () => {
    const stop = ["1", "2", "3", "4", "5", "6"];
    const sampling = { temperature: 3, seed: 2 ** 32 + 5, stop, minP: 0.1, repeatPenalty: 1.1, logitBias: { 1: 2 } };
    const { config: sent, losses } = config({ sampling, maxOutputTokens: 128_000 });
    deepEqual(sent, { temperature: 2, seed: 5, stopSequences: stop.slice(0, 5), maxOutputTokens: 65_536 });
    deepEqual(losses, [
      "min_p=dropped",
      "repeat_penalty=dropped",
      "logit_bias=dropped",
      "stop=first 5 of 6 sequences sent",
      "temperature=clamped(3->2)",
      "seed=4294967301->5",
      "max_output_tokens=clamped(128000->65536)",
    ]);
    deepEqual(config({ maxOutputTokens: 128_000 }, "my-tuned-model").losses, []);
  });

  test("several answers are refused, but for a Gemini client", () => {
    deepEqual(config({ sampling: { n: 2 } }).classes, ["reject"]);
    deepEqual(config({ dialect: "gemini", sampling: { n: 2 } }).config, { candidateCount: 2 });
  });

  test("JSON output, and where a model takes none beside tools", () => {
    const output = { kind: "json_schema", schema: SCHEMA } as const;
    const shape = { responseMimeType: "application/json", responseJsonSchema: SCHEMA };
    equal(JSON.stringify(config({ output }).config), JSON.stringify(shape));
    deepEqual(config({ output: { kind: "json" } }).config, { responseMimeType: "application/json" });
    deepEqual(config({ output, tools: [LOOK] }).config, shape);
    for (const [model, toolChoice] of [
      ["gemini-2.5-flash", { mode: "auto" }],
      ["gemini-3.8-flash", { mode: "required" }],
    ] as const) {
      const { body, losses } = written({ output, tools: [LOOK], toolChoice }, model);
      equal(body["generationConfig"], undefined);
      match(JSON.stringify(body["systemInstruction"]), /Its JSON Schema: \{\\"type/);
      deepEqual(losses, ["response_format=put into the system prompt: the model takes none beside these tools"]);
    }
  });

  test("one resolution for all images, when they agree", () => {
    const image = (detail?: string) => ({
      type: "image" as const,
      source: { kind: "base64" as const, mediaType: "image/png", data: "" },
      ...(detail !== undefined && { detail }),
    });
    const ask = (...details: (string | undefined)[]) =>
      config({ messages: [USER, { role: "user", parts: details.map(image) }] });
    deepEqual(ask("low", "low").config, { mediaResolution: "MEDIA_RESOLUTION_LOW" });
    deepEqual(ask("auto", undefined).losses, []);
    deepEqual(ask("low", "high").losses, ["image_detail=dropped"]);
    deepEqual(ask("low", "high").config, undefined);
  });

  test("a Gemini client's other settings stay", () => {
    const extra = { generationConfig: { speechConfig: {} }, safetySettings: [], labels: { a: "b" } };
    const { body } = written({ dialect: "gemini", extra, sampling: { topK: 3 } });
    deepEqual(body["generationConfig"], { speechConfig: {}, topK: 3 });
    deepEqual(body["safetySettings"], []);
    deepEqual(body["labels"], { a: "b" });
  });

  test("service tiers it has; the rest of what only the client's API knows is told", () => {
    const { body, losses } = written({ extra: { service_tier: "flex", shoe_size: 43 } });
    equal(body["serviceTier"], "flex");
    deepEqual(losses, ["shoe_size=dropped"]);
    equal(written({ extra: { service_tier: "scale" } }).body["serviceTier"], undefined);
    deepEqual(written({ extra: { service_tier: "auto" } }).losses, []);
  });
});

describe("Gemini: thinking", () => {
  const thinking = (reasoning: Reasoning, model: string, dialect: "openai" | "openai-responses" = "openai") => {
    const { config: sent, losses } = config({ reasoning, dialect }, model);
    return [JSON.parse(JSON.stringify(sent ?? null))?.thinkingConfig, losses];
  };
  const shown = { includeThoughts: true };

  test("levels of Gemini 3, as far as each model has them", () => {
    const rows: [Reasoning["effort"], string, string, string[]][] = [
      ["minimal", "gemini-3-flash-preview", "MINIMAL", []],
      ["minimal", "gemini-3.1-pro-preview", "LOW", ["reasoning_effort=minimal->low"]],
      ["low", "gemini-3.8-flash", "LOW", []],
      ["medium", "gemini-3-pro-preview", "HIGH", ["reasoning_effort=medium->high"]],
      ["high", "gemini-3.1-flash-lite", "HIGH", []],
      ["xhigh", "gemini-3.8-flash", "HIGH", ["reasoning_effort=xhigh->high"]],
      ["max", "gemini-flash-latest", "HIGH", ["reasoning_effort=max->high"]],
    ];
    for (const [effort, model, thinkingLevel, losses] of rows)
      deepEqual(thinking({ ...(effort && { effort }) }, model), [{ thinkingLevel, ...shown }, losses], model);
  });

  test("budgets of Gemini 2.5", () => {
    deepEqual(thinking({ effort: "low" }, "gemini-2.5-flash"), [{ thinkingBudget: 2457, ...shown }, []]);
    deepEqual(thinking({ effort: "max" }, "gemini-2.5-pro"), [{ thinkingBudget: 32_768, ...shown }, []]);
    deepEqual(thinking({ budgetTokens: 4000 }, "gemini-2.5-pro"), [{ thinkingBudget: 4000, ...shown }, []]);
    deepEqual(thinking({ budgetTokens: 50_000 }, "gemini-2.5-flash"), [
      { thinkingBudget: 24_576, ...shown },
      ["reasoning_budget=clamped(50000->24576)"],
    ]);
    deepEqual(thinking({ effort: "minimal" }, "gemini-2.5-flash-lite"), [{ thinkingBudget: 512, ...shown }, []]);
  });

  test("a budget for a model that takes levels is a level", () => {
    for (const [budgetTokens, level] of [
      [1024, "low"],
      [4096, "medium"],
      [30_000, "high"],
    ] as const)
      deepEqual(thinking({ budgetTokens }, "gemini-3.8-flash"), [
        { thinkingLevel: level.toUpperCase(), ...shown },
        [`reasoning_budget=${budgetTokens}->${level}: the model takes no budget`],
      ]);
  });

  test("off, where a model can be", () => {
    deepEqual(thinking({ effort: "none" }, "gemini-2.5-flash"), [{ thinkingBudget: 0 }, []]);
    const least = "the model cannot turn it off";
    deepEqual(thinking({ mode: "off" }, "gemini-2.5-pro"), [{ thinkingBudget: 128 }, [`reasoning=off->128: ${least}`]]);
    deepEqual(thinking({ mode: "off" }, "gemini-3.8-flash"), [
      { thinkingLevel: "LOW" },
      [`reasoning=off->low: ${least}`],
    ]);
    deepEqual(thinking({ mode: "off" }, "gemini-2.0-flash"), [undefined, []]);
    deepEqual(thinking({ effort: "high" }, "gemini-2.0-flash"), [undefined, ["reasoning_effort=dropped"]]);
  });

  test("thoughts are shown to who reasons and did not say no", () => {
    const model = "gemini-3.8-flash";
    deepEqual(thinking({ mode: "adaptive" }, model), [shown, []]);
    deepEqual(thinking({ mode: "adaptive", display: "omitted" }, model), [undefined, []]);
    deepEqual(thinking({ effort: "low" }, model, "openai-responses"), [{ thinkingLevel: "LOW" }, []]);
    deepEqual(thinking({ display: "auto" }, model, "openai-responses"), [shown, []]);
  });
});
