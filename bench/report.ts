import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join, relative } from "node:path";
import { svgOf } from "./chart.ts";
import type { Effort, Measured, Section } from "./section.ts";

/** What a section gave, with the command that made it. */
export interface Report {
  readonly section: Pick<Section, "name" | "title">;
  readonly measured: Measured;
  readonly how: string;
}

/** Command, effort, machine and day, for below a table. */
export function howMade(words: readonly string[], { rounds, seconds }: Effort, now: Date): string {
  const quoted = words.map((word) => (word.includes(" ") ? `"${word}"` : word));
  const command = ["npm run bench", ...(words.length > 0 ? ["--", ...quoted] : [])].join(" ");
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${Math.round(totalmem() / 2 ** 30)} GB`;
  return `\`${command}\`: ${rounds} rounds of ${seconds} s for each case, interleaved; medians (least–most). Node ${process.version.slice(1)}, ${machine}, ${now.toISOString().slice(0, 10)}.`;
}

/** Markdown of a section, without a heading; `picture` is the path of its chart. */
export function markdownOf({ section, measured, how }: Report, picture?: string): string {
  const { about, columns, rows, notes } = measured;
  const parts = [about, tableText(columns, rows)];
  if (notes !== undefined) parts.push(notes);
  if (picture !== undefined) parts.push(`![${section.title}](${picture})`);
  parts.push(how);
  return parts.join("\n\n");
}

export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(columns), `|${"---|".repeat(columns.length)}`, ...rows.map(line)].join("\n");
}

/**
 * Puts a section between its markers in a page (`<!-- bench: NAME -->` … `<!-- end of NAME -->`), and its chart into a picture in
 * the folder. Throws when the page has no such markers.
 */
export function writeInto(page: string, pictures: string, report: Report): void {
  const { section, measured } = report;
  let picture: string | undefined;
  if (measured.chart) {
    const file = join(pictures, `bench-${section.name.replaceAll(/[^a-z0-9]+/g, "-")}.svg`);
    mkdirSync(pictures, { recursive: true });
    writeFileSync(file, svgOf(measured.chart));
    picture = relative(dirname(page), file);
  }
  fill(page, section.name, `${markdownOf(report, picture)}${figuresText(measured.figures)}`);
}

const FIGURES = /<!-- figures: (\{.*\}) -->/g;

/** Unseen on the page: what `goals.ts` goes by, so that sections can be measured one by one. */
function figuresText(figures: Measured["figures"] = {}): string {
  const known = Object.entries(figures).filter(([, value]) => Number.isFinite(value));
  if (known.length === 0) return "";
  const short = known.map(([name, value]): [string, number] => [name, Number(value.toPrecision(4))]);
  return `\n\n<!-- figures: ${JSON.stringify(Object.fromEntries(short))} -->`;
}

/** Of all sections that a page holds. */
export function figuresIn(page: string): Record<string, number> {
  const all = [...readFileSync(page, "utf8").matchAll(FIGURES)];
  return Object.assign({}, ...all.map(([, json = ""]): Record<string, number> => JSON.parse(json)));
}

/** Replaces what stands between two markers. */
export function fill(page: string, name: string, content: string): void {
  const [from, until] = [`<!-- bench: ${name} -->`, `<!-- end of ${name} -->`];
  const text = readFileSync(page, "utf8");
  const [start, end] = [text.indexOf(from), text.indexOf(until)];
  if (start === -1 || end < start)
    throw new Error(`${page} has no place for "${name}": put "${from}" and "${until}" where it is to stand`);
  writeFileSync(page, `${text.slice(0, start)}${from}\n${content}\n${text.slice(end)}`);
}
