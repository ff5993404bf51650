import { MODEL_ROWS, type ModelRow, type ModelRules, UNKNOWN_MODEL } from "../../src/wire/anthropic/models-rules.ts";
import {
  MODEL_ROWS as OPENAI_ROWS,
  type ModelRules as OpenAIRules,
  UNKNOWN_MODEL as UNKNOWN_OPENAI,
} from "../../src/wire/openai/model-rules.ts";
import { table } from "./table.ts";

export function claudeTable(): string {
  const rows = MODEL_ROWS.map((row) => [nameOf(row), ...rulesText(row.rules)]);
  rows.push(["any other name", ...rulesText(UNKNOWN_MODEL)]);
  return table(
    [
      "Claude models",
      "sampling",
      "thinking",
      "efforts",
      "forced tool",
      "prefill",
      "late system",
      "schema",
      "output",
      "fast",
    ],
    rows,
  );
}

function nameOf({ families, from }: ModelRow): string {
  const who = families?.map((family) => family[0]?.toUpperCase() + family.slice(1)).join(", ") ?? "all";
  return from === 0 ? `${who}, older` : `${who} from ${Math.floor(from / 100)}.${from % 100}`;
}

function rulesText(rules: ModelRules): string[] {
  const sampling = { free: "all", one: "temperature or top_p", refused: "refused" }[rules.sampling];
  const off = rules.disabledUpTo === undefined ? "" : ` (disabled up to effort ${rules.disabledUpTo})`;
  const yesNo = (value: boolean) => (value ? "yes" : "no");
  return [
    sampling,
    rules.thinking.length === 0 ? "none" : rules.thinking.join(", ") + off,
    rules.efforts.join(", ") || "none",
    yesNo(rules.forcedTool),
    yesNo(rules.prefill),
    yesNo(rules.midSystem),
    yesNo(rules.structured),
    rules.maxOutput.toLocaleString("en-US"),
    yesNo(rules.fast === true),
  ];
}

export function openaiTable(): string {
  const rows = OPENAI_ROWS.map(({ models, rules }) => [models, ...openaiText(rules)]);
  rows.push(["any other name", ...openaiText(UNKNOWN_OPENAI)]);
  const head = "sampling, penalties, stop, `max_tokens`, efforts, verbosity, custom tools, parallel calls, cache marks";
  return table(["OpenAI models", ...head.split(", ")], rows);
}

function openaiText(rules: OpenAIRules): string[] {
  const yesNo = (value: boolean) => (value ? "yes" : "no");
  const sampling = { free: "yes", "at-none": "at effort none", refused: "no" }[rules.sampling];
  const rest = rules.restsAt === undefined ? "" : ` (without one: ${rules.restsAt})`;
  return [
    sampling,
    yesNo(rules.penalties),
    yesNo(rules.stop),
    yesNo(rules.maxTokens),
    (rules.efforts.join(", ") || "none of them") +
      rest +
      (rules.chatToolsAtNone ? "; in Chat with tools only none" : ""),
    yesNo(rules.verbosity),
    yesNo(rules.customTools),
    yesNo(rules.parallelTools),
    rules.known ? yesNo(rules.cacheMarks) : "as the provider",
  ];
}
