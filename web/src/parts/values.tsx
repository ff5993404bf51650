import { useSyncExternalStore } from "react";
import type { CostShape } from "../../../src/api/measures.ts";
import { agoText, countText, durationText, momentText, moneyText } from "./format.ts";

/** What is not known shows as a dash, and says so to those who hear it. */
function Unknown({ why }: { why: string }) {
  return (
    <span className="unknown" title={why}>
      <span aria-hidden="true">–</span>
      <span className="hidden">{why}</span>
    </span>
  );
}

export function Duration({ ms }: { ms: number | null | undefined }) {
  if (ms === null || ms === undefined) return <Unknown why="not measured" />;
  return <span className="number">{durationText(ms)}</span>;
}

/** Tokens; `estimated`: the provider did not say, the router counted. */
export function Tokens({ count, estimated = false }: { count: number | null | undefined; estimated?: boolean }) {
  if (count === null || count === undefined) return <Unknown why="tokens not known" />;
  const exact = `${count.toLocaleString("en-US")} tokens${estimated ? ", estimated by the router" : ""}`;
  return (
    <span className="number" title={exact}>
      {estimated && "≈"}
      {countText(count)}
    </span>
  );
}

const SOURCES: Record<CostShape["source"], string> = {
  configured: "price from your config",
  catalogue: "price from the catalogue",
  unknown: "price not known",
  none: "no provider was asked",
};

export function Money({ cost }: { cost: CostShape | null | undefined }) {
  if (cost === null || cost === undefined || cost.usd === null) return <Unknown why="price not known" />;
  return (
    <span className="number" title={`$${cost.usd} · ${SOURCES[cost.source]}`}>
      {moneyText(cost.usd)}
    </span>
  );
}

export function TimeAgo({ tsMs }: { tsMs: number | null | undefined }) {
  const nowMs = useNow();
  if (tsMs === null || tsMs === undefined) return <Unknown why="never" />;
  return (
    <time dateTime={new Date(tsMs).toISOString()} title={momentText(tsMs)}>
      {agoText(nowMs - tsMs)}
    </time>
  );
}

/** Wall clock in ms, anew each second: one timer for all who look. */
export function useNow(): number {
  return useSyncExternalStore(everySecond, secondNow);
}

const watchers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function everySecond(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    for (const each of watchers) each();
  }, 1_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function secondNow(): number {
  return Math.floor(Date.now() / 1_000) * 1_000;
}
