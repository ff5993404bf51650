import { type StdioOptions, spawn } from "node:child_process";
import { globSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// What `npm test` runs. Every stage runs, whatever the ones before it found; the end says in one line each how they went.

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BIN = join(ROOT, "node_modules", ".bin");
// The repository's own Node, whatever Node the machine or npm came with.
const env = {
  ...process.env,
  PATH: [BIN, dirname(process.execPath), process.env["PATH"]].join(delimiter),
  // Each test file is a process of its own that loads the router's sources: reading them anew takes a third of its time.
  NODE_COMPILE_CACHE: join(ROOT, "node_modules", ".cache", "compile"),
};

interface Stage {
  name: string;
  command: string;
  args: string[];
  /** It only reads: two of these run at a time, where tests want the machine for themselves. */
  reads?: true;
}

/** Floors whose tests open nothing and leave nothing behind: one process for all of them, since each start takes 0.35 s. */
const PURE = [
  "{src/{wire,core,classify,routing,resilience,config,cost,store/rollup,pipeline/raw},web/src,tui/src/{terminal,feed,stats,chat,views}}/**/*.test.ts",
  "test/routing/*.test.ts",
];
const ALL = [
  "src/**/*.test.ts",
  "test/**/*.test.ts",
  "bench/**/*.test.ts",
  "soak/**/*.test.ts",
  "fuzz/**/*.test.ts",
  "{web,tui}/**/*.test.ts",
];
/** The agents, Chromium, tmux and systemd are installed and run by .ci/run only, and so are attacks, each on a router of its own. */
const ELSEWHERE = [
  "test/e2e/{agents,failover}.test.ts",
  "test/{dashboard,tui,service}/*.test.ts",
  "test/security/s[0-9][0-9]-*.test.ts",
];

function testFiles(globs: string[], except: string[]): string[] {
  const without = new Set(globSync(except, { cwd: ROOT }));
  return globSync(globs, { cwd: ROOT })
    .filter((file) => !without.has(file))
    .sort();
}

function tests(...args: string[]): string[] {
  return ["--test", "--test-timeout=120000", "--test-reporter=dot", ...args];
}

const STAGES: Stage[] = [
  { name: "typecheck", command: "tsc", args: ["--noEmit"], reads: true },
  { name: "typecheck of the page", command: "tsc", args: ["-p", "web"], reads: true },
  { name: "typecheck of the terminal UI", command: "tsc", args: ["-p", "tui"], reads: true },
  { name: "biome", command: "biome", args: ["check", "--error-on-warnings", "."], reads: true },
  {
    name: "arrows",
    command: "depcruise",
    reads: true,
    args: [
      "--config",
      ".dependency-cruiser.cjs",
      ...["src", "test", "bench", "soak", "fuzz", "web/src", "tui/src"].filter(
        (folder) => globSync(folder, { cwd: ROOT }).length > 0,
      ),
    ],
  },
  { name: "dead code", command: "knip", args: [], reads: true },
  {
    name: "pure tests",
    command: "node",
    args: tests("--test-isolation=none", ...testFiles(PURE, ELSEWHERE)),
  },
  {
    name: "tests",
    command: "node",
    args: tests(
      "--test-reporter-destination=stdout",
      "--test-reporter=./test/slowest.ts",
      "--test-reporter-destination=stdout",
      "--test-concurrency=2",
      ...testFiles(ALL, [...PURE, ...ELSEWHERE]),
    ),
  },
];

interface Result {
  name: string;
  failure: string | undefined;
}

/** Checks that only read say what they have to say when they are over; tests as they go. */
function run(stage: Stage): Promise<Result> {
  const started = performance.now();
  const stdio: StdioOptions = stage.reads ? ["ignore", "pipe", "pipe"] : "inherit";
  const child = spawn(stage.command, stage.args, { cwd: ROOT, env, stdio });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece: Buffer) => output.push(piece));
  return new Promise((resolve) => {
    const over = (failure: string | undefined) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(Buffer.concat(output));
      console.log(`\n${stage.name}: ${failure === undefined ? "ok" : `FAILED (${failure})`} in ${seconds} s`);
      resolve({ name: stage.name, failure });
    };
    child.once("error", (error) => over(error.message));
    child.once("close", (status, signal) => over(status === 0 ? undefined : `exit ${status ?? signal}`));
  });
}

/** One after the other. */
async function runAll(stages: Iterable<Stage>): Promise<Result[]> {
  const results: Result[] = [];
  for (const stage of stages) results.push(await run(stage));
  return results;
}

/** `node test/run.ts [STAGE…]`: all stages, or those named. */
async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name));
  if (unknown.length > 0)
    throw new Error(`no stage ${unknown}: there are ${STAGES.map((stage) => stage.name).join(", ")}`);
  const chosen = STAGES.filter((stage) => names.length === 0 || names.includes(stage.name));
  // Two lines at one list: whoever is free takes the next.
  const checks = chosen.filter((stage) => stage.reads).values();
  const read = await Promise.all([runAll(checks), runAll(checks)]);
  const results = [...read.flat(), ...(await runAll(chosen.filter((stage) => !stage.reads)))];
  console.log("");
  for (const { name, failure } of results) console.log(`${failure === undefined ? "ok    " : "FAILED"}  ${name}`);
  if (results.some((result) => result.failure !== undefined)) process.exitCode = 1;
}

await main(process.argv.slice(2));
