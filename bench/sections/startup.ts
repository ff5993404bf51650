import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { openaiBody } from "../bodies.ts";
import { Connection, requestOf } from "../connection.ts";
import { median, spread } from "../figures.ts";
import { cpuMicros, during, startServer, writeConfig } from "../processes.ts";
import type { Effort, Measured, Section } from "../section.ts";

/** From the command to the first answer. */
export const startup: Section = {
  name: "startup",
  title: "Start to first answer",
  measure: (effort) => during(() => measure(effort)),
};

/** A start is short: more of them in each round than of anything else. */
const STARTS = 4;
const ROOT = join(import.meta.dirname, "../..");
/** What no router is made of, or is made anew. */
const LEFT_OUT = new Set(["node_modules", "dist", "test", "fuzz", "soak", "bench", "logs", ".git", ".cache"]);
const BIN = "bin/opensourcellmrouter.cjs";

interface Case {
  name: string;
  args: readonly string[];
  cwd: string;
  /** Nothing is there yet of what earlier starts leave behind. */
  first?: boolean;
  /** Ends by itself and answers nothing. */
  idle?: boolean;
}

interface Sample {
  ms: number;
  cpuMs: number;
}

async function measure({ rounds }: Effort): Promise<Measured> {
  const work = mkdtempSync(join(tmpdir(), "startup-"));
  try {
    const upstream = await startServer("bench/upstream.ts", [], { env: { PACE_MS: "0" } });
    const args = [BIN, writeConfig(upstream.url, { logging: true })];
    const { built, edited, packed } = checkouts(work);
    const cases: readonly Case[] = [
      { name: "`node -e 0`, to its end", args: ["-e", "0"], cwd: ROOT, idle: true },
      { name: "bare proxy", args: ["bench/bare-proxy.ts", upstream.url], cwd: ROOT },
      { name: "router from sources that were edited, the first time", args, cwd: edited, first: true },
      { name: "router from sources that were edited, later", args, cwd: edited },
      { name: "router from a checkout, the first time", args, cwd: built, first: true },
      { name: "router from a checkout, later", args, cwd: built },
      { name: "router from the package, the first time", args, cwd: packed, first: true },
      { name: "router from the package, later", args, cwd: packed },
    ];
    const samples = cases.map((): Sample[] => []);
    for (let round = -1; round < rounds * STARTS; round++)
      for (const [index, one] of cases.entries()) {
        const sample = await start(one, join(work, one.first ? `home-${index}-${round}` : `home-${index}`));
        // The first round fills caches, the system's among them.
        if (round >= 0) samples[index]?.push(sample);
      }
    return {
      about: `From \`spawn\` to the last byte of the first answer (2 KB, whole, log on), which is asked for as soon as the address is printed. "The first time": with an empty home and temporary folder. CPU is that of the process until then, in steps of 10 ms. Medians of ${samples[0]?.length ?? 0} starts, least and most behind them. The goal is 250 ms.`,
      columns: ["", "ms", "CPU ms"],
      rows: cases.map(({ name, idle }, index) => [
        name,
        spread((samples[index] ?? []).map(({ ms }) => ms)),
        idle ? "" : spread((samples[index] ?? []).map(({ cpuMs }) => cpuMs)),
      ]),
      chart: {
        title: "Start to first answer",
        x: cases.map(({ name }) => name.replaceAll("`", "")),
        y: "ms",
        series: [{ name: "median", values: samples.map((list) => median(list.map(({ ms }) => ms))) }],
      },
      figures: { "startup: ms to the first answer": median((samples.at(-1) ?? []).map(({ ms }) => ms)) },
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Of the sources as they are now: as `npm ci` leaves them, edited since, and as `npm pack` makes a package of them. */
function checkouts(work: string): { built: string; edited: string; packed: string } {
  const [built, edited, packed] = [join(work, "built"), join(work, "edited"), join(work, "package")];
  copyFolder(ROOT, built);
  symlinkSync(join(ROOT, "node_modules"), join(built, "node_modules"));
  execFileSync(process.execPath, ["scripts/build.ts"], { cwd: built, stdio: ["ignore", "ignore", "inherit"] });
  copyFolder(built, edited);
  symlinkSync(join(ROOT, "node_modules"), join(edited, "node_modules"));
  for (const part of ["bin", "dist", "package.json"])
    cpSync(join(built, part), join(packed, part), { recursive: true });
  return { built, edited, packed };
}

function copyFolder(from: string, to: string): void {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !(dirname(path) === from && LEFT_OUT.has(basename(path))),
  });
}

async function start({ args, cwd, idle = false }: Case, home: string): Promise<Sample> {
  mkdirSync(home, { recursive: true });
  const env = { HOME: home, TMPDIR: home };
  const began = performance.now();
  if (idle) {
    execFileSync(process.execPath, args, { cwd, env });
    return { ms: performance.now() - began, cpuMs: Number.NaN };
  }
  const [script = "", ...rest] = args;
  const { url, pid, ended } = await startServer(script, rest, { cwd, env });
  await answered(new URL(url));
  const sample = { ms: performance.now() - began, cpuMs: cpuMicros(pid) / 1000 };
  // Not killed at once: what a start leaves for the next one may be written at the end.
  process.kill(pid, "SIGTERM");
  await ended;
  return sample;
}

function answered(url: URL): Promise<void> {
  const request = requestOf(url, "/v1/chat/completions", openaiBody(2_048, false));
  return new Promise((resolve, reject) => {
    const connection = new Connection(url.hostname, Number(url.port), request, (from, _first, _total, ok) => {
      from.close();
      if (ok) resolve();
      else reject(new Error(`the first request failed at ${url}`));
    });
    connection.send();
  });
}
