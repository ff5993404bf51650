import type { ChartLine } from "./data/line.ts";
import { Swatch } from "./swatch.tsx";

/** What is what in a chart, in the order in which it is drawn from the top. */
export function Legend({ lines }: { lines: readonly ChartLine[] }) {
  return (
    <ul className="chart-legend">
      {lines.map(({ key, label, paint, dash }) => (
        <li key={key}>
          <Swatch paint={paint} {...(dash && { dash })} />
          {label}
        </li>
      ))}
    </ul>
  );
}
