import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../../src", import.meta.url));

/** The words that stand in these sources: what they look for in their input is among them. */
export function wordsOf(patterns: readonly string[]): string[] {
  const words = new Set<string>();
  for (const file of globSync([...patterns], { cwd: SOURCES }).sort()) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts")) continue;
    const text = readFileSync(join(SOURCES, file), "utf8");
    for (const [, quoted, key] of text.matchAll(/"([^"\\\n/]{1,40})"|\b([a-z][a-z_]{2,30})\??:/g))
      words.add(quoted ?? key ?? "");
  }
  return [...words].filter((word) => word !== "" && !word.startsWith("node:") && !word.startsWith("."));
}
