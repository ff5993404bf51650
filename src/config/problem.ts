import type { Path, Position } from "./positions.ts";

/** Something wrong with a config. Errors keep the router from starting, warnings do not. */
export interface Problem {
  severity: "error" | "warning";
  path: Path;
  /** What is wrong, and what would be right. Never a key's or header's value. */
  message: string;
  /** In the file; absent for a config that was never a file. */
  at?: Position;
}

/** `config.toml:12:3  routers[2].provider: …` */
export function formatProblem(file: string, problem: Problem): string {
  const place = problem.at === undefined ? file : `${file}:${problem.at.line}:${problem.at.column}`;
  const what = problem.path.length === 0 ? problem.message : `${pathText(problem.path)}: ${problem.message}`;
  return `${place}  ${problem.severity === "warning" ? "warning: " : ""}${what}`;
}

/** `routers[2].provider`; keys that need quotes in TOML get them. */
export function pathText(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += `${text === "" ? "" : "."}${/^[\w-]+$/.test(part) ? part : JSON.stringify(part)}`;
  }
  return text;
}

/** Everything that keeps a config from being used, at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((problem) => formatProblem(file, problem)).join("\n"));
    this.file = file;
    this.problems = problems;
  }
}
