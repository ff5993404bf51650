import { CLASS_OF, FEATURES, type Feature, type Support } from "../../src/core/loss.ts";
import { UNKNOWN_FIELDS } from "../../src/wire/loss/unknown-fields.ts";
import { PROVIDER_HALVES } from "../../src/wire/registry.ts";
import { code, table } from "./table.ts";

/** What each feature is, for people who know the APIs but not our names. */
export const MEANING: Record<Feature, string> = {
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

export const SIGNS: Record<Support, string> = {
  native: "yes",
  adapted: "adapted",
  approximated: "*approximated*",
  dropped: "*dropped*",
  ignored: "ignored",
  refused: "**refused**",
};

const PROVIDERS = [...PROVIDER_HALVES.values()];

export function featureTable(): string {
  const rows = FEATURES.map((feature) => [
    MEANING[feature],
    ...PROVIDERS.map(({ support }) => SIGNS[support[feature]]),
  ]);
  return table(["", ...PROVIDERS.map(({ dialect }) => code(dialect))], rows);
}

/** The class of the loss where a feature is not carried in full; features that every format carries are left out. */
export function lossTable(): string {
  const rows: string[][] = [];
  for (const feature of FEATURES) {
    const classes = PROVIDERS.map(({ support }) => CLASS_OF[support[feature]]);
    if (classes.some(Boolean)) rows.push([MEANING[feature], ...classes.map((name) => (name ? code(name) : ""))]);
  }
  return table(["", ...PROVIDERS.map(({ dialect }) => code(dialect))], rows);
}

export function unknownFieldTable(): string {
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
