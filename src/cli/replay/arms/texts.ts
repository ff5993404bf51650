import type { Cost } from "../../../cost/cost.ts";
import { moneyText } from "../../watch/texts.ts";

export function costText({ usd, source }: Cost): string {
  if (usd === null) return "not known";
  return usd === 0 && source === "none" ? "free" : moneyText(usd);
}

/** Of a share from 0 to 1. */
export function percentText(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 100)} %`;
}

/** `2026-11-28 14:03`, UTC. */
export function isoMinute(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}
