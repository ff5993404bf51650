import type { Env } from "../config/check/providers.ts";

/**
 * Whether what is written somewhere may have colours: on a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal
 * speaks against it. FORCE_COLOR wins: `0` and `false` for none, anything else for colours wherever it goes.
 */
export function hasColours(env: Env, isTerminal: boolean): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

/** Select Graphic Rendition: `paint("31", "text")` is red. */
export function paint(code: string, text: string): string {
  return `\u001b[${code}m${text}\u001b[0m`;
}
