import type { Place } from "../../../replay/redecide/recorded-facts.ts";

/** How one place is drawn. */
export interface Series {
  readonly name: string;
  /** A variable of CSS. */
  readonly colour: string;
}

const COLOURS = 6;
const REFUSED: Series = { name: "refused", colour: "--bad" };

/** How the places of a report are drawn: each in its colour in all of its pictures, those of one provider in different ones. */
export function seriesOf(places: readonly Place[]): (place: Place | null) => Series {
  const names = [...new Set(places.map(nameOf))].sort();
  return (place) => {
    if (place === null) return REFUSED;
    const name = nameOf(place);
    return { name, colour: `--series-${(Math.max(0, names.indexOf(name)) % COLOURS) + 1}` };
  };
}

function nameOf({ provider, model }: Place): string {
  return `${provider} · ${model}`;
}
