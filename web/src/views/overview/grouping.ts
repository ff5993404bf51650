import type { StatsQuery } from "../../../../src/api/stats.ts";
import { hrefOf } from "../../app/routes.ts";

export type Grouping = NonNullable<StatsQuery["by"]>;

export const GROUPING_NAMES: readonly Grouping[] = ["provider", "model", "tag", "client", "rule"];

export const GROUPING_TITLES: Record<Grouping, string> = {
  provider: "Provider",
  model: "Model",
  tag: "Tag",
  client: "Client",
  rule: "Rule",
};

/** What a client is called when its program does not say who it is. */
const DIALECTS = new Set(["openai", "openai-completions", "openai-responses", "anthropic", "gemini", "ollama"]);

/** Where the exchanges of one group are listed; undefined for what is not one: `(none)`, `(other)`. */
export function listHref(by: Grouping, key: string): string | undefined {
  if (key === "(none)" || key === "(other)") return undefined;
  const name = by === "client" && !DIALECTS.has(key) ? "agent" : by;
  return hrefOf("live", { params: { [name]: key } });
}
