import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { featureTable, lossTable, unknownFieldTable } from "./translation/features.ts";
import { geminiTable } from "./translation/gemini-models.ts";
import { claudeTable, openaiTable } from "./translation/models.ts";
import { pairSections } from "./translation/pairs.ts";

/** `npm run docs`: writes the tables of the pages on translation from the data the readers and writers decide by. */

type Blocks = Readonly<Record<string, () => string>>;

/** Every block a page holds, by the name in its markers. */
export const PAGES: Readonly<Record<string, Blocks>> = {
  "translation.md": {
    features: featureTable,
    "unknown-fields": unknownFieldTable,
    "claude-models": claudeTable,
    "openai-models": openaiTable,
    "gemini-models": geminiTable,
  },
  "translation-pairs.md": { "loss-classes": lossTable, pairs: pairSections },
};

export function pathOf(page: string): string {
  return join(import.meta.dirname, "..", "docs", page);
}

/** The text of a page with every block between its markers made anew. Throws when a marker is missing. */
export function withTables(page: string, text: string): string {
  let result = text;
  for (const [name, make] of Object.entries(PAGES[page] ?? {})) {
    const [open, close] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const start = result.indexOf(open);
    const end = result.indexOf(close);
    if (start === -1 || end < start) throw new Error(`docs/${page} has no markers for ${name}`);
    result = `${result.slice(0, start + open.length)}\n${make()}\n${result.slice(end)}`;
  }
  return result;
}

function main(): void {
  for (const page of Object.keys(PAGES))
    writeFileSync(pathOf(page), withTables(page, readFileSync(pathOf(page), "utf8")));
}

if (import.meta.main) main();
