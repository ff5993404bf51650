import { useState } from "react";
import { type ChartLine, valueText } from "./data/line.ts";
import type { Span } from "./data/series.ts";
import { stepName } from "./data/ticks.ts";

interface ChartTableProps {
  title: string;
  span: Span;
  nowMs: number;
  lines: readonly ChartLine[];
  format(value: number): string;
}

/** The numbers of a chart as a table, newest first; made when it is opened. Steps in which nothing happened are left out. */
export function ChartTable({ title, span, nowMs, lines, format }: ChartTableProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="chart-table-title">{title}: </span>as a table
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard.
        <section className="chart-table-scroll" aria-label={title} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {lines.map(({ key, label }) => (
                  <th key={key} scope="col">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {stepsWith(lines).map((step) => (
                <tr key={step}>
                  <th scope="row">{stepName(span.since_ms + step * span.step_ms, span.step_ms, nowMs)}</th>
                  {lines.map(({ key, values }) => (
                    <td key={key}>{valueText(values[step], format)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function stepsWith(lines: readonly ChartLine[]): number[] {
  const steps = Array.from(lines[0]?.values ?? [], (_, at) => at);
  return steps.filter((at) => lines.some(({ values }) => (values[at] ?? 0) !== 0)).reverse();
}
