import type { Place } from "../../../replay/redecide/recorded-facts.ts";

/** How one place is drawn. */
export interface Series {
  readonly name: string;
  /** A variable of CSS. */
  readonly colour: string;
}

const COLOURS = 6;
const REFUSED: Series = { name: "refused", colour: "--bad" };

/** A provider has its colour wherever it is drawn, by its name: pictures of two replays can be laid side by side. */
export function seriesOf(place: Place | null): Series {
  if (place === null) return REFUSED;
  let sum = 0;
  for (const character of `${place.provider}/${place.model}`) sum = (sum * 31 + character.charCodeAt(0)) % 9_973;
  return { name: `${place.provider} · ${place.model}`, colour: `--series-${(sum % COLOURS) + 1}` };
}
