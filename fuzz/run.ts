import { parseArgs } from "node:util";
import { type Found, fuzzTargets, type Over, type Task } from "./engine/fuzz-targets.ts";
import { store, stored } from "./engine/stored.ts";
import { TARGETS } from "./targets/index.ts";

// `npm run fuzz -- [TARGET…] [--seconds N] [--runs N] [--seed N]`: docs/security.md.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string" }, runs: { type: "string" }, seed: { type: "string", default: "1" } },
});

/** Which targets an argument means: one, or all that begin so. */
function targetsOf(names: readonly string[]): string[] {
  const all = TARGETS.map(({ name }) => name);
  for (const name of names)
    if (!all.some((one) => one.startsWith(name))) throw new Error(`no target ${name}: there are ${all.join(", ")}`);
  return names.length === 0 ? all : all.filter((one) => names.some((name) => one.startsWith(name)));
}

function numberOf(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`${text} is no whole number`);
  return value;
}

/** As soon as it is found. What was found becomes a regression input. */
function say(target: string, { text, input }: Found): void {
  process.exitCode = 1;
  console.log(`\n${target}: ${text}\n  by ${JSON.stringify(Buffer.from(input).toString("latin1").slice(0, 500))}\n`);
  if (input.length > 0) store("crashes", target, [...stored("crashes", target), Buffer.from(input)]);
}

/** What reached new code is kept. Says in a line how it went. */
function settle(target: string, found: number, { runs, cpu, reached, retained, corpus }: Over): void {
  const inputs = corpus?.map((input) => Buffer.from(input));
  if (inputs) store("corpus", target, inputs);
  const code = reached ? `, ${reached.before} → ${reached.after} characters of code reached, ${retained} MB left` : "";
  const kept = inputs ? `, ${inputs.length} inputs kept` : "";
  const time = `${Math.round(cpu)} s of processor time`;
  console.log(`${found === 0 ? "ok    " : "FAILED"}  ${target}: ${runs} runs in ${time}${code}${kept}`);
}

const runs = values.runs === undefined ? undefined : numberOf(values.runs);
const seconds = runs === undefined ? numberOf(values.seconds ?? "60") : undefined;
let left: Task[] = targetsOf(positionals).map((target, index) => ({
  target,
  seed: numberOf(values.seed) + index,
  corpus: stored("corpus", target),
}));
while (left.length > 0) {
  const tasks = left;
  let done = 0;
  let found = 0;
  await fuzzTargets({ tasks, seconds, runs: runs ?? 0 }, (told) => {
    const target = tasks[done]?.target ?? "";
    if (told.kind === "finding") {
      found++;
      say(target, told.found);
    } else {
      settle(target, found, told.over);
      done++;
      found = 0;
    }
  });
  const ended = tasks[done]?.target;
  if (ended !== undefined) console.log(`FAILED  ${ended}: it did not come to its end`);
  left = left.slice(ended === undefined ? done : done + 1);
}
