import { join } from "node:path";
import { GOAL_COLUMNS, goalRows } from "./goals.ts";
import { stopAll } from "./processes.ts";
import { figuresIn, fill, howMade, markdownOf, type Report, tableText, writeInto } from "./report.ts";
import type { Effort, Section } from "./section.ts";
import { SECTIONS } from "./sections/all.ts";

/**
 * `npm run bench [-- [quick] [WORD…] [--write]]`: the router beside a bare proxy, nginx and gateways from npm. Words pick the
 * sections whose name holds one of them; `--write` puts what was measured into `docs/performance.md`. Provider, contender and
 * load generator share the machine's cores: read ratios, not figures.
 */
const FULL: Effort = { rounds: 5, seconds: 1 };
const QUICK: Effort = { rounds: 2, seconds: 0.8 };
const DOCS = join(import.meta.dirname, "../docs");
/** Has a place for each section: `<!-- bench: NAME -->`. */
const PAGE = join(DOCS, "performance.md");

async function main(args: readonly string[]): Promise<void> {
  const words = args.filter((word) => word !== "--write" && word !== "quick");
  const chosen = SECTIONS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  if (chosen.length === 0)
    throw new Error(
      `no section has "${words.join('" or "')}" in its name: ${SECTIONS.map(({ name }) => name).join("; ")}`,
    );
  const effort = args.includes("quick") ? QUICK : FULL;
  const how = howMade(
    args.filter((word) => word !== "--write"),
    effort,
    new Date(),
  );
  const write = args.includes("--write");
  const figures: Record<string, number> = {};
  for (const section of chosen) {
    const report = await reportOf(section, effort, how);
    if (report === undefined) continue;
    Object.assign(figures, report.measured.figures);
    console.log(`\n## ${section.title}\n\n${markdownOf(report)}`);
    if (!write) continue;
    writeInto(PAGE, join(DOCS, "pictures"), report);
    fill(PAGE, "goals", tableText(GOAL_COLUMNS, goalRows(figuresIn(PAGE), true)));
  }
  const rows = goalRows(figures, words.length === 0);
  if (rows.length > 0) console.log(`\n## Goals\n\n${tableText(GOAL_COLUMNS, rows)}`);
}

/** A section that fails is told of and does not keep the others from being measured. */
async function reportOf(section: Section, effort: Effort, how: string): Promise<Report | undefined> {
  console.error(`measuring: ${section.name}`);
  try {
    return { section, measured: await section.measure(effort), how };
  } catch (error) {
    console.error(`${section.name} failed:`, error);
    process.exitCode = 1;
    return undefined;
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    stopAll();
    process.exit(130);
  });
try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  stopAll();
}
process.exit();
