import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `corpus`: inputs that reach what no other does. `crashes`: inputs that once broke something. */
export type Kind = "corpus" | "crashes";

/** One input a line, as a JSON string with a character for each byte: what changed can be read in a diff. */
export function stored(kind: Kind, target: string): Buffer[] {
  const path = pathOf(kind, target);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => Buffer.from(String(JSON.parse(line)), "latin1"));
}

export function store(kind: Kind, target: string, inputs: readonly Buffer[]): void {
  const lines = new Set(inputs.map((input) => `${JSON.stringify(input.toString("latin1"))}\n`));
  if (lines.size > 0) writeFileSync(pathOf(kind, target), [...lines].join(""));
}

function pathOf(kind: Kind, target: string): string {
  return fileURLToPath(new URL(`../${kind}/${target}.jsonl`, import.meta.url));
}
