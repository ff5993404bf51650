import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import "./charts.css";
import { ChartTable } from "./chart-table.tsx";
import { type ChartLine, valueText } from "./data/line.ts";
import { openStep, type Span, timesOf } from "./data/series.ts";
import { stepName } from "./data/ticks.ts";
import { type Drawing, plotData, plotOptions } from "./plot-options.ts";
import { Readout } from "./readout.tsx";
import { usePlot } from "./use-plot.ts";

export interface TimeChartProps {
  /** For people who do not see it, and for its table. */
  title: string;
  span: Span;
  nowMs: number;
  kind: "bars" | "lines";
  /** Bars stand on each other, the first at the bottom. */
  lines: readonly ChartLine[];
  format(value: number): string;
  height: number;
  /** Without axes and table, for a place beside a number. */
  isSmall?: boolean;
  /** The step pointed at: charts that share it show the same moment. */
  step: number | null;
  onStep(step: number | null): void;
  /** A span was drawn with the pointer, ms. */
  onZoom?(beginMs: number, endMs: number): void;
}

/** What happened over time, step by step. Read with the pointer, with the arrow keys, or as a table. */
export function TimeChart(props: TimeChartProps) {
  const { title, span, nowMs, lines, format, isSmall = false, step, onStep } = props;
  const host = useRef<HTMLDivElement>(null);
  const [isPointed, setPointed] = useState(false);
  const isOver = useRef(false);
  // The plot tells of its cursor also when it is drawn again, or moved from elsewhere.
  const left = useChart(host, { ...props, onStep: (to) => isOver.current && onStep(to) });
  const steps = timesOf(span).length;
  const name = stepName(span.since_ms + (step ?? 0) * span.step_ms, span.step_ms, nowMs);
  const isOpen = step !== null && step === openStep(span, nowMs);
  const spoken =
    step === null ? "no step chosen" : spokenStep(`${name}${isOpen ? " so far" : ""}`, lines, step, format);
  const hint = useId();
  return (
    <div className={isSmall ? "chart chart-small" : "chart"}>
      <div
        ref={host}
        className="chart-plot"
        role="slider"
        tabIndex={0}
        aria-label={`${title}, step by step`}
        aria-describedby={hint}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, steps - 1)}
        aria-valuenow={step ?? Math.max(0, steps - 1)}
        aria-valuetext={spoken}
        onKeyDown={(event) => onKey(event, step, steps, onStep)}
        onPointerEnter={() => {
          isOver.current = true;
          setPointed(true);
        }}
        onPointerLeave={() => {
          isOver.current = false;
          setPointed(false);
          onStep(null);
        }}
        onFocus={() => setPointed(true)}
        onBlur={() => {
          setPointed(false);
          onStep(null);
        }}
      />
      <span id={hint} hidden>
        Left and right arrow keys go from step to step.
      </span>
      {isPointed && step !== null && !isSmall && (
        <Readout left={left} name={name} isOpen={isOpen} lines={lines} step={step} format={format} />
      )}
      {!isSmall && <ChartTable title={title} span={span} nowMs={nowMs} lines={lines} format={format} />}
    </div>
  );
}

/** The plot, its data and its cursor. Returns where the cursor is, as a share of the width. */
function useChart(host: React.RefObject<HTMLDivElement | null>, props: TimeChartProps): number {
  const { span, kind, lines, format, height, isSmall = false, step, onStep, onZoom } = props;
  const { since_ms, until_ms, step_ms } = span;
  const times = useMemo(
    () => timesOf({ since_ms, until_ms, step_ms }).map((begin) => begin + step_ms / 2000),
    [since_ms, until_ms, step_ms],
  );
  const drawing: Drawing = {
    kind,
    lines,
    times,
    beginS: since_ms / 1000,
    endS: until_ms / 1000,
    isSmall,
    format,
    onStep,
    onZoom: onZoom && ((beginS, endS) => onZoom(beginS * 1000, endS * 1000)),
  };
  const latest = useRef(drawing);
  latest.current = drawing;
  const data = useMemo(() => plotData({ ...latest.current, kind, lines, times }), [kind, lines, times]);
  const looks = lines.map(({ key, paint, dash }) => [key, paint, dash]);
  const shape = JSON.stringify([kind, isSmall, onZoom !== undefined, looks]);
  const plot = usePlot(host, { shape, height, data, options: (colours) => plotOptions(() => latest.current, colours) });
  useEffect(() => {
    const time = step === null ? undefined : times[step];
    const left = time === undefined ? -10 : (plot.current?.valToPos(time, "x") ?? -10);
    plot.current?.setCursor({ left, top: 0 }, false);
  }, [plot, step, times]);
  return step === null || times.length === 0 ? 0 : (step + 0.5) / times.length;
}

function onKey(event: KeyboardEvent, step: number | null, steps: number, onStep: (step: number | null) => void): void {
  const last = steps - 1;
  const to: Record<string, number | null> = {
    ArrowLeft: step === null ? last : Math.max(0, step - 1),
    ArrowRight: step === null ? 0 : Math.min(last, step + 1),
    Home: 0,
    End: last,
    Escape: null,
  };
  if (!Object.hasOwn(to, event.key) || (event.key === "Escape" && step === null)) return;
  event.preventDefault();
  event.stopPropagation();
  onStep(to[event.key] ?? null);
}

function spokenStep(
  name: string,
  lines: readonly ChartLine[],
  step: number,
  format: (value: number) => string,
): string {
  const values = lines.map(({ label, values }) => `${label} ${valueText(values[step], format)}`);
  return `${name}: ${values.join(", ")}`;
}
