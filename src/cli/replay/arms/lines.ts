import { sumOf } from "../../../cost/cost.ts";
import type { ArmSummary, ArmsExchange, ArmsResult } from "../../../replay/arms/result.ts";
import { paint } from "../../colours.ts";
import { wrapped } from "../../doctor/paint.ts";
import { columnsOf, countText, durationText, headOf } from "../../watch/texts.ts";
import { type Cell, table } from "../table.ts";
import { type AnswerCell, answerCells } from "./answer-cells.ts";
import { costText, isoMinute, percentText } from "./texts.ts";

/** How the terminal is written to. */
export interface ArmsLook {
  readonly colour: boolean;
  readonly columns: number;
}

type Before = Omit<ArmsResult, "spent_usd" | "stopped" | "exchanges" | "summary">;

const DIM = "2";
const BOLD = "1";
const RED = "31";
const GREEN = "32";
const YELLOW = "33";
const INDENT = "  ";
const PROMPT_LINES = 3;
/** Narrower columns are hard to read: answers stand below each other then. */
const LEAST_COLUMN = 36;
const BETWEEN = " │ ";

/** What would be asked, and for how much. */
export function planLines(before: Before, remarks: readonly string[], look: ArmsLook): string[] {
  const { considered, askable, not_askable, sampled, expected, log, seed } = before;
  const lines = [
    ...said(
      `${counted(sampled, "exchange")} of ${countText(askable)} that can be asked again, by tags (seed ${seed}).`,
      BOLD,
      look,
    ),
    ...said(`${log} has ${counted(considered, "exchange")} of those asked for.`, DIM, look),
    ...not_askable.flatMap(({ reason, count }) =>
      said(`${countText(count)} cannot be asked again: ${reason}.`, DIM, look),
    ),
    ...remarks.flatMap((remark) => said(remark, YELLOW, look)),
  ];
  if (sampled === 0) return lines;
  const rows = expected.map(({ arm, cost, input_tokens, output_tokens }): Cell[] => [
    { text: arm },
    { text: countText(input_tokens), right: true },
    { text: countText(output_tokens), right: true },
    { text: costText(cost), right: true, colour: cost.usd === null ? YELLOW : "" },
  ]);
  const all = sumOf(expected.map(({ cost }) => cost));
  const total: Cell[] = [{ text: "together" }, { text: "" }, { text: "" }, { text: costText(all), right: true }];
  const head = ["expected of", "prompt", "answer", "cost"];
  return [...lines, "", ...table(head, rows.length > 1 ? [...rows, total] : rows, tableLook(look)), ""];
}

/** One exchange: what was asked, and what was answered, side by side where there is room. */
export function exchangeLines(exchange: ArmsExchange, number: string, look: ArmsLook): string[] {
  const { tags, requested_model, ts_ms, prompt, messages, stand_in_tools } = exchange;
  const facts = [isoMinute(ts_ms), ...(tags.length > 0 ? [tags.join(", ")] : []), requested_model];
  const head = `${number}  ${facts.join(" · ")}${messages > 1 ? ` · ${messages} messages` : ""}`;
  const width = look.columns - INDENT.length;
  const asked = wrapped(prompt ?? "(no text)", width - 2).slice(0, PROMPT_LINES);
  const known = `tools as far as their calls show them: ${stand_in_tools.join(", ")}`;
  const tools = stand_in_tools.length === 0 ? [] : wrapped(known, width);
  const cells = answerCells(exchange);
  const across = Math.floor((width - BETWEEN.length * (cells.length - 1)) / cells.length);
  const answers = across >= LEAST_COLUMN ? sideBySide(cells, across, look) : below(cells, width, look);
  return [
    ...said(head, BOLD, look),
    ...asked.map((line) => `${INDENT}> ${line}`),
    ...tools.map((line) => INDENT + coloured(line, DIM, look)),
    ...answers,
    "",
  ];
}

