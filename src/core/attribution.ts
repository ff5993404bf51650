import type { Part } from "./part.ts";

const ATTRIBUTION = "x-anthropic-billing-header";

/**
 * True for the system block in which Claude Code tells Anthropic whom to bill. Anthropic strips it by position; for any
 * other provider it is noise in front of the prompt that keeps its prefix cache cold, so other writers leave it out.
 */
export function isAttribution(part: Part): boolean {
  return part.type === "text" && part.text.startsWith(ATTRIBUTION);
}
