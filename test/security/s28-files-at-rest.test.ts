import { ok } from "node:assert/strict";
import { existsSync, lchownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Weakening } from "../support/router.ts";
import { until } from "../support/until.ts";
import { type LoneAttack, loneAttacks, runProgram } from "./program.ts";

// Another account of the same machine reads what the router wrote, or puts a link where it is going to write. What the router
// keeps (prompts, keys in a config) is for its owner alone, also under the umask 000. The files of `launch` are looked at in
// test/launch.test.ts, and `.env` and files with keys, which the router does not write, are warned of: src/cli/doctor.

const CONFIG = `[server]
port = 0
[logging]
enabled = true
[[providers]]
name = "sim"
format = "simulated"
[[routers]]
type = "fallback"`;
const PROMPT = "prompt-canary-28";
const LOG = "logs/requests.jsonl";
const INDEX = "logs/requests.index.sqlite";

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "router-test-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One request by a router in a folder that was prepared; `look` says what the attacker has once `done`. */
function recording(
  weakenings: readonly Weakening[],
  prepare: (folder: string) => void,
  done: (folder: string, said: string) => boolean,
  look: (folder: string) => string | undefined,
): Promise<string | undefined> {
  return inFolder(async (folder) => {
    writeFileSync(join(folder, "config.toml"), CONFIG, { mode: 0o600 });
    prepare(folder);
    const program = runProgram(folder, [], { weakenings });
    try {
      const url = await program.listening();
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: PROMPT }] });
      const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", body });
      ok(answer.status === 200, await answer.text());
      await until(() => done(folder, program.said()), "the record to be written, or refused", 60_000);
    } finally {
      await program.end();
    }
    return look(folder);
  });
}

const isIn = (file: string) => (folder: string) =>
  existsSync(join(folder, file)) && readFileSync(join(folder, file)).includes(PROMPT);

/** What others may do with a path that the router made. */
const opened =
  (...paths: string[]) =>
  (folder: string): string | undefined => {
    const open = paths.filter((path) => (statSync(join(folder, path)).mode & 0o077) !== 0);
    return open.length === 0 ? undefined : `others get at ${open}`;
  };

const nothing = () => undefined;
const hasIndex = (folder: string) => isIn(LOG)(folder) && existsSync(join(folder, INDEX));

/** The index is written by a thread, which is to be weakened likewise. */
const IN_THE_THREAD = { file: "store/worker-store.ts", from: "execArgv: [", to: "execArgv: [...process.execArgv, " };

const modes: LoneAttack[] = [
  {
    name: "read a config that init wrote",
    guard: [{ file: "cli/init.ts", from: ", mode: 0o600", to: "" }],
    run: (weakenings) =>
      inFolder(async (folder) => {
        const program = runProgram(folder, ["init"], { weakenings });
        ok((await program.ended) === 0, program.said());
        return opened("config.toml")(folder);
      }),
  },
  {
    name: "read the log, or look into its folder",
    guard: [
      { file: "record/log-file.ts", from: "noFollow, 0o600)", to: "noFollow, 0o666)" },
      { file: "record/log-file.ts", from: "mode: 0o700", to: "mode: 0o777" },
    ],
    run: (weakenings) => recording(weakenings, nothing, isIn(LOG), opened(LOG, "logs")),
  },
  {
    name: "read the index, or what SQLite keeps beside it",
    guard: [
      IN_THE_THREAD,
      { file: "store/index/open-index.ts", from: "(constants.O_NOFOLLOW ?? 0), 0o600", to: "0, 0o666" },
      { file: "store/index/open-index.ts", from: "fchmodSync(file, 0o600)", to: "fchmodSync(file, 0o666)" },
    ],
    run: (weakenings) => recording(weakenings, nothing, hasIndex, opened(INDEX)),
  },
];

/** Has the router write where somebody else wants it to. */
const linked =
  (path: string, target: string) =>
  (folder: string): void => {
    mkdirSync(join(folder, "logs"), { mode: 0o700 });
    writeFileSync(join(folder, target), "");
    symlinkSync(join(folder, target), join(folder, path));
  };
const written = (target: string) => (folder: string) =>
  readFileSync(join(folder, target)).length > 0 ? `the router wrote to ${target}` : undefined;
const refused = (_: string, said: string) => /it is a symbolic link, which .* not follow/.test(said);

const links: LoneAttack[] = [
  {
    name: "a link in the place of the log",
    guard: [{ file: "record/log-file.ts", from: "(constants.O_NOFOLLOW ?? 0)", to: "0" }],
    run: (weakenings) =>
      recording(
        weakenings,
        linked(LOG, "precious"),
        (folder, said) => isIn("precious")(folder) || refused(folder, said),
        written("precious"),
      ),
  },
  {
    name: "a link in the place of the index",
    guard: [IN_THE_THREAD, { file: "store/index/open-index.ts", from: "(constants.O_NOFOLLOW ?? 0)", to: "0" }],
    run: (weakenings) =>
      recording(
        weakenings,
        linked(INDEX, "precious"),
        (folder, said) => statSync(join(folder, "precious")).size > 0 || refused(folder, said),
        written("precious"),
      ),
  },
];

/** Only root may give files away. */
const isRoot = process.geteuid?.() === 0;
const byAnother: LoneAttack = {
  name: "a link of another user's in the place of the log's folder",
  guard: [{ file: "record/log-file.ts", from: "isForeignLink(folder)", to: "false" }],
  run: (weakenings) =>
    recording(
      weakenings,
      (folder) => {
        mkdirSync(join(folder, "theirs"), { mode: 0o777 });
        symlinkSync(join(folder, "theirs"), join(folder, "logs"));
        lchownSync(join(folder, "logs"), 12_345, 12_345);
      },
      (folder, said) => isIn("theirs/requests.jsonl")(folder) || said.includes("is a symbolic link of another user's"),
      (folder) => (isIn("theirs/requests.jsonl")(folder) ? "the prompt" : undefined),
    ),
};

loneAttacks("S28: another account of the machine", [...modes, ...links, ...(isRoot ? [byAnother] : [])]);
