import { basename } from "node:path";
import type { Env } from "../../config/check/providers.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** The user's own; others that are no family of these read what bash reads. */
export function shellOf(env: Env, platform = process.platform): Shell {
  const named = basename(env["SHELL"] ?? "").replace(/\.exe$/i, "");
  if (named === "fish" || named === "zsh") return named;
  return named === "pwsh" || named === "powershell" || (named === "" && platform === "win32") ? "powershell" : "bash";
}

/** One word, which the shell takes as it is. */
export function quoted(word: string, shell: Shell): string {
  switch (shell) {
    case "fish":
      return `'${word.replace(/[\\']/g, "\\$&")}'`;
    case "powershell":
      // It takes typographic quotation marks for the same.
      return `'${word.replace(/['\u2018-\u201b]/g, "$&$&")}'`;
    default:
      return `'${word.replaceAll("'", "'\\''")}'`;
  }
}

/** The line that sets a variable for what is started in the shell. */
export function setLine(name: string, value: string, shell: Shell): string {
  switch (shell) {
    case "fish":
      return `set -gx ${name} ${quoted(value, shell)}`;
    case "powershell":
      return `$env:${name} = ${quoted(value, shell)}`;
    default:
      return `export ${name}=${quoted(value, shell)}`;
  }
}

export function unsetLine(name: string, shell: Shell): string {
  switch (shell) {
    case "fish":
      return `set -e ${name}`;
    case "powershell":
      return `Remove-Item Env:${name} -ErrorAction SilentlyContinue`;
    default:
      return `unset ${name}`;
  }
}

/** A command to be typed; words that need no quotes have none. */
export function commandLine(words: readonly string[], shell: Shell): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word, shell))).join(" ");
}
