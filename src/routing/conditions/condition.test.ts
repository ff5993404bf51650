import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { routingRequest } from "../../../test/support/routing.ts";
import { type ConditionSettings, type WhenSettings, whenSchema } from "../../config/conditions.ts";
import type { ClientFacts } from "../../core/stage-tools.ts";
import type { RoutingRequest } from "../rule.ts";
import { conditionOf, described } from "./condition.ts";

const client = (more: Partial<ClientFacts> = {}): ClientFacts => ({
  dialect: "anthropic",
  agent: "claude-code",
  key: undefined,
  headers: { "x-team": "search" },
  conversation: "c",
  stream: true,
  ...more,
});

const why = (settings: object, request: Partial<RoutingRequest>) =>
  conditionOf(whenSchema.parse(settings))(routingRequest(request));

test("each key says why it does not hold", () => {
  const cases: [object, Partial<RoutingRequest>, Partial<RoutingRequest>, string][] = [
    [{ tag: "code" }, { tags: new Set(["code"]) }, { tags: new Set(["Code"]) }, "not tagged code"],
    [{ tag: ["a", "b"] }, { tags: new Set(["b"]) }, {}, "not tagged a or b"],
    [{ model: "gpt-*" }, { model: "GPT-5" }, { model: "o3" }, "model is not gpt-*"],
    [
      { client: "anthropic" },
      { client: client() },
      { client: client({ dialect: "openai" }) },
      "client is not anthropic",
    ],
    [{ agent: "claude*" }, { client: client() }, { client: client({ agent: undefined }) }, "agent is not claude*"],
    [
      { header: { "X-Team": "sea*" } },
      { client: client() },
      { client: client({ headers: {} }) },
      "header X-Team is not sea*",
    ],
    [{ needs: ["vision"] }, { needs: ["tools", "vision"] }, { needs: ["tools"] }, "no vision needed"],
    [{ min_input_tokens: 10 }, { inputTokens: 10 }, { inputTokens: 9 }, "fewer than 10 tokens"],
    [{ max_input_tokens: 10 }, { inputTokens: 10 }, { inputTokens: 11 }, "more than 10 tokens"],
    [{ max_input_tokens: 10 }, { inputTokens: 1 }, {}, "length not known"],
    [{ days: ["thu"], time_zone: "UTC" }, { wallMs: 0 }, { wallMs: 86_400_000 }, "not at this time"],
    [{ none: [{ tag: "private" }] }, {}, { tags: new Set(["private"]) }, "tag private"],
    [{ any: [{ tag: "a" }, { model: "x" }] }, { model: "x" }, {}, "not tagged a, model is not x"],
    [{ all: [{ tag: "a" }, { model: "x" }] }, { tags: new Set("a"), model: "x" }, { model: "x" }, "not tagged a"],
  ];
  for (const [settings, meant, other, reason] of cases) {
    assert.equal(why(settings, meant), undefined, JSON.stringify(settings));
    assert.equal(why(settings, other), reason, JSON.stringify(settings));
  }
});

test("a header is not looked for along the prototype", () => {
  assert.equal(why({ header: { constructor: "*" } }, { client: client() }), "header constructor is not *");
});

test("labels say what is meant", () => {
  const when = whenSchema.parse({
    tag: ["code", "math"],
    header: { "x-team": "search" },
    any: [{ model: "gpt-*" }, { min_input_tokens: 100 }],
    none: [{ tag: "private" }],
  });
  assert.equal(
    described(when),
    "tag code|math, header x-team: search, either model gpt-* or min_input_tokens 100, not tag private",
  );
});

test("keys, all, any and none go together as an independent reading of them says", () => {
  const tags = fc.subarray(["a", "b", "c"]);
  const settings: fc.Arbitrary<ConditionSettings> = fc.record(
    {
      tag: fc.constantFrom("a", "b", "c"),
      model: fc.constantFrom("m", "x", "*"),
      min_input_tokens: fc.integer({ min: 0, max: 3 }),
      needs: fc.constantFrom(["vision" as const], ["tools" as const]),
    },
    { requiredKeys: [] },
  );
  const list = fc.array(settings, { minLength: 1, maxLength: 3 });
  const when = fc
    .tuple(settings, fc.record({ all: list, any: list, none: list }, { requiredKeys: [] }))
    .map(([own, lists]): WhenSettings => ({ ...own, ...lists }));
  const request = fc
    .tuple(
      tags,
      fc.constantFrom("m", "x", "y"),
      fc.integer({ min: 0, max: 3 }),
      fc.subarray(["vision", "tools"] as const),
    )
    .map(([set, model, inputTokens, needs]) => routingRequest({ tags: new Set(set), model, inputTokens, needs }));
  const holds = (one: ConditionSettings, { tags: set, model, inputTokens = -1, needs }: RoutingRequest) =>
    (one.tag === undefined || [...set].join().includes(String(one.tag))) &&
    (one.model === undefined || one.model === "*" || one.model === model) &&
    (one.min_input_tokens === undefined || inputTokens >= one.min_input_tokens) &&
    (one.needs === undefined || one.needs.every((need) => needs.includes(need)));
  fc.assert(
    fc.property(when, request, ({ all = [], any, none = [], ...own }, asked) => {
      const expected =
        [own, ...all].every((one) => holds(one, asked)) &&
        (any === undefined || any.some((one) => holds(one, asked))) &&
        !none.some((one) => holds(one, asked));
      const settings = { ...own, all, none, ...(any && { any }) };
      assert.equal(conditionOf(settings)(asked) === undefined, expected);
    }),
  );
});
