import { MODEL_ROWS, type ModelRow, type ModelRules, UNKNOWN_MODEL } from "../../src/wire/gemini/model-rules.ts";
import { table } from "./table.ts";

export function geminiTable(): string {
  const rows = MODEL_ROWS.map((row) => [nameOf(row), ...rulesText(row.rules)]);
  rows.push(["any other name", ...rulesText(UNKNOWN_MODEL)]);
  return table(
    ["models", "thinking", "signs", "JSON beside tools", "hosted beside functions", "web URLs", "system", "output"],
    rows,
  );
}

function nameOf({ families, from }: ModelRow): string {
  if (families?.includes("gemma")) return "Gemma";
  const who = `Gemini${families === undefined ? "" : ` ${families.map(capital).join(", ")}`}`;
  return from === 0 ? `${who}, older` : `${who} from ${Math.floor(from / 100)}.${from % 100}`;
}

function capital(family: string): string {
  return family.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

function rulesText(rules: ModelRules): string[] {
  const flags = [rules.signs, rules.jsonBesideTools, rules.hostedBesideTools, rules.webUrls, rules.system];
  const limit = rules.maxOutput === undefined ? "not clamped" : number(rules.maxOutput);
  return [thinkingText(rules.thinking), ...flags.map((flag) => (flag ? "yes" : "no")), limit];
}

function thinkingText(thinking: ModelRules["thinking"]): string {
  switch (thinking.by) {
    case "none":
      return "none";
    case "level":
      return thinking.levels.join(", ");
    case "budget":
      return `budget ${number(thinking.min)} to ${number(thinking.max)}${thinking.off ? ", or off" : ""}`;
  }
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
