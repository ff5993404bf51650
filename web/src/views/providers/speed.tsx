import { countText } from "../../parts/format.ts";
import { comparison, type Speed } from "./words.ts";

const MOST = 5;

interface SpeedTableProps {
  of: "latency" | "throughput";
  title: string;
  speeds: readonly Speed[];
  /** What the config says; null: nothing. */
  configured: number | null;
  text(value: number): string;
}

/** What was measured of each model, against what the config says: a bar to the median, a line to the 95th percentile, a mark at the configured value. */
export function SpeedTable({ of, title, speeds, configured, text }: SpeedTableProps) {
  const shown = speeds.slice(0, MOST);
  const most = Math.max(configured ?? 0, ...shown.map(({ p50, p95 }) => p95 ?? p50)) * 1.05;
  const compared = comparison(of, speeds, configured);
  return (
    <section className="speed">
      <h3>
        {title}
        <span className="soft"> · {configured === null ? "none configured" : `configured ${text(configured)}`}</span>
      </h3>
      {shown.length === 0 && <p className="soft">Nothing measured in the last 15 minutes.</p>}
      {shown.length > 0 && (
        <table>
          <tbody>
            {shown.map((speed) => (
              <tr key={speed.model}>
                <th scope="row" className="ellipsis" title={speed.model}>
                  {speed.model}
                </th>
                <td className="speed-bar">
                  <Bar speed={speed} configured={configured} most={most} />
                </td>
                <td className="number" title={`of ${countText(speed.samples)} streams`}>
                  <b>{text(speed.p50)}</b>
                  {speed.p95 !== null && <span className="soft"> p95 {text(speed.p95)}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {speeds.length > MOST && <p className="soft">and {speeds.length - MOST} more models</p>}
      {compared !== undefined && <p className="warn">▲ {compared}</p>}
    </section>
  );
}

function Bar({ speed: { p50, p95 }, configured, most }: { speed: Speed; configured: number | null; most: number }) {
  const x = (value: number) => (most === 0 ? 0 : (value / most) * 100);
  return (
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
      <rect className="meter-ground" y="4.5" width="100" height="1" />
      {p95 !== null && <rect className="speed-p95" y="4" width={x(p95)} height="2" />}
      <rect className="speed-p50" y="2" width={x(p50)} height="6" />
      {configured !== null && <rect className="speed-configured" x={x(configured) - 0.5} width="1" height="10" />}
    </svg>
  );
}
