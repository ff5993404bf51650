import { useMemo } from "react";
import type { Measures } from "../../../../src/api/measures.ts";
import type { Stats } from "../../../../src/api/stats.ts";
import type { Paint } from "../../charts/data/palette.ts";
import { countedText, rateText, shareOf } from "../../charts/data/rates.ts";
import { countsOf, levelsOf } from "../../charts/data/series.ts";
import { countText, durationText, moneyText, percentText } from "../../parts/format.ts";
import { Figure, type Watching } from "./figure.tsx";
import { freshTokens, knownCost, spokenTokens, tokensOf } from "./measures.ts";

/** Traffic, errors, how long it took, tokens and cost: over the whole span and step by step. */
export function Figures({ stats, watching }: { stats: Stats; watching: Watching }) {
  const { total } = stats;
  const ms = Math.min(stats.until_ms, watching.nowMs) - stats.since_ms;
  const requests = useMemo(() => [count(stats, "requests", "accent", (all) => all.requests)], [stats]);
  const errors = useMemo(() => [count(stats, "errors", "bad", (all) => all.errors)], [stats]);
  const left = total.client_gone === 0 ? "" : ` · ${countText(total.client_gone)} left early`;
  const failed =
    total.errors === 0 ? "none" : `${countText(total.errors)} of ${countedText(total.requests, "request")}`;
  return (
    <div className="figures">
      <Figure
        name="Requests"
        value={countText(total.requests)}
        note={rateText(total.requests, ms) + left}
        kind="bars"
        parts={requests}
        format={countText}
        watching={watching}
      />
      <Figure
        name="Errors"
        value={percentText(shareOf(total.errors, total.requests))}
        note={failed}
        tone={total.errors > 0 ? "bad" : undefined}
        kind="bars"
        parts={errors}
        format={countText}
        watching={watching}
      />
      <Times name="Duration" of="duration_ms" stats={stats} watching={watching} />
      <Times name="Time to first token" of="time_to_first_token_ms" stats={stats} watching={watching} />
      <TokenFigure stats={stats} watching={watching} />
      <CostFigure stats={stats} watching={watching} />
    </div>
  );
}

interface TimesProps {
  name: string;
  of: "duration_ms" | "time_to_first_token_ms";
  stats: Stats;
  watching: Watching;
}

const QUANTILES = [
  { key: "p50", paint: "accent", dash: [18, 0] },
  { key: "p95", paint: 1, dash: [6, 3] },
  { key: "p99", paint: 5, dash: [2, 2] },
] as const;

function Times({ name, of, stats, watching }: TimesProps) {
  const parts = useMemo(
    () =>
      QUANTILES.map(({ key, paint, dash }) => ({
        key,
        label: key,
        paint,
        dash,
        // The first is the big number itself.
        whole: key === "p50" ? "" : textOf(stats.total[of]?.[key]),
        values: levelsOf(stats, stats.points, (all) => all[of]?.[key] ?? null),
      })),
    [stats, of],
  );
  const value = textOf(stats.total[of]?.p50);
  return <Figure name={name} value={value} kind="lines" parts={parts} format={durationText} watching={watching} />;
}

function textOf(ms: number | undefined): string {
  return ms === undefined ? "–" : durationText(ms);
}

function TokenFigure({ stats, watching }: { stats: Stats; watching: Watching }) {
  const parts = useMemo(
    () => [
      count(stats, "fresh", 0, freshTokens),
      count(stats, "cached", 2, ({ cached_read_tokens }) => cached_read_tokens),
      count(stats, "cache write", 4, ({ cache_write_tokens }) => cache_write_tokens),
      count(stats, "output", 1, spokenTokens),
      count(stats, "reasoning", 3, ({ reasoning_tokens }) => reasoning_tokens),
    ],
    [stats],
  );
  const shown = parts.filter(({ key, isThere }) => isThere || key === "fresh" || key === "output");
  const value = countText(tokensOf(stats.total));
  return <Figure name="Tokens" value={value} kind="bars" parts={shown} format={countText} watching={watching} />;
}

function CostFigure({ stats, watching }: { stats: Stats; watching: Watching }) {
  const parts = useMemo(() => [count(stats, "cost", "accent", ({ cost_usd }) => cost_usd)], [stats]);
  const { unpriced } = stats.total;
  const cost = knownCost(stats.total);
  return (
    <Figure
      name="Cost"
      value={cost === null ? "–" : moneyText(cost)}
      note={unpriced === 0 ? "every price known" : `without ${countedText(unpriced, "request")} of unknown price`}
      kind="bars"
      parts={parts}
      format={moneyText}
      watching={watching}
    />
  );
}

function count(stats: Stats, key: string, paint: Paint, pick: (measures: Measures) => number) {
  const values = countsOf(stats, stats.points, pick);
  const total = pick(stats.total);
  return { key, label: key, paint, values, isThere: total > 0, whole: countText(total) };
}
