import { type ChartLine, valueText } from "./data/line.ts";
import { Swatch } from "./swatch.tsx";

interface ReadoutProps {
  /** Share of the chart's width where the step is. */
  left: number;
  name: string;
  /** The step is not over. */
  isOpen: boolean;
  lines: readonly ChartLine[];
  step: number;
  format(value: number): string;
}

/** The numbers of one step, beside the cursor, the highest layer on top. Screen readers get them from the chart itself. */
export function Readout({ left, name, isOpen, lines, step, format }: ReadoutProps) {
  const shown = [...lines].reverse().filter(({ values }) => values[step] !== 0);
  const side = left < 0.5 ? "chart-readout" : "chart-readout chart-readout-left";
  return (
    <div className={side} style={{ left: `${left * 100}%` }} aria-hidden="true">
      <div className="chart-readout-step">
        {name}
        {isOpen && " so far"}
      </div>
      {shown.map(({ key, label, paint, dash, values }) => (
        <div key={key} className="chart-readout-line">
          <Swatch paint={paint} {...(dash && { dash })} />
          <span>{label}</span>
          <b>{valueText(values[step], format)}</b>
        </div>
      ))}
      {shown.length === 0 && <div>nothing</div>}
    </div>
  );
}
