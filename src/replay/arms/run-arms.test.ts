import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { loggedExchange } from "../../../test/support/logged-exchange.ts";
import { providerSchema } from "../../config/config.ts";
import type { Prices } from "../../cost/cost.ts";
import { buildFleet } from "../../upstream/build-fleet.ts";
import { PROVIDER_HALVES } from "../../wire/registry.ts";
import { type Askable, askable } from "./askable.ts";
import { Budget } from "./budget.ts";
import { allowances, costWith, type Outlook } from "./outlook.ts";
import type { ArmAnswer } from "./result.ts";
import { type Asked, type Planned, runArms } from "./run-arms.ts";

const config = providerSchema.parse({ name: "p", format: "openai", base_url: "http://127.0.0.1:1/v1" });
const [provider] = buildFleet([config], {}, PROVIDER_HALVES).fleet.all();

function outlook(input: number, expected: number, most: number, prices?: Pick<Prices, "input" | "output">): Outlook {
  ok(provider);
  const full: Prices | undefined = prices && {
    ...prices,
    cachedRead: prices.input,
    cacheWrite: prices.input,
    cacheWriteLong: prices.input,
    source: "configured",
  };
  const arm = { name: "p", provider, model: "m" };
  return { arm, model: "m", sentModel: "m", prices: full, isUnpriced: false, input, expected, most };
}

const anAskable = (): Askable => {
  const read = askable(loggedExchange());
  ok(typeof read === "object");
  return read;
};

function answered(one: Outlook, tokens: number): ArmAnswer {
  return {
    arm: "p",
    provider: "p",
    model: "m",
    outcome: "ok",
    error: null,
    text: "",
    tool_calls: [],
    finish: "end_turn",
    input_tokens: one.input,
    output_tokens: tokens,
    cost: costWith(one, tokens),
    ms: 1,
    max_output_tokens: tokens,
    losses: [],
    similarity: null,
    same_tools: null,
    same_arguments: null,
  };
}

/** Doubles would be next to nothing nearly always. */
const upTo = (most: number) => fc.nat(1_000).map((thousandths) => (most * thousandths) / 1_000);
const price = fc.record({ input: upTo(50), output: upTo(200) });
const anOutlook = fc
  .record({
    input: fc.nat(20_000),
    expected: fc.integer({ min: 1, max: 2_000 }),
    more: fc.nat(8_000),
    prices: fc.option(price),
  })
  .map(({ input, expected, more, prices }) => outlook(input, expected, expected + more, prices ?? undefined));
const cap = upTo(5);

const NEVER = new AbortController().signal;
const SLACK = 1e-6;

describe("a spending cap", () => {
  test("law: what answers may take together costs no more than is left, and none less than is expected of it", () => {
    fc.assert(
      fc.property(fc.array(anOutlook, { minLength: 1, maxLength: 4 }), cap, (outlooks, left) => {
        const allowed = allowances(outlooks, left);
        const sum = (tokens: (at: number) => number) =>
          outlooks.reduce((usd, one, at) => usd + (costWith(one, tokens(at)).usd ?? 0), 0);
        if (!allowed) return ok(sum((at) => outlooks[at]?.expected ?? 0) > left);
        ok(sum((at) => allowed[at] ?? 0) <= left + SLACK);
        for (const [at, one] of outlooks.entries()) {
          const tokens: number = allowed[at] ?? 0;
          ok(tokens >= one.expected && tokens <= one.most && Number.isInteger(tokens));
        }
      }),
    );
  });

  test("law: whatever answers take of what they may, in whatever order they come, the cap holds", async () => {
    const plans = fc.array(fc.array(anOutlook, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 12 });
    const shares = fc.infiniteStream(upTo(1));
    const law = fc.asyncProperty(plans, cap, fc.scheduler(), shares, async (plan, usd, scheduler, share) => {
      const budget = new Budget(usd);
      const seen = { asked: 0, told: 0, billed: 0 };
      const answer = scheduler.scheduleFunction(async (one: Outlook, most: number) => {
        const given = answered(one, Math.floor(most * (share.next().value ?? 1)));
        seen.billed += given.cost.usd ?? 0;
        return given;
      });
      const ask = (one: Outlook, _: Askable, most: number) => {
        seen.asked++;
        return answer(one, most);
      };
      const told = ({ answers }: Asked) => {
        seen.told += answers.length;
      };
      const planned = plan.map((outlooks): Planned => ({ askable: anAskable(), outlooks }));
      const stopped = await scheduler.waitFor(runArms(planned, budget, ask, { signal: NEVER, told }));
      ok(seen.billed <= usd + SLACK);
      ok(Math.abs(budget.spentUsd - seen.billed) <= SLACK);
      equal(seen.told, seen.asked);
      // It stops only where the next would not fit.
      const next = plan.findIndex((_, at) => plan.slice(0, at + 1).flat().length > seen.asked);
      equal(stopped, next === -1 ? undefined : "cap");
      if (next !== -1) equal(allowances(plan[next] ?? [], budget.leftUsd), undefined);
    });
    await fc.assert(law, { numRuns: 40, endOnFailure: true });
  });

  test("an answer that was billed higher than it may be ends it at once", async () => {
    const budget = new Budget(1);
    const one = outlook(1_000, 100, 200, { input: 1, output: 1 });
    const planned = Array.from({ length: 3 }, (): Planned => ({ askable: anAskable(), outlooks: [one] }));
    let asked = 0;
    const lying = async (outlook: Outlook, _: Askable, most: number) => {
      asked++;
      // Those that are under way with it are not called back.
      return { ...answered(outlook, most), cost: { usd: 5, source: "configured" as const } };
    };
    const four = [...planned, ...planned, ...planned];
    equal(await runArms(four, budget, lying, { signal: NEVER, told: () => undefined }), "cap");
    equal(asked, 4);
    equal(budget.leftUsd, 0);
  });

  test("interrupted: nothing more is asked, what is under way is told of", async () => {
    const stop = new AbortController();
    const planned = Array.from({ length: 9 }, (): Planned => ({ askable: anAskable(), outlooks: [outlook(1, 1, 1)] }));
    const told: number[] = [];
    const ask = async (one: Outlook) => {
      stop.abort();
      return answered(one, 1);
    };
    const outcome = await runArms(planned, new Budget(0), ask, {
      signal: stop.signal,
      told: ({ answers }) => void told.push(answers.length),
    });
    equal(outcome, "interrupted");
    deepEqual(told, [1]);
  });
});
