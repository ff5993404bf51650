import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import type { Answer, ArmAnswer, ArmsExchange } from "../../../replay/arms/result.ts";
import { columnsOf } from "../../watch/texts.ts";
import { exchangeLines } from "./lines.ts";
import { armsPage } from "./page.ts";

const EVIL = "\u001b]0;owned\u0007\u202etxet<script>alert(1)</script>";

function answer(text: string, name = "read"): Answer {
  const cost = { usd: 0.0012, source: "configured" } as const;
  const tool_calls = [{ name, arguments: { path: text } }];
  return {
    provider: "main",
    model: "m",
    text,
    tool_calls,
    finish: "end_turn",
    input_tokens: 9,
    output_tokens: 7,
    cost,
    ms: 840,
  };
}

function armAnswer(arm: string, text: string): ArmAnswer {
  const losses = [{ field: "seed", treatment: "dropped", class: "report" }];
  const alike = { similarity: 0.5, same_tools: true, same_arguments: false };
  return { ...answer(text), ...alike, arm, outcome: "ok", error: null, max_output_tokens: 2048, losses };
}

function exchange(prompt: string, texts: readonly string[]): ArmsExchange {
  return {
    id: "e1",
    ts_ms: Date.UTC(2026, 10, 28, 14, 3),
    tags: ["code"],
    requested_model: "gpt-5.5",
    prompt,
    messages: 3,
    stand_in_tools: ["read"],
    missing: [],
    logged: answer(texts[0] ?? ""),
    arms: texts.map((text, at) => armAnswer(`arm-${at}`, text)),
  };
}

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.lorem({ maxCount: 60 }),
  fc.constantFrom(EVIL, "時計は正午を示しています。".repeat(20), "👩‍👩‍👧‍👦".repeat(60), "x".repeat(900), ""),
);

describe("answers at a terminal", () => {
  for (const columns of [80, 160])
    test(`law: no line is wider than ${columns} columns, and none holds an order for the terminal`, () => {
      fc.assert(
        fc.property(anyText, fc.array(anyText, { minLength: 1, maxLength: 4 }), (prompt, texts) => {
          for (const line of exchangeLines(exchange(prompt, texts), "1/1", { colour: false, columns })) {
            ok(columnsOf(line) <= columns, `${columnsOf(line)}: ${line}`);
            equal(stripVTControlCharacters(line), line);
            ok(!/[\p{Cc}\u202e]/u.test(line));
          }
        }),
        { numRuns: 40 },
      );
    });

  test("side by side where each has 36 columns, else below each other", () => {
    const lines = (columns: number) =>
      exchangeLines(exchange("Mend it", ["Done."]), "3/20", { colour: false, columns });
    deepEqual(lines(80).slice(0, 5), [
      "3/20 2026-11-28 14:03 · code · gpt-5.5 · 3 messages",
      "  > Mend it",
      "  tools as far as their calls show them: read",
      "  logged                                │ arm-0",
      "  main m · 840 ms · 7 tokens · $0.0012  │ m · 840 ms · 7 tokens · $0.0012 ·",
    ]);
    match(
      lines(60).join("\n"),
      /\n {2}logged\n {4}main m .*\n {4}Done\.\n {4}→ read\(\{"path":"Done\."\}\)\n {2}arm-0\n/s,
    );
    ok(lines(80).includes('  → read({"path":"Done."})              │ → read({"path":"Done."})'));
  });
});

test("the page holds what was said as text, whatever it is, and no script", () => {
  const one = exchange(EVIL, [EVIL]);
  const page = armsPage({
    log: EVIL,
    config: EVIL,
    seed: 1,
    considered: 1,
    askable: 1,
    not_askable: [],
    sampled: 1,
    expected: [],
    max_usd: 1,
    spent_usd: 0,
    stopped: null,
    exchanges: [one],
    summary: [],
  });
  ok(!page.includes("<script"));
  match(page, /&lt;script&gt;/);
  match(page, /default-src 'none'/);
});
