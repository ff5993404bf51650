import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { inTime, isTimeout } from "../../src/core/bounded/in-time.ts";
import { linearPattern } from "../../src/core/linear-pattern.ts";
import { EVIL_PATTERNS, EVIL_TEXTS } from "../support/evil-patterns.ts";
import type { Weakening } from "../support/router.ts";
import { attacks } from "./attacks.ts";

// One pattern and one text, and nobody is served any more: MCP's SDK (CVE-2026-0621). Patterns are the owner's (classifiers, redact, rules) or
// a client's (in a schema), the texts anybody's. What counts is processor time: a machine that has no time for us proves nothing.

/** With its guard each attack costs a second or two, without it minutes to eternities. */
const TOO_MUCH_S = 4;

/** Of all threads of a process so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

/** Resolves to what was computed in vain, or undefined when the work is done. */
async function tooMuch(pid: number, work: Promise<unknown>): Promise<string | undefined> {
  const before = cpuSeconds(pid);
  const done = work.then(
    () => true,
    () => true,
  );
  while (!(await Promise.race([done, pause(100, false)]))) {
    const spent = cpuSeconds(pid) - before;
    if (spent > TOO_MUCH_S) return `no end after ${spent} s of processor time`;
  }
  return undefined;
}

const tags = EVIL_PATTERNS.map((pattern, at) => `t${at} = [${JSON.stringify(pattern)}]`);
const CONFIG = `[classifiers.regex]
enabled = true
[classifiers.regex.tags]
${tags.join("\n")}
[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"`;

attacks("S15: 30 patterns, 8 KB of each kind that ruins them", { config: CONFIG }, [
  {
    name: "a prompt that meets the owner's patterns",
    guard: {
      file: "core/linear-pattern.ts",
      from: "return RE2JS.compile(RE2JS.translateRegExp(source), ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);",
      to: "const own = new RegExp(source.replace('(?i)', '')); return { programSize: () => 1, test: (text) => own.test(text) };",
    },
    async run({ router, upstream }) {
      upstream.answer({ text: "ok" });
      const messages = EVIL_TEXTS.map((content) => ({ role: "user", content }));
      const body = JSON.stringify({ model: "m", messages });
      // The weakened one never answers, and is killed.
      const asked = fetch(`${router.url}/v1/chat/completions`, { method: "POST", body });
      return tooMuch(router.pid, asked);
    },
  },
]);

test("each of the 30 would ruin the engine that Node has, or is not even taken", () => {
  const harmless = EVIL_PATTERNS.filter((source) =>
    EVIL_TEXTS.every((text) => {
      try {
        const own = new RegExp(source.replace("(?i)", ""), source.includes("\\p") ? "u" : "");
        inTime(10, () => own.test(text), 1);
        return true;
      } catch (error) {
        return !isTimeout(error);
      }
    }),
  );
  deepEqual(harmless, []);
});

test("patterns without linear time are not taken", () => {
  for (const source of ["(a)\\1", "(?=a+)+b", "(?<!a)b", "a{1,2000}", "((a{1,100}){1,100}){1,100}"]) {
    let why = "";
    try {
      linearPattern(source);
    } catch (error) {
      why = String(error);
    }
    ok(/linear time|too large/.test(why), source);
  }
});

interface Job {
  name: string;
  guard: readonly Weakening[];
}

const budget = { file: "core/linear-pattern.ts", from: "size * text.length <= SHORT_STEPS", to: "true" };
const JOBS: readonly Job[] = [
  {
    name: "redact",
    guard: [budget, { ...budget, from: "if (time.leftMs <= 0)", to: "if (false)" }],
  },
  {
    name: "schema",
    guard: [
      {
        file: "core/bounded/check-schema.ts",
        from: "inTime(CHECK_MS, () =>",
        to: "((_, run) => run())(CHECK_MS, () =>",
      },
    ],
  },
  {
    name: "glob",
    guard: [
      {
        file: "core/glob.ts",
        from: "takes(pattern, asked)",
        to: "new RegExp('^' + pattern.replaceAll('*', '.*') + '$', 's').test(asked)",
      },
    ],
  },
  {
    name: "error page",
    guard: [
      { file: "wire/bytes/excerpt.ts", from: ".slice(0, MAX_CHARS)", to: "" },
      { file: "wire/bytes/excerpt.ts", from: "/<[^<>]*>/g", to: "/<[^>]*>/g" },
    ],
  },
];

describe("S15: work on patterns and texts of others", { concurrency: true }, () => {
  for (const { name, guard } of JOBS) {
    test(`repelled: ${name}`, async () => {
      deepEqual(await runJob(name, []), { spent: undefined, said: "begins\nended\n" });
    });
    test(`succeeds without its guard: ${name}`, async () => {
      const { spent, said } = await runJob(name, guard);
      ok(spent, "it came to an end though its guard was taken out");
      equal(said, "begins\n");
    });
  }
});

const WEAKEN = new URL("./weaken.ts", import.meta.url).href;
const EVIL_WORK = join(import.meta.dirname, "evil-work.ts");

async function runJob(name: string, guard: readonly Weakening[]): Promise<{ spent: string | undefined; said: string }> {
  const env = { ...process.env, WEAKEN: JSON.stringify(guard) };
  const child = spawn(process.execPath, ["--import", WEAKEN, EVIL_WORK, name], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    said += piece;
  });
  const closed = once(child, "close");
  const spent = await tooMuch(child.pid ?? 0, once(child, "exit"));
  if (spent !== undefined) child.kill("SIGKILL");
  await closed;
  return { spent, said };
}

/** Patterns made while the program runs: of our own words, or of what is escaped. Whoever adds one looks at who wrote it. */
const MADE = [
  "src/classify/text/word-finder.ts",
  "src/cli/service/systemd.ts",
  "src/config/conditions.ts",
  "src/plugins/redact/finder.ts",
  "src/plugins/redact/placeholders.ts",
  "src/plugins/web/results/citations.ts",
  "src/replay/assert/limits.ts",
];

test("nothing else makes a pattern of what it is given: filters, searches and assertions know none", () => {
  const files = globSync("{src,web/src,tui/src}/**/*.{ts,tsx}").filter((file) => !file.includes(".test."));
  const making = files.filter((file) => /\bRegExp\(/.test(readFileSync(file, "utf8")));
  deepEqual(making.sort(), MADE);
});
