import { FEATURES } from "../../src/core/loss.ts";
import { DIALECTS, type Dialect } from "../../src/core/part.ts";
import { CLIENT_FEATURES, type ClientWords } from "../../src/wire/loss/client-features.ts";
import { PROVIDER_HALVES, passthroughHalf } from "../../src/wire/registry.ts";
import { MEANING, SIGNS } from "./features.ts";
import { code, table } from "./table.ts";

const NAMES: Readonly<Record<Dialect, string>> = {
  openai: "OpenAI Chat Completions",
  "openai-completions": "OpenAI Completions",
  "openai-responses": "OpenAI Responses",
  anthropic: "Anthropic Messages",
  ollama: "Ollama `/api/chat`",
  "ollama-generate": "Ollama `/api/generate`",
  gemini: "Gemini",
  simulated: "simulated",
};

/** A section for each client format: what its API can say, in its words, and what becomes of it at each provider format. */
export function pairSections(): string {
  const sections = DIALECTS.map((dialect) => {
    const words = CLIENT_FEATURES[dialect];
    return words ? `### From ${NAMES[dialect]}\n\n${pairTable(dialect, words)}` : "";
  });
  return `\n${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function pairTable(client: Dialect, words: ClientWords): string {
  const rows: string[][] = [];
  for (const feature of FEATURES) {
    const said = words[feature];
    if (said === undefined) continue;
    const cells = [...PROVIDER_HALVES.values()].map(({ dialect, support }) =>
      passthroughHalf(dialect, client) ? "passed through" : SIGNS[support[feature]],
    );
    rows.push([MEANING[feature], said.includes(" ") ? said : code(said), ...cells]);
  }
  return table(["", "said as", ...[...PROVIDER_HALVES.keys()].map(code)], rows);
}
