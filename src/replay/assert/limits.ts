import { AssertionFault } from "./fault.ts";

/** `$5`, `30%`, `2s`, `7`; or a multiple of what it was then. */
export type Limit = { readonly value: number } | { readonly timesThen: number };
export type Unit = "dollars" | "share" | "count" | "time";

const WRITTEN: Readonly<Record<Unit, string>> = {
  dollars: "$5",
  share: "30%",
  count: "7",
  time: "800ms or 2s",
};

const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
const SHAPES: Readonly<Record<Unit, readonly (readonly [RegExp, number])[]>> = {
  dollars: [[new RegExp(String.raw`^\$\s*${NUMBER}$`), 1]],
  share: [[new RegExp(`^${NUMBER}\\s*%$`), 0.01]],
  count: [[/^(\d+)$/, 1]],
  time: [
    [new RegExp(`^${NUMBER}\\s*ms$`), 1],
    [new RegExp(`^${NUMBER}\\s*s$`), 1_000],
  ],
};
const TIMES = new RegExp(`^${NUMBER}\\s*x$`);

/** What a measure of this unit may be compared with. `hasThen`: it was something then, too. */
export function parseLimit(text: string, at: number, unit: Unit, hasThen: boolean): Limit {
  for (const [shape, factor] of SHAPES[unit]) {
    const number = shape.exec(text)?.[1];
    if (number !== undefined) return { value: Number(number) * factor };
  }
  const times = text === "then" ? "1" : TIMES.exec(text)?.[1];
  if (times !== undefined && hasThen) return { timesThen: Number(times) };
  const relative = hasThen ? ", 1.1x or then" : "";
  const what = text === "" ? "a limit is missing" : `${JSON.stringify(text)} is no limit here`;
  throw new AssertionFault(`${what}: ${WRITTEN[unit]}${relative} would be one`, at);
}

/** For people. */
export function unitText(value: number, unit: Unit): string {
  switch (unit) {
    case "dollars":
      return `$${value.toPrecision(4)}`;
    case "share":
      return `${(value * 100).toFixed(1)} %`;
    case "count":
      return value.toLocaleString("en-US");
    case "time":
      return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
  }
}