/** What it cost, and how the arms stand to what was answered then. */
export function summaryLines(result: ArmsResult, look: ArmsLook): string[] {
  const { stopped, summary, exchanges, sampled, spent_usd, max_usd } = result;
  if (sampled === 0) return said("There is nothing to ask: see above.", YELLOW, look);
  if (stopped === "no_cap")
    return said("Nothing was asked: give --max-usd, the US dollars it may cost at most.", BOLD, look);
  const lines = [...table(HEAD, summary.map(summaryRow), tableLook(look)), ""];
  for (const { arm, losses } of summary) {
    if (losses.length === 0) continue;
    const fields = losses.map(({ field, count }) => `${field} (${count})`).join(", ");
    lines.push(...said(`${arm} could not be told: ${fields}`, DIM, look));
  }
  const left = sampled - exchanges.length;
  const spent = `Spent ${costText({ usd: spent_usd, source: "configured" })} of $${max_usd}.`;
  const free = summary.some(({ cost }) => cost.usd === null) ? " What has no known price is not in it." : "";
  if (stopped === "cap")
    lines.push(...said(`The cap is reached: ${counted(left, "exchange")} of the sample were not asked.`, YELLOW, look));
  if (stopped === "interrupted")
    lines.push(...said(`Interrupted: ${counted(left, "exchange")} of the sample were not asked.`, YELLOW, look));
  return [...lines, ...said(spent + free, BOLD, look)];
}

const HEAD = ["", "ok", "failed", "cut", "cost", "p50", "p95", "tokens", "alike", "same tools"];

function summaryRow({
  arm,
  ok,
  failed,
  cut,
  cost,
  p50_ms,
  p95_ms,
  output_tokens,
  similarity,
  same_tools,
}: ArmSummary): Cell[] {
  const ms = (value: number | null): Cell => ({ text: value === null ? "–" : durationText(value), right: true });
  return [
    { text: arm },
    { text: countText(ok), right: true },
    { text: countText(failed), right: true, colour: failed > 0 ? RED : "" },
    { text: countText(cut), right: true, colour: cut > 0 ? YELLOW : "" },
    { text: ok === 0 && cost.source === "none" ? "–" : costText(cost), right: true },
    ms(p50_ms),
    ms(p95_ms),
    { text: output_tokens === null ? "–" : countText(output_tokens), right: true },
    { text: percentText(similarity), right: true },
    { text: same_tools === null ? "–" : `${same_tools.same}/${same_tools.of}`, right: true },
  ];
}

function sideBySide(cells: readonly AnswerCell[], width: number, look: ArmsLook): string[] {
  const columns = cells.map((cell) => cellLines(cell, width));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => {
    const parts = columns.map((lines) => {
      const { text = "", colour = "" } = lines[row] ?? {};
      return coloured(text, colour, look) + " ".repeat(Math.max(0, width - columnsOf(text)));
    });
    return INDENT + parts.join(look.colour ? paint(DIM, BETWEEN) : BETWEEN).trimEnd();
  });
}

function below(cells: readonly AnswerCell[], width: number, look: ArmsLook): string[] {
  return cells.flatMap((cell) =>
    cellLines(cell, width - 2).map(
      ({ text, colour }, at) => `${INDENT}${at === 0 ? "" : "  "}${coloured(text, colour, look)}`,
    ),
  );
}

interface Line {
  text: string;
  colour: string;
}

function cellLines({ title, facts, isBad, text, calls, notes }: AnswerCell, width: number): Line[] {
  const inLines = (words: string, colour: string, most = 2): Line[] => {
    // More than is shown: answers may be as long as books.
    const lines = wrapped(words.slice(0, width * (most + 1) * 4), width);
    const shown = lines.slice(0, most).map((line) => ({ text: line, colour }));
    const last = shown.at(-1);
    if (lines.length > most && last) last.text = `${headOf(last.text, width - 2)} …`;
    return shown;
  };
  return [
    ...inLines(title, BOLD, 1),
    ...inLines(facts, isBad ? RED : DIM),
    ...(text === "" ? [] : inLines(text, "", isBad ? 3 : 6)),
    ...calls.flatMap((call) => inLines(`→ ${call}`, GREEN)),
    ...notes.flatMap((note) => inLines(note, DIM)),
  ];
}

function said(text: string, colour: string, look: ArmsLook): string[] {
  return wrapped(text, look.columns).map((line) => coloured(line, colour, look));
}

function coloured(text: string, colour: string, look: ArmsLook): string {
  return look.colour && colour !== "" && text !== "" ? paint(colour, text) : text;
}

function tableLook({ colour, columns }: ArmsLook) {
  return { colours: colour, width: columns };
}

function counted(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? "" : "s"}`;
}
