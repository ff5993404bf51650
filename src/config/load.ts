import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import type { Env } from "./check/providers.ts";
import { type Checked, checkConfig } from "./check.ts";
import type { Config } from "./config.ts";
import type { Kinds } from "./kinds.ts";
import { locate, type Position } from "./positions.ts";
import { ConfigError, type Problem } from "./problem.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** Sorted by place. */
  readonly warnings: readonly Problem[];
}

/** Reads and checks a config file. Throws `ConfigError` with everything that is wrong with it. */
export function loadConfig(path: string, kinds: Kinds, env: Env = process.env): LoadedConfig {
  return parseConfig(readText(path), path, kinds, env);
}

/** Checks the text of a config; `file` is what problems call it. */
export function parseConfig(toml: string, file: string, kinds: Kinds, env: Env): LoadedConfig {
  const { config, problems } = checkText(toml, file, kinds, env);
  if (config === undefined) throw new ConfigError(file, problems);
  return { config, warnings: problems };
}

function checkText(toml: string, file: string, kinds: Kinds, env: Env): Checked {
  const { config, problems } = checkConfig(parseToml(toml, file), kinds, env);
  const positions = locate(toml);
  const placed = problems.map((problem) => ({ ...problem, at: positions.of(problem.path) }));
  return { config, problems: placed.sort((a, b) => comparePositions(a.at, b.at)) };
}

function readText(path: string): string {
  try {
    // A byte order mark is not TOML, and Windows editors write one.
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (cause) {
    const reason =
      cause instanceof Error && "code" in cause && cause.code === "ENOENT" ? "no such file" : String(cause);
    throw new ConfigError(path, [{ severity: "error", path: [], message: reason }]);
  }
}

function parseToml(toml: string, file: string): unknown {
  try {
    return parse(toml, { unsafeKeyBehaviour: "throw" });
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    // The rest of the parser's message quotes the line, and the line may hold a secret.
    const message = `not TOML: ${(cause.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "")}`;
    const problem: Problem = { severity: "error", path: [], message, at: { line: cause.line, column: cause.column } };
    throw new ConfigError(file, [problem]);
  }
}

function comparePositions(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}
