import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FEATURES, type Feature, type Support } from "../src/core/loss.ts";
import { MODEL_ROWS, type ModelRow, type ModelRules, UNKNOWN_MODEL } from "../src/wire/anthropic/models-rules.ts";
import {
  MODEL_ROWS as OPENAI_ROWS,
  type ModelRules as OpenAIRules,
  UNKNOWN_MODEL as UNKNOWN_OPENAI,
} from "../src/wire/openai/model-rules.ts";
import { PROVIDER_HALVES } from "../src/wire/registry.ts";
import { UNKNOWN_FIELDS } from "../src/wire/unknown-fields.ts";

/** `npm run docs`: writes the tables of docs/translation.md from the data the writers decide by. */
export const PAGE = join(import.meta.dirname, "..", "docs", "translation.md");

/** What each feature is, for people who know the APIs but not our names. */
const MEANING: Record<Feature, string> = {
  temperature: "`temperature`",
  top_p: "`top_p`",
  top_k: "`top_k`",
  min_p: "`min_p`",
  frequency_penalty: "`frequency_penalty`",
  presence_penalty: "`presence_penalty`",
  repeat_penalty: "`repeat_penalty`",
  seed: "`seed`",
  stop: "stop sequences",
  n: "several answers at once (`n`)",
  logprobs: "log probabilities",
  logit_bias: "`logit_bias`",
  max_output_tokens: "output limit",
  json_object: "JSON output, without a schema",
  json_schema: "JSON output, with a schema",
  function_tools: "function tools",
  custom_tools: "free-form tools (OpenAI `custom`)",
  hosted_tools: "other tools the provider runs",
  hosted_web_search: "web search that the provider runs",
  hosted_web_fetch: "fetching of pages that the provider does",
  hosted_code_execution: "code that the provider runs",
  strict_tools: "`strict` on a tool",
  tool_choice_required: "tool choice: must call one",
  tool_choice_named: "tool choice: must call this one",
  tool_choice_none: "tool choice: must not call",
  tool_choice_allowed: "tool choice: only some of the tools",
  parallel_tool_calls: "no parallel calls",
  reasoning_effort: "reasoning effort",
  reasoning_budget: "reasoning budget in tokens",
  reasoning_text: "earlier reasoning, as text",
  reasoning_state: "earlier reasoning, signed or encrypted",
  verbosity: "verbosity",
  cache_marks: "prompt-cache marks",
  cache_key: "`prompt_cache_key`",
  user: "end-user id",
  metadata: "metadata",
  mid_system: "system message in mid-conversation",
  participant_name: "`name` of a participant",
  image_data: "image, inline",
  image_url: "image, by URL",
  image_detail: "image `detail`",
  document_data: "document (PDF), inline",
  document_text: "document, plain text",
  document_url: "document, by URL",
  file_id: "uploaded file, by id",
  audio: "audio",
  tool_result_image: "image in a tool result",
  tool_result_document: "document in a tool result",
  tool_result_error: "error flag on a tool result",
  refusal_history: "earlier refusals",
  citations: "citations",
  opaque_parts: "blocks of types the router does not know",
  unknown_fields: "fields the router does not know",
};

const SIGNS: Record<Support, string> = {
  native: "yes",
  adapted: "adapted",
  approximated: "*approximated*",
  dropped: "*dropped*",
  ignored: "ignored",
  refused: "**refused**",
};

/** Every block the page holds, by the name in its markers. */
const BLOCKS: Readonly<Record<string, () => string>> = {
  features: featureTable,
  "unknown-fields": unknownFieldTable,
  "claude-models": modelTable,
  "openai-models": openaiTable,
};

function featureTable(): string {
  const halves = [...PROVIDER_HALVES.values()];
  const rows = FEATURES.map((feature) => [MEANING[feature], ...halves.map(({ support }) => SIGNS[support[feature]])]);
  return table(["", ...halves.map(({ dialect }) => `\`${dialect}\``)], rows);
}

function unknownFieldTable(): string {
  const rows: string[][] = [];
  for (const [dialect, classes] of Object.entries(UNKNOWN_FIELDS)) {
    if (classes.size === 0) continue;
    const named = (wanted: string) =>
      [...classes]
        .filter(([, lossClass]) => lossClass === wanted)
        .map(([field]) => `\`${field}\``)
        .join(", ") || "none";
    rows.push([`\`${dialect}\``, named("silent"), named("reject")]);
  }
  return table(["client format", "`silent`", "`reject`"], rows);
}

function modelTable(): string {
  const rows = MODEL_ROWS.map((row) => [nameOf(row), ...rulesText(row.rules)]);
  rows.push(["any other name", ...rulesText(UNKNOWN_MODEL)]);
  return table(
    ["Claude models", "sampling", "thinking", "efforts", "forced tool", "prefill", "late system", "schema", "output"],
    rows,
  );
}

function nameOf({ families, from }: ModelRow): string {
  const who = families?.map((family) => family[0]?.toUpperCase() + family.slice(1)).join(", ") ?? "all";
  return from === 0 ? `${who}, older` : `${who} from ${Math.floor(from / 100)}.${from % 100}`;
}

function rulesText(rules: ModelRules): string[] {
  const sampling = { free: "all", one: "temperature or top_p", refused: "refused" }[rules.sampling];
  const off = rules.disabledUpTo === undefined ? "" : ` (disabled up to effort ${rules.disabledUpTo})`;
  const yesNo = (value: boolean) => (value ? "yes" : "no");
  return [
    sampling,
    rules.thinking.length === 0 ? "none" : rules.thinking.join(", ") + off,
    rules.efforts.join(", ") || "none",
    yesNo(rules.forcedTool),
    yesNo(rules.prefill),
    yesNo(rules.midSystem),
    yesNo(rules.structured),
    rules.maxOutput.toLocaleString("en-US"),
  ];
}

function openaiTable(): string {
  const rows = OPENAI_ROWS.map(({ models, rules }) => [models, ...openaiText(rules)]);
  rows.push(["any other name", ...openaiText(UNKNOWN_OPENAI)]);
  const head = "sampling, penalties, stop, `max_tokens`, efforts, verbosity, custom tools, parallel calls, cache marks";
  return table(["OpenAI models", ...head.split(", ")], rows);
}

function openaiText(rules: OpenAIRules): string[] {
  const yesNo = (value: boolean) => (value ? "yes" : "no");
  const sampling = { free: "yes", "at-none": "at effort none", refused: "no" }[rules.sampling];
  const rest = rules.restsAt === undefined ? "" : ` (without one: ${rules.restsAt})`;
  return [
    sampling,
    yesNo(rules.penalties),
    yesNo(rules.stop),
    yesNo(rules.maxTokens),
    (rules.efforts.join(", ") || "none of them") +
      rest +
      (rules.chatToolsAtNone ? "; in Chat with tools only none" : ""),
    yesNo(rules.verbosity),
    yesNo(rules.customTools),
    yesNo(rules.parallelTools),
    rules.known ? yesNo(rules.cacheMarks) : "as the provider",
  ];
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The page with every block between its markers made anew. Throws when a marker is missing. */
export function withTables(page: string): string {
  let result = page;
  for (const [name, make] of Object.entries(BLOCKS)) {
    const [open, close] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const start = result.indexOf(open);
    const end = result.indexOf(close);
    if (start === -1 || end < start) throw new Error(`docs/translation.md has no markers for ${name}`);
    result = `${result.slice(0, start + open.length)}\n${make()}\n${result.slice(end)}`;
  }
  return result;
}

if (import.meta.main) writeFileSync(PAGE, withTables(readFileSync(PAGE, "utf8")));
