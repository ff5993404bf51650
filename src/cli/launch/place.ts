import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Env } from "../../config/check/providers.ts";
import type { Plan } from "./agent.ts";

/** The user's own home. */
export function homeOf(env: Env): string {
  return env["HOME"] || homedir();
}

/** Our folder for what outlives a command. */
export function statePath(env: Env, ...below: string[]): string {
  // A relative one is to be ignored, says the standard.
  const given = env["XDG_STATE_HOME"];
  const base = given?.startsWith("/") ? given : join(homeOf(env), ".local", "state");
  return join(base, "opensourcellmrouter", ...below);
}

/** The same, made where it is missing; nobody else may look into it. */
export function stateFolder(env: Env): string {
  const folder = statePath(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  return folder;
}

/** A file of the user's. Throws when it is there but cannot be read. */
export function readOwn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
      return undefined;
    throw cause;
  }
}

/** Puts the plan's files and links where they belong. Two that do it at once do no harm. */
export function writeFiles({ files = {}, mirror }: Plan): void {
  if (mirror) linkAll(mirror);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  }
}

/** What the agent has put in `to` by itself stays. */
function linkAll({ from, to, except }: NonNullable<Plan["mirror"]>): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    if (except.includes(name)) continue;
    const target = join(from, name);
    try {
      symlinkSync(target, join(to, name));
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
    }
  }
}
