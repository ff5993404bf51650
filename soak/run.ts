import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Measured, tableWith } from "./report.ts";
import type { Outcome, Scenario, Size } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/**
 * `npm run soak [-- NAME… --quick --write --count N]`: measures the figures of docs/reliability.md, all or those named, one after
 * the other. A full run writes its rows of the table; a quick one only with `--write`.
 */
const PAGE = join(import.meta.dirname, "..", "docs", "reliability.md");

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { quick: { type: "boolean" }, write: { type: "boolean" }, count: { type: "string" } },
  });
  const quick = values.quick === true;
  const chosen = chooseScenarios(positionals);
  const given = values.count === undefined ? undefined : Number(values.count);
  const size: Size = { quick, count: (full, short) => given ?? (quick ? short : full) };
  const measured: Measured[] = [];
  for (const scenario of chosen) measured.push(await measure(scenario, size));
  if (!quick || values.write) writeFileSync(PAGE, tableWith(readFileSync(PAGE, "utf8"), SCENARIOS, measured));
  process.exitCode = measured.every(({ outcome }) => outcome.passed) ? 0 : 1;
}

function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new Error(`no scenario ${unknown.join(", ")}: there are ${SCENARIOS.map(({ name }) => name).join(", ")}`);
  }
  return names.length === 0 ? SCENARIOS : SCENARIOS.filter(({ name }) => names.includes(name));
}

const SHOWN_COMPLAINTS = 20;

async function measure(scenario: Scenario, size: Size): Promise<Measured> {
  console.log(`\n${scenario.name}: ${scenario.figure}\n  goal      ${scenario.goal}`);
  const started = performance.now();
  const outcome = await scenario.run(size).catch(asOutcome);
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`  measured  ${outcome.measured}\n  ${outcome.passed ? "passed" : "FAILED"} in ${seconds} s`);
  for (const complaint of outcome.complaints.slice(0, SHOWN_COMPLAINTS)) console.log(`  - ${complaint}`);
  const more = outcome.complaints.length - SHOWN_COMPLAINTS;
  if (more > 0) console.log(`  - and ${more} more`);
  return { scenario, outcome, quick: size.quick };
}

/** A scenario that could not be measured has failed, and must not keep the others from being measured. */
function asOutcome(error: unknown): Outcome {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { measured: "could not be measured", passed: false, complaints: [text] };
}

await main();
