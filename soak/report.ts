import { availableParallelism, totalmem } from "node:os";
import type { Outcome, Scenario } from "./scenario.ts";

/** A row of the table. */
export interface Measured {
  scenario: Scenario;
  outcome: Outcome;
  quick: boolean;
}

const BEGIN = "<!-- figures: written by npm run soak -->";
const END = "<!-- end of figures -->";
const HEAD = "| scenario | figure | goal | measured | |\n|---|---|---|---|---|";

/** The page with these rows new; rows of scenarios that did not run stay as they were. */
export function tableWith(page: string, all: readonly Scenario[], measured: readonly Measured[]): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to === -1) throw new Error(`the page has no place for the figures: ${BEGIN} … ${END}`);
  const rows = new Map<string, string>();
  for (const row of page.slice(from, to).matchAll(/^\| `([\w-]+)` \|.*$/gm)) rows.set(row[1] ?? "", row[0]);
  for (const one of measured) rows.set(one.scenario.name, rowOf(one));
  const ordered = all.map(({ name }) => rows.get(name)).filter((row) => row !== undefined);
  return `${page.slice(0, from)}${BEGIN}\n${HEAD}\n${ordered.join("\n")}\n${page.slice(to)}`;
}

function rowOf({ scenario, outcome, quick }: Measured): string {
  const { name, figure, goal } = scenario;
  const verdict = outcome.passed ? "kept" : "**missed**";
  const cells = [
    `\`${name}\``,
    figure,
    goal,
    outcome.measured,
    `${verdict}${quick ? ", short run" : ""}, ${today()}, ${machine()}`,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** In words: a host's name is nobody's business. */
function machine(): string {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} cores, ${gigabytes} GB, Node ${process.version.slice(1)}`;
}
