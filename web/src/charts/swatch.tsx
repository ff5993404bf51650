import { useId } from "react";
import { colourName, type Paint, TILE, textureOf } from "./data/palette.ts";

/** The colour and texture of something in a chart. Says nothing by itself: its name stands beside it. */
export function Swatch({ paint, dash }: { paint: Paint; dash?: readonly number[] }) {
  const id = useId();
  const colour = `var(${colourName(paint)})`;
  if (dash !== undefined)
    return (
      <svg className="swatch swatch-line" viewBox="0 0 18 12" aria-hidden="true">
        <path d="M0 6H18" stroke={colour} strokeWidth="2" strokeDasharray={dash.join(" ")} />
      </svg>
    );
  const texture = textureOf(paint);
  return (
    <svg className="swatch" viewBox="0 0 12 12" aria-hidden="true">
      <rect width="12" height="12" rx="2" fill={colour} />
      {texture !== "" && (
        <>
          <pattern id={id} width={TILE} height={TILE} patternUnits="userSpaceOnUse">
            <path d={texture} stroke="var(--chart-texture)" strokeWidth="0.9" fill="none" />
          </pattern>
          <rect width="12" height="12" rx="2" fill={`url(#${id})`} />
        </>
      )}
    </svg>
  );
}
