import { inColour, type Screen, SIGNS } from "../paint.ts";
import { CASES } from "./cases/index.ts";
import type { DeepLook } from "./run-deep.ts";

/** With all columns that makes 80. */
const LONGEST_NAME = 17;
const GAP = "  ";

/** Providers down, features across: as many tables below each other as the columns need. */
export function featureTable(looks: readonly DeepLook[], screen: Screen): string[] {
  const labels = looks.map(({ provider }) => shortened(provider.name));
  const width = Math.max(0, ...labels.map((label) => label.length));
  const names = CASES.map(({ name }) => name);
  return blocksOf(names, screen.columns - width - GAP.length).flatMap((block, at) => [
    ...(at === 0 ? [] : [""]),
    `${GAP}${"".padEnd(width)}${block.map((name) => GAP.slice(1) + name).join("")}`,
    ...looks.map(({ features }, row) => {
      const cells = block.map((name) =>
        cellOf(features.find(({ check }) => check === name)?.state ?? "skipped", name, screen),
      );
      return `${GAP}${(labels[row] ?? "").padEnd(width)}${cells.join("")}`.trimEnd();
    }),
  ]);
}

function cellOf(state: keyof typeof SIGNS, name: string, screen: Screen): string {
  const before = Math.floor((name.length - 1) / 2);
  const after = name.length - 1 - before;
  return `${GAP.slice(1)}${" ".repeat(before)}${inColour(SIGNS[state], state, screen)}${" ".repeat(after)}`;
}

/** Runs of columns that fit, each at least one. */
function blocksOf(names: readonly string[], room: number): string[][] {
  const blocks: string[][] = [[]];
  let used = 0;
  for (const name of names) {
    const wide = name.length + 1;
    if (used > 0 && used + wide > room) {
      blocks.push([]);
      used = 0;
    }
    blocks.at(-1)?.push(name);
    used += wide;
  }
  return blocks;
}

function shortened(name: string): string {
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}
