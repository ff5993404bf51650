import type { Loss } from "../../core/loss.ts";

/** Proxies and clients take some 8 KB of headers in all; the event has the whole list. */
const MAX_CHARS = 2048;

/**
 * The value of `X-Router-Losses`: `temperature=clamped(1.4->1), seed=dropped`. A long conversation loses the same thing in
 * every message: such losses are told once, with their number (`messages[*].reasoning=dropped x600`). Undefined for none.
 */
export function lossHeader(losses: readonly Loss[]): string | undefined {
  const groups = new Map<string, { text: string; count: number }>();
  for (const { field, treatment, class: severity } of losses) {
    if (severity === "silent") continue;
    const shape = `${field.replace(/\[\d+\]/g, "[*]")}=${treatment}`;
    const group = groups.get(shape);
    if (group) group.count++;
    else groups.set(shape, { text: `${field}=${treatment}`, count: 1 });
  }
  if (groups.size === 0) return undefined;
  const told = [...groups].map(([shape, { text, count }]) => (count === 1 ? text : `${shape} x${count}`));
  return joined(told);
}

function joined(told: readonly string[]): string {
  let value = "";
  for (const [index, text] of told.entries()) {
    if (value.length + text.length > MAX_CHARS)
      return `${value}${value === "" ? "" : ", "}and ${told.length - index} more`;
    value += value === "" ? text : `, ${text}`;
  }
  return value;
}
