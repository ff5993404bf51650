import type { Path } from "../positions.ts";
import type { Problem } from "../problem.ts";
import { SOURCE_KINDS } from "../secrets/key-source.ts";
import { error } from "./explain.ts";

/** Catches the key itself written where its variable's name belongs, without showing it. */
export function checkVariable(value: unknown, path: Path): Problem[] {
  if (typeof value !== "string" || value === "" || isVariableName(value)) return [];
  return [error(path, "must be the NAME of an environment variable, such as OPENAI_API_KEY, not the key itself")];
}

/** The same for `…_from`. */
export function checkSource(value: unknown, path: Path): Problem[] {
  if (typeof value !== "string" || value === "") return [];
  const [, kind, rest = ""] = /^([a-z]+):(.*)$/s.exec(value) ?? [];
  if (!SOURCE_KINDS.some((known) => known === kind)) {
    return [
      error(path, 'must begin with "file:", "exec:" or "env:" and say where the key is; it is never the key itself'),
    ];
  }
  if (rest.trim() === "") return [error(path, `says nothing after "${kind}:"`)];
  return kind === "env" ? checkVariable(rest, path) : [];
}

/** A variable and what may stand in its place: not both, and neither of them the key itself. */
export function checkPair(
  at: Path,
  [variableName, variable]: readonly [string, unknown],
  [fromName, from]: readonly [string, unknown],
): Problem[] {
  if (variable !== undefined && from !== undefined) {
    return [error([...at, fromName], `says where the key is, as ${variableName} does: leave one of them out`)];
  }
  return [...checkVariable(variable, [...at, variableName]), ...checkSource(from, [...at, fromName])];
}

export function isVariableName(value: string): boolean {
  const looksLikeKey = /^(sk|gsk|xai|hf|pk|AIza|r8|nvapi)[-_]?[a-z0-9]*.{12}/.test(value) && /[a-z]/.test(value);
  return /^[A-Za-z_]\w*$/.test(value) && !looksLikeKey && !/^(?=.*[a-z])(?=.*\d)[A-Za-z0-9]{20,}$/.test(value);
}
