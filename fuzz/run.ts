import { parseArgs } from "node:util";
import { type Found, fuzzTarget, type Outcome } from "./engine/fuzz-target.ts";
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

/** As soon as it is found. */
function say(target: string, { text, input }: Found): void {
  console.log(`\n${target}: ${text}\n  by ${JSON.stringify(Buffer.from(input).toString("latin1").slice(0, 500))}\n`);
}

/** What was found becomes a regression input; what reached new code is kept. Says in a line how it went. */
function settle(target: string, { findings, over }: Outcome): void {
  const inputs = findings.filter(({ input }) => input.length > 0).map(({ input }) => Buffer.from(input));
  store("crashes", target, [...stored("crashes", target), ...inputs]);
  if (over?.corpus)
    store(
      "corpus",
      target,
      over.corpus.map((input) => Buffer.from(input)),
    );
  const { reached, retained, runs = 0, cpu = 0 } = over ?? {};
  const code = reached ? `, ${reached.before} → ${reached.after} characters of code reached, ${retained} MB left` : "";
  const kept = over?.corpus ? `, ${over.corpus.length} inputs kept` : "";
  console.log(
    `${findings.length === 0 && over ? "ok    " : "FAILED"}  ${target}: ${runs} runs in ${Math.round(cpu)} s of processor time${code}${kept}`,
  );
  if (findings.length > 0 || !over) process.exitCode = 1;
}

const runs = values.runs === undefined ? undefined : numberOf(values.runs);
const seconds = runs === undefined ? numberOf(values.seconds ?? "60") : undefined;
for (const [index, target] of targetsOf(positionals).entries()) {
  const corpus = stored("corpus", target);
  const work = { target, seed: numberOf(values.seed) + index, seconds, runs: runs ?? 0, corpus };
  settle(target, await fuzzTarget(work, (finding) => say(target, finding)));
}
