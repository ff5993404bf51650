import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { isObject } from "../../core/json.ts";
import { foreignWriter } from "../../core/own-files.ts";
import type { Env } from "../check/providers.ts";
import type { Path } from "../positions.ts";
import type { Problem } from "../problem.ts";
import { isFetched, type KeySource } from "./key-source.ts";
import { wordsOf } from "./words.ts";

/** A password manager may have to be unlocked; longer than this nobody waits for a router to start. */
const PATIENCE_MS = 10_000;
/** No key is longer, whatever was named by mistake. */
const MAX_BYTES = 64 * 1024;

export interface FetchedKeys {
  /** With what was fetched, each under its source. */
  readonly env: Env;
  /** Warnings: what could not be had, and files that others can read. Never a value. */
  readonly problems: readonly Problem[];
  /** The sources that gave none. */
  readonly failed: readonly KeySource[];
}

interface Place {
  readonly source: KeySource;
  readonly path: Path;
}

interface Fetched {
  readonly key?: string;
  /** Why there is none. */
  readonly fault?: string;
  readonly warning?: string;
}

/**
 * Gets the keys that a config, unchecked as yet, names with `file:` and `exec:`: all at once, each source once. Never rejects.
 * `config`: the file, beside which relative paths start.
 */
export async function fetchKeys(raw: unknown, config: string, env: Env): Promise<FetchedKeys> {
  const places = placesIn(raw);
  const sources = [...new Set(places.map(({ source }) => source))];
  if (sources.length === 0) return { env, problems: [], failed: [] };
  const fetched = new Map(
    await Promise.all(sources.map(async (source) => [source, await fetchKey(source, config, env)] as const)),
  );
  const problems = places.flatMap(({ source, path }): Problem[] => {
    const { fault, warning } = fetched.get(source) ?? {};
    const message = fault ?? warning;
    return message === undefined ? [] : [{ severity: "warning", path, message }];
  });
  const keys = Object.fromEntries([...fetched].map(([source, { key }]) => [source, key]));
  const failed = sources.filter((source) => fetched.get(source)?.key === undefined);
  return { env: { ...env, ...keys }, problems, failed };
}

/** Wherever the config may name one. */
function placesIn(raw: unknown): Place[] {
  if (!isObject(raw)) return [];
  const { server, providers } = raw;
  const places: { value: unknown; path: Path }[] = [];
  const each = (list: unknown, at: Path, key: string) => {
    for (const [index, one] of (Array.isArray(list) ? list : []).entries()) {
      if (isObject(one)) places.push({ value: one[key], path: [...at, index, key] });
    }
  };
  each(providers, ["providers"], "api_key_from");
  if (isObject(server)) {
    places.push({ value: server["admin_key_from"], path: ["server", "admin_key_from"] });
    each(server["keys"], ["server", "keys"], "key_from");
  }
  return places.flatMap(({ value, path }) =>
    typeof value === "string" && isFetched(value) ? [{ source: value, path }] : [],
  );
}

/** Gets one key that stands in the file `config`. Never rejects. */
export async function fetchKey(source: KeySource, config: string, env: Env): Promise<Fetched> {
  const [kind, rest] = [source.slice(0, 4), source.slice("file:".length).trim()];
  // The checker says so.
  if (rest === "") return { fault: "names nothing" };
  const folder = dirname(resolve(config));
  // A command is code.
  const foreign = kind === "exec" ? foreignWriter(config) : undefined;
  if (foreign !== undefined) return { fault: `is not run, as somebody else could have written it: ${foreign}` };
  const fetched = await (kind === "file" ? fromFile(rest, folder) : fromCommand(rest, folder, env));
  const { key, warning } = fetched;
  return key === undefined ? fetched : { ...oneLine(key), ...(warning !== undefined && { warning }) };
}

/** A key stands alone on its line. */
function oneLine(text: string): Fetched {
  const key = text.trim();
  if (key === "") return { fault: "there is nothing in it" };
  const lines = key.split(/\r\n|\r|\n/).length;
  return lines === 1 ? { key } : { fault: `has ${lines} lines: it must be the key and nothing else` };
}

async function fromFile(path: string, folder: string): Promise<Fetched> {
  const file = resolve(folder, path.replace(/^~(?=\/)/, homedir()));
  try {
    const found = await stat(file);
    const { mode, size } = found;
    if (!found.isFile()) return { fault: `${file} is not a file` };
    if (size > MAX_BYTES) return { fault: `${file} is too large to be a key` };
    const key = await readFile(file, "utf8");
    return isPublic(file, mode)
      ? { key, warning: `${file} may be read by others on this machine: chmod 600 it` }
      : { key };
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    return { fault: code === "ENOENT" ? `${file}: no such file` : `${file} cannot be read (${code})` };
  }
}

/** Of what is mounted for a container, nobody else is there to read it. */
function isPublic(file: string, mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o004) !== 0 && !/^(?:\/var)?\/run\/secrets\//.test(file);
}

/** What it says on stderr is not shown: it may hold the key. */
function fromCommand(command: string, folder: string, env: Env): Promise<Fetched> {
  const [program = "", ...args] = wordsOf(command);
  const options = {
    cwd: folder,
    env: { ...env },
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
    maxBuffer: MAX_BYTES,
  } as const;
  return new Promise((done) => {
    const child = execFile(program, args, options, (error, stdout) => {
      done(error ? { fault: `${program} ${whyFailed(error)}` } : { key: stdout });
    });
    // Nobody is there to answer its questions.
    child.stdin?.end();
  });
}

function whyFailed(error: Error & { code?: unknown; killed?: boolean; signal?: unknown }): string {
  if (error.code === "ENOENT") return "is no program that can be found";
  if (error.code === "EACCES") return "may not be run";
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "said too much for a key";
  if (error.killed) return `was not done within ${PATIENCE_MS / 1000} s`;
  return typeof error.code === "number" ? `ended with exit code ${error.code}` : `was ended by ${String(error.signal)}`;
}
