import { asObject, type Json, type JsonObject } from "../../core/json.ts";
import type { Loss } from "../../core/loss.ts";

const PENALTIES = ["presence_penalty", "frequency_penalty"] as const;

/**
 * Where each thing may stand in a client's body. Writers of provider requests name what they lose by the router's own words;
 * a client looks for the field it has written.
 */
const PLACES: ReadonlyMap<string, readonly string[]> = new Map([
  ...["temperature", "top_p", "top_k", "seed", ...PENALTIES].map((word): [string, string[]] => [
    word,
    [`options.${word}`, `generationConfig.${camel(word)}`, word],
  ]),
  ["min_p", ["options.min_p"]],
  ["repeat_penalty", ["options.repeat_penalty", "repetition_penalty"]],
  ["stop", ["stop_sequences", "options.stop", "generationConfig.stopSequences"]],
  ["n", ["generationConfig.candidateCount"]],
  ["logprobs", ["logprobs", "top_logprobs", "generationConfig.responseLogprobs"]],
  [
    "max_output_tokens",
    ["max_completion_tokens", "max_tokens", "options.num_predict", "generationConfig.maxOutputTokens"],
  ],
  [
    "response_format",
    [
      "response_format",
      "text.format",
      "output_config.format",
      "output_format",
      "format",
      "generationConfig.responseJsonSchema",
      "generationConfig.responseSchema",
      "generationConfig.responseMimeType",
    ],
  ],
  [
    "reasoning_effort",
    [
      "reasoning_effort",
      "reasoning.effort",
      "output_config.effort",
      "think",
      "generationConfig.thinkingConfig.thinkingLevel",
    ],
  ],
  ["reasoning_budget", budgets()],
  ["thinking.budget_tokens", budgets()],
  ["verbosity", ["verbosity", "text.verbosity"]],
  ["cache_key", ["prompt_cache_key"]],
  ["user", ["user", "safety_identifier", "metadata.user_id"]],
  ["parallel_tool_calls", ["parallel_tool_calls", "tool_choice.disable_parallel_tool_use"]],
  ["tool_choice", ["tool_choice", "toolConfig.functionCallingConfig"]],
]);

function budgets(): string[] {
  return ["thinking.budget_tokens", "reasoning.max_tokens", "generationConfig.thinkingConfig.thinkingBudget"];
}

function camel(word: string): string {
  return word.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The losses, each under the name its field has in the client's body; one the body does not have keeps the router's word. */
export function inClientWords(losses: readonly Loss[], body: JsonObject): Loss[] {
  return losses.map((loss) => {
    const place = PLACES.get(loss.field)?.find((path) => has(body, path));
    return place === undefined || place === loss.field ? loss : { ...loss, field: place };
  });
}

function has(body: JsonObject, path: string): boolean {
  let value: Json | undefined = body;
  for (const key of path.split(".")) {
    const owner = asObject(value);
    value = owner && Object.hasOwn(owner, key) ? owner[key] : undefined;
  }
  return value !== undefined && value !== null;
}
