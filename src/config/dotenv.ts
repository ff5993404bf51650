import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import type { Env } from "./check/providers.ts";

export interface DotEnv {
  /** The file read; undefined when there is none. */
  readonly path: string | undefined;
  /** The environment with what the file adds: a variable that is already there wins. */
  readonly env: Env;
  /** Names the file added. Values are never shown. */
  readonly added: readonly string[];
}

/** Reads the `.env` beside a config file. The process's own environment is left as it is. */
export function readDotEnv(configPath: string, env: Env): DotEnv {
  const path = join(dirname(configPath), ".env");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT")
      return { path: undefined, env, added: [] };
    throw new Error(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  // parseEnv knows `export`, quotes and comments.
  const values = parseEnv(text.replace(/^\uFEFF/, ""));
  const added = Object.keys(values).filter((name) => env[name] === undefined);
  return { path, env: { ...values, ...env }, added };
}
