import type { JsonObject } from "../../core/json.ts";
import type { Losses } from "../../core/loss.ts";
import type { CacheMark } from "../../core/part.ts";

/** OpenAI's marks live 30 minutes or 12 hours. Of Anthropic's the short one falls to its default, the long one to the long one. */
const LIFETIMES: ReadonlyMap<string, "30m" | "12h"> = new Map([
  ["30m", "30m"],
  ["12h", "12h"],
  ["1h", "12h"],
  ["24h", "12h"],
]);

/** The field a marked part carries. */
export function breakpointOf(cache: CacheMark, losses: Losses): JsonObject {
  const { ttl } = cache;
  const lifetime = ttl === undefined ? undefined : LIFETIMES.get(ttl);
  if (ttl !== undefined && lifetime !== ttl) losses.changed("cache_control.ttl", `${ttl}->${lifetime ?? "30m"}`);
  return { prompt_cache_breakpoint: { mode: "explicit", ...(lifetime && { ttl: lifetime }) } };
}
