import { type ReactNode, useId } from "react";
import type { ChartLine } from "../../charts/data/line.ts";
import { valueText } from "../../charts/data/line.ts";
import type { Span } from "../../charts/data/series.ts";
import { stepName } from "../../charts/data/ticks.ts";
import { Swatch } from "../../charts/swatch.tsx";
import { TimeChart } from "../../charts/time-chart.tsx";

export interface Watching {
  span: Span;
  nowMs: number;
  /** The step pointed at in any of the charts. */
  step: number | null;
  onStep(step: number | null): void;
  onZoom(beginMs: number, endMs: number): void;
}

interface FigureProps {
  name: string;
  /** Over the whole span. */
  value: ReactNode;
  note?: ReactNode;
  tone?: "bad" | undefined;
  kind: "bars" | "lines";
  /** Each with its own number over the whole span, where it has one. */
  parts: readonly (ChartLine & { whole?: string })[];
  format(value: number): string;
  watching: Watching;
}

/** One big number with what it is made of, and how it went. Names of the parts are the legend of the chart. */
export function Figure({ name, value, note, tone, kind, parts, format, watching }: FigureProps) {
  const { step, span, nowMs } = watching;
  const id = useId();
  const isSingle = parts.length === 1;
  return (
    <section className={tone === "bad" ? "figure figure-bad" : "figure"} aria-labelledby={id}>
      <h2 id={id}>
        <span>{name}</span>
        {step !== null && (
          <span className="figure-step">{stepName(span.since_ms + step * span.step_ms, span.step_ms, nowMs)}</span>
        )}
      </h2>
      <p className="figure-value">{value}</p>
      <ul className="figure-parts">
        {!isSingle &&
          parts.map(({ key, label, paint, dash, whole, values }) => (
            <li key={key}>
              <Swatch paint={paint} {...(dash && { dash })} /> {label}{" "}
              <b>{step === null ? whole : valueText(values[step], format)}</b>
            </li>
          ))}
        {isSingle && (step === null ? <li>{note}</li> : <li>{valueText(parts[0]?.values[step], format)}</li>)}
        {!isSingle && step === null && note !== undefined && <li>{note}</li>}
      </ul>
      <TimeChart title={name} kind={kind} lines={parts} format={format} height={56} isSmall {...watching} />
    </section>
  );
}
