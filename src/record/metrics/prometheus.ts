import type { Definition, Family, Series } from "./registry.ts";

/** Of the text format, as Prometheus asks for it. */
export const TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

/** About so many characters at a time: whoever answers requests meanwhile has his turn between two pieces. */
const PIECE_CHARS = 64 * 1024;

/** What Prometheus reads, piece by piece. */
export function* prometheusText(families: readonly Family[]): Generator<string> {
  let piece = "";
  for (const family of families) {
    const { definition } = family;
    const name = definition.prometheus;
    const all = name === null ? [] : family.all();
    if (name === null || all.length === 0) continue;
    piece += `# HELP ${name} ${escapedHelp(definition.help)}\n# TYPE ${name} ${definition.type}\n`;
    for (const series of all) {
      series.text ??= labelsOf(definition, series);
      piece += definition.type === "histogram" ? histogramLines(name, definition, series) : lineOf(name, series);
      if (piece.length < PIECE_CHARS) continue;
      yield piece;
      piece = "";
    }
  }
  if (piece !== "") yield piece;
}

function lineOf(name: string, { text = "", value }: Series): string {
  return `${name}${text && `{${text}}`} ${value}\n`;
}

function histogramLines(
  name: string,
  { bounds = [] }: Definition,
  { text = "", value, count, buckets }: Series,
): string {
  let lines = "";
  let below = 0;
  const before = `${name}_bucket{${text}${text && ","}le="`;
  for (let at = 0; at < bounds.length; at++) {
    below += buckets[at] ?? 0;
    lines += `${before}${bounds[at]}"} ${below}\n`;
  }
  const own = text && `{${text}}`;
  return `${lines}${before}+Inf"} ${count}\n${name}_sum${own} ${value}\n${name}_count${own} ${count}\n`;
}

/** To Prometheus an empty label is none. */
function labelsOf({ labels }: Definition, { values }: Series): string {
  const pairs = labels.flatMap((label, at) => {
    const value = values[at] ?? "";
    return value === "" ? [] : [`${label.replaceAll(".", "_")}="${escapedValue(value)}"`];
  });
  return pairs.join(",");
}

function escapedValue(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapedHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
