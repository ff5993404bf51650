import { countText } from "../../parts/format.ts";

interface MeterProps {
  name: string;
  value: number;
  /** Null: no limit. */
  limit: number | null;
}

/** How much of a limit is used, in words and as a bar. */
export function Meter({ name, value, limit }: MeterProps) {
  const share = limit === null || limit === 0 ? 0 : Math.min(1, value / limit);
  const isFull = limit !== null && limit > 0 && value >= limit;
  return (
    <div className={isFull ? "meter meter-full" : "meter"}>
      <span className="meter-name">{name}</span>
      <span className="number">
        <b>{countText(value)}</b>
        <span className="soft">{limit === null ? "" : ` of ${countText(limit)}${isFull ? ", full" : ""}`}</span>
      </span>
      {limit !== null && (
        <svg className="meter-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
          <rect className="meter-ground" width="100" height="4" />
          <rect className="meter-used" width={share * 100} height="4" />
        </svg>
      )}
    </div>
  );
}
