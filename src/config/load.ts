import { readFileSync } from "node:fs";
import { parse, TomlError } from "smol-toml";
import { stringsInOnePiece } from "../core/one-piece.ts";
import type { Env } from "./check/providers.ts";
import { checkConfig } from "./check.ts";
import type { Config } from "./config.ts";
import type { Kinds } from "./kinds.ts";
import { locate, type Position, type Positions } from "./positions.ts";
import { ConfigError, type Problem } from "./problem.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** Sorted by place. */
  readonly warnings: readonly Problem[];
}

/** A config as it was read: TOML, unchecked. */
export interface ConfigText {
  /** What problems call it. */
  readonly file: string;
  readonly raw: unknown;
  readonly positions: Positions;
  /** As it stands in the file. */
  readonly toml: string;
}

/** Reads and checks a config file that names no modules. Throws `ConfigError` with everything that is wrong with it. */
export function loadConfig(path: string, kinds: Kinds, env: Env = process.env): LoadedConfig {
  return checkText(readConfig(path), kinds, env);
}

/** Checks the text of a config; `file` is what problems call it. */
export function parseConfig(toml: string, file: string, kinds: Kinds, env: Env): LoadedConfig {
  return checkText(parseText(toml, file), kinds, env);
}

/** Reads a config file. Throws `ConfigError` when it cannot be read, or is not TOML. */
export function readConfig(path: string): ConfigText {
  return parseText(readText(path), path);
}

/** Checks what was read. `found`: what is known to be wrong with it. Throws `ConfigError` with everything that is. */
export function checkText(text: ConfigText, kinds: Kinds, env: Env, found: readonly Problem[] = []): LoadedConfig {
  const { file, raw, positions } = text;
  const { config, problems } = checkConfig(raw, kinds, env);
  const placed = [...problems, ...found].map((problem) => ({ ...problem, at: positions.of(problem.path) }));
  placed.sort((a, b) => comparePositions(a.at, b.at));
  const hasErrors = placed.some(({ severity }) => severity === "error");
  if (config === undefined || hasErrors) throw new ConfigError(file, placed);
  return { config, warnings: placed };
}

/** Reads the text of a config. Throws `ConfigError` when it is not TOML. */
export function parseText(toml: string, file: string): ConfigText {
  return { file, toml, raw: parseToml(toml, file), positions: locate(toml) };
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
    return stringsInOnePiece(parse(toml, { unsafeKeyBehaviour: "throw" }));
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
