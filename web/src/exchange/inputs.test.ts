import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import type { LoggedRouting } from "../../../src/record/events.ts";
import { inputsOf } from "./inputs.ts";

test("what rules went by is told in words, and what no rule asked for is not", () => {
  const routing: LoggedRouting = {
    seed: 1,
    config: "c",
    needs: ["vision", "tools"],
    input_tokens: 1_200,
    headers: { "x-team": "search", "x-none": null },
    affinity: { provider: "far", model: "large", cached_tokens: 900, output_tokens: 300, sticky: "cache" },
    prefer: { provider: "far", model: "large", why: "a tool's result is due" },
    targets: [
      {
        provider: "far",
        model: "large",
        latency_ms: { value: 410, source: "measured", samples: 128 },
        error_rate: { value: 0.25, source: "measured" },
        cost_per_1m: { value: 12, source: "configured", cached_tokens: 900 },
        info: { capabilities: ["tools"], context: 8_000 },
      },
      { provider: "near", model: "small", latency_ms: null },
    ],
    left_alone: [{ provider: "near", model: "small", hold_ms: 2_000 }],
    lossy: [{ provider: "near", model: "small", fields: ["seed"], refused: [] }],
  };
  deepEqual(inputsOf(JSON.parse(JSON.stringify(routing))), [
    ["needs", "vision, tools"],
    ["prompt", "1,200 tokens, estimated"],
    ["conversation", "answered by far · large, 900 tokens expected in its cache"],
    ["had to stay at", "far · large: a tool's result is due"],
    ["x-team", "search"],
    ["x-none", "not sent"],
    [
      "far · large",
      "410 ms (measured, 128 answers), 25 % failing (measured), $12.00 for 1M tokens (configured, 900 tokens cached), holds 8,000 tokens, tools",
    ],
    ["near · small", "nothing known"],
    ["near · small", "to be left alone for 2.00 s"],
    ["near · small", "would lose seed"],
  ]);
  for (const nothing of [undefined, null, "x", [], { seed: 1, config: "c" }, { targets: 7, headers: [] }])
    deepEqual(inputsOf(nothing), []);
  deepEqual(inputsOf({ affinity: null }), [["conversation", "not answered before"]]);
});
