/**
 * How much a loss matters to the answer:
 * - `silent`: not at all (a user id, a metadata bag). Kept in the event, not in the header.
 * - `report`: the answer may differ (a seed, a clamped temperature). Named in `X-Router-Losses`, the event and the log.
 * - `reject`: the answer would be wrong or unusable. The request is refused with 400, naming the field.
 */
export type LossClass = "silent" | "report" | "reject";

export interface Loss {
  /** The field in the client's words (`temperature`, `tools[2]`, `messages[1].content[0]`). */
  field: string;
  /** What was done: `dropped`, `clamped(1.4->1)`, `moved to system`. */
  treatment: string;
  class: LossClass;
}

/**
 * What a dialect can express. Writers ask their own dialect's table (`Support`) instead of deciding case by case, so the
 * documentation (docs/translation.md) and the behaviour come from the same data.
 */
export const FEATURES = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "frequency_penalty",
  "presence_penalty",
  "repeat_penalty",
  "seed",
  "stop",
  "n",
  "logprobs",
  "logit_bias",
  "max_output_tokens",
  "json_object",
  "json_schema",
  "function_tools",
  "custom_tools",
  "hosted_tools",
  "hosted_web_search",
  "hosted_web_fetch",
  "hosted_code_execution",
  "strict_tools",
  "tool_choice_required",
  "tool_choice_named",
  "tool_choice_none",
  "tool_choice_allowed",
  "parallel_tool_calls",
  "reasoning_effort",
  "reasoning_budget",
  "reasoning_text",
  "reasoning_state",
  "verbosity",
  "cache_marks",
  "cache_key",
  "user",
  "metadata",
  "mid_system",
  "participant_name",
  "image_data",
  "image_url",
  "image_detail",
  "document_data",
  "document_text",
  "document_url",
  "file_id",
  "audio",
  "tool_result_image",
  "tool_result_document",
  "tool_result_error",
  "refusal_history",
  "citations",
  "opaque_parts",
  "unknown_fields",
] as const;
export type Feature = (typeof FEATURES)[number];

/**
 * - `native`: carried as it is. `adapted`: carried in another shape that means the same.
 * - `approximated`: carried with less meaning, reported. `dropped`: not carried, reported.
 * - `ignored`: not carried, no effect on the answer. `refused`: not carried, the request is rejected.
 */
export type Support = "native" | "adapted" | "approximated" | "dropped" | "ignored" | "refused";
export type SupportTable = Readonly<Record<Feature, Support>>;

/** What follows from not carrying something; undefined: nothing is lost. */
export const CLASS_OF: Readonly<Record<Support, LossClass | undefined>> = {
  native: undefined,
  adapted: undefined,
  approximated: "report",
  dropped: "report",
  ignored: "silent",
  refused: "reject",
};

/** What a refused part of a message is, and what to send in its place: its position alone says neither. */
const INSTEAD: Partial<Readonly<Record<Feature, string>>> = {
  image_url: "an image by URL: send its bytes",
  document_data: "a document: send its text",
  document_url: "a document by URL: send its text",
  tool_result_document: "a document in a tool result: send its text",
  file_id: "a file kept at another provider: send its bytes",
  audio: "audio",
};

/** Collects what a writer could not carry. One per written request. */
export class Losses {
  readonly list: Loss[] = [];
  readonly #support: SupportTable;

  constructor(support: SupportTable) {
    this.#support = support;
  }

  /** The target has no room for this: dropped, or refused, as the target's table says. `field` defaults to the feature's name. */
  drop(feature: Feature, field: string = feature): void {
    const level = CLASS_OF[this.#support[feature]] ?? "report";
    this.list.push({ field, treatment: (level === "reject" && INSTEAD[feature]) || "dropped", class: level });
  }

  /** The target got something near to it: `changed("temperature", "clamped(1.4->1)")`. */
  changed(field: string, treatment: string): void {
    this.list.push({ field, treatment, class: "report" });
  }

  /** Nothing sensible can be sent. */
  reject(field: string, treatment: string): void {
    this.list.push({ field, treatment, class: "reject" });
  }
}
