import { sumOf } from "../../cost/cost.ts";
import { compare } from "./compare.ts";
import type { Arm } from "./outlook.ts";
import type { Answer, ArmAnswer, ArmSummary, ArmsExchange } from "./result.ts";
import type { Asked } from "./run-arms.ts";

/** As it is printed. */
export function exchangeOf({ askable: { row, request, logged, missing }, answers }: Asked): ArmsExchange {
  return {
    id: row.id,
    ts_ms: row.ts_ms,
    tags: row.tags,
    requested_model: row.requested_model,
    prompt: row.preview,
    messages: request.messages.length,
    stand_in_tools: request.tools.flatMap((tool) => (tool.kind === "hosted" ? [] : tool.name)),
    missing: missing.map(({ at, text }) => (at === undefined ? text : `${at}: ${text}`)),
    logged,
    arms: [...answers],
  };
}

/** What the log has first, then each arm, over the exchanges that were asked again. */
export function summaryOf(exchanges: readonly ArmsExchange[], arms: readonly Arm[]): ArmSummary[] {
  const logged = exchanges.map(
    ({ logged: answer }): ArmAnswer => ({
      ...answer,
      arm: "logged",
      outcome: "ok",
      error: null,
      max_output_tokens: 0,
      losses: [],
      ...compare(answer, answer),
    }),
  );
  const ofArms = arms.map(({ name }) => {
    const own = exchanges.flatMap(({ arms: answers }) => answers.filter(({ arm }) => arm === name));
    return summaryOfArm(name, own);
  });
  return [{ ...summaryOfArm("logged", logged), similarity: null, same_tools: null }, ...ofArms];
}

function summaryOfArm(arm: string, answers: readonly ArmAnswer[]): ArmSummary {
  const good = answers.filter(({ outcome }) => outcome === "ok");
  const times = good.map(({ ms }) => ms);
  const called = good.filter(({ same_tools }) => same_tools !== null);
  const same = called.filter(({ same_tools }) => same_tools).length;
  return {
    arm,
    asked: answers.length,
    ok: good.length,
    failed: answers.length - good.length,
    cut: good.filter(({ finish }) => finish === "max_tokens").length,
    cost: sumOf(answers.map(({ cost }) => cost)),
    p50_ms: percentile(times, 0.5),
    p95_ms: percentile(times, 0.95),
    output_tokens: mean(good, ({ output_tokens }) => output_tokens),
    text_chars: mean(good, ({ text }) => text.length),
    similarity: percentile(
      good.flatMap(({ similarity }) => similarity ?? []),
      0.5,
    ),
    same_tools: called.length === 0 ? null : { same, of: called.length },
    losses: lossesOf(answers),
  };
}

/** The smallest value that so large a share of them does not exceed; null: there are none. */
function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function mean(answers: readonly Answer[], value: (answer: Answer) => number): number | null {
  if (answers.length === 0) return null;
  return answers.reduce((sum, answer) => sum + value(answer), 0) / answers.length;
}

function lossesOf(answers: readonly ArmAnswer[]): ArmSummary["losses"] {
  const counts = new Map<string, number>();
  for (const { losses } of answers) {
    // Positions tell apart what is one thing in a hundred messages.
    const fields = new Set(losses.map(({ field }) => field.replace(/\[\d+\]/g, "[]")));
    for (const field of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
  }
  return [...counts].map(([field, count]) => ({ field, count })).toSorted((a, b) => b.count - a.count);
}
