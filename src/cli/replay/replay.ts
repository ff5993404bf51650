import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { escapedControls } from "../../core/terminal-text.ts";
import { FILTER_NAMES, parseFilter } from "../../remote/filter.ts";
import { type Assertion, parseAssertion } from "../../replay/assert/assertion.ts";
import { AssertionFault } from "../../replay/assert/fault.ts";
import { LogReading } from "../../replay/reading/read-log.ts";
import { Replay } from "../../replay/replay.ts";
import type { ReplayReport } from "../../replay/report.ts";
import { Tally } from "../../replay/tally.ts";
import { hasColours } from "../colours.ts";
import { type Io, Refusal } from "../io.ts";
import { DEFAULT_CONFIG } from "../open-config.ts";
import { linesOfReport } from "./lines.ts";
import { sinceMs } from "./since.ts";
import { type World, worldOf } from "./world.ts";

export interface ReplayArgs {
  readonly log: string | undefined;
  readonly config: string | undefined;
  readonly since: string | undefined;
  readonly filter: string | undefined;
  readonly assert: readonly string[];
  readonly json: boolean;
  readonly html: string | undefined;
}

/** Of a line that goes elsewhere than to a terminal. */
const WIDTH_ELSEWHERE = 100;

/** `replay`: decides the requests of a log again by another config, and tells what that changes. 1: an assertion does not hold. */
export async function replay(args: ReplayArgs, io: Io): Promise<number> {
  const config = args.config ?? DEFAULT_CONFIG;
  if (!existsSync(config)) throw new Refusal(2, `there is no ${config}: --config names the config to replay with`);
  const since = args.since === undefined ? undefined : sinceMs(args.since, Date.now());
  const world = await worldOf(config, io);
  const assertions = args.assert.map((text) => assertionIn(text, world));
  const reading = new LogReading(args.log ?? world.config.logging.path, since);
  const { totals, tags, first, last } = await replayed(reading, world, assertions, args.filter);
  const report: ReplayReport = {
    ...totals,
    log: { ...reading.read, path: reading.path, first_ms: first, last_ms: last },
    config,
    since_ms: since ?? null,
    filter: args.filter ?? null,
    absent_tags: [...tagsIn(world.config.routers)].filter((tag) => !tags.has(tag)),
    assertions: assertions.map((assertion) => assertion.verdict(totals)),
  };
  if (args.html !== undefined) {
    const { pageOf } = await import("./html/page.ts");
    await written(args.html, pageOf(report));
  }
  if (args.json) io.out(escapedControls(JSON.stringify(report, undefined, 2)));
  else io.out(linesOfReport(report, lookOf(io)).join("\n"), "painted");
  if (args.html !== undefined) io.err(`${args.html}: written`);
  return report.assertions.every(({ holds }) => holds) ? 0 : 1;
}

async function replayed(
  reading: LogReading,
  world: World,
  assertions: readonly Assertion[],
  filter: string | undefined,
) {
  const again = new Replay(world);
  const tally = new Tally();
  const isWanted = parseFilter(filter ?? "");
  let first: number | null = null;
  let last: number | null = null;
  try {
    for await (const logged of reading.exchanges()) {
      const effect = again.effectOf(logged);
      // Those that are not asked for are decided all the same: conversations go on from them.
      if (!isWanted(logged.row)) continue;
      first ??= logged.row.ts_ms;
      last = logged.row.ts_ms;
      if (effect === undefined) tally.undecided();
      else {
        tally.add(effect);
        for (const assertion of assertions) assertion.add(effect);
      }
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw new Refusal(
      1,
      `there is no log at ${reading.path}: --log names another, [logging] enabled = true writes one`,
    );
  }
  if (reading.read.files.length === 0)
    throw new Refusal(
      1,
      `there is no log at ${reading.path}: --log names another, [logging] enabled = true writes one`,
    );
  return { totals: tally.totals(again.conversations), tags: tally.tags, first, last };
}

function assertionIn(text: string, { fleet }: World): Assertion {
  const providers = fleet.all().map(({ name }) => name);
  try {
    return parseAssertion(text, { providers, filterNames: FILTER_NAMES, parseFilter });
  } catch (fault) {
    if (!(fault instanceof AssertionFault)) throw fault;
    const mark = `${" ".repeat(fault.position)}^`;
    throw new Refusal(2, `--assert, character ${fault.position + 1}: ${fault.message}\n  ${text}\n  ${mark}`);
  }
}

/** Those that rules and their conditions ask for. */
function tagsIn(settings: unknown, tags: Set<string> = new Set()): Set<string> {
  if (typeof settings !== "object" || settings === null) return tags;
  for (const [key, value] of Object.entries(settings)) {
    if (key !== "tag") tagsIn(value, tags);
    else for (const tag of [value].flat()) if (typeof tag === "string") tags.add(tag);
  }
  return tags;
}

async function written(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new Refusal(1, `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function lookOf({ env, isTerminal }: Io): { colours: boolean; width: number } {
  const isOut = isTerminal?.out === true;
  return { colours: hasColours(env, isOut), width: isOut ? (process.stdout.columns ?? 80) : WIDTH_ELSEWHERE };
}
