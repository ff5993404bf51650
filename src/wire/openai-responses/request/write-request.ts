import { asObject, type JsonObject, ownOf, setOwn } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import { type ChatRequest, EFFORTS, type OutputShape } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { wantsLogprobs } from "../../logprobs.ts";
import { dropExtra } from "../../loss/unknown-fields.ts";
import { fitEffort, fitSampling, fitVerbosity } from "../../openai/fit-model.ts";
import { type ModelRules, rulesOf } from "../../openai/model-rules.ts";
import { tierOf, withoutTier } from "../../service-tier.ts";
import { sessionKey } from "../../session.ts";
import { legalToolId, PLAIN_ID, sha256 } from "../../tools/ids.ts";
import { writeInput } from "./write-items.ts";
import { writeSampling } from "./write-sampling.ts";
import { writeTools } from "./write-tools.ts";

const LOGPROBS = "message.output_text.logprobs";
const ENCRYPTED = "reasoning.encrypted_content";

/** Fields that mean the same in both of OpenAI's APIs. */
const SHARED_WITH_CHAT: ReadonlySet<string> = new Set(
  "service_tier store prompt_cache_options prompt_cache_retention moderation".split(" "),
);

export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const own = request.dialect === "openai-responses";
  const rules = rulesOf(target.model);
  const input = writeInput(request, rules, losses);
  const carried = writeExtra(request, losses);
  const body: JsonObject = { model: target.model };
  if (input.instructions !== undefined) body["instructions"] = input.instructions;
  body["input"] = input.items;
  const reasoning = writeReasoning(request, target, rules, losses);
  const sampling = fitSampling(
    request,
    rules,
    EFFORTS.find((effort) => effort === reasoning?.["effort"]),
    losses,
  );
  Object.assign(body, writeTools(request, rules, losses), writeSampling({ ...request, sampling }, losses));
  if (reasoning !== undefined) body["reasoning"] = { ...reasoning, ...asObject(carried["reasoning"]) };
  const text = writeText(request, fitVerbosity(request, rules, losses));
  if (text !== undefined) body["text"] = { ...text, ...asObject(carried["text"]) };
  Object.assign(body, writeIdentity(request, losses));
  if (request.stream) body["stream"] = true;
  if (!own) {
    // Nobody will ask for the stored answer: the client's API has no way to.
    body["store"] = carried["store"] ?? false;
    const include: string[] = reasons(rules, reasoning) || input.hasReasoning ? [ENCRYPTED] : [];
    if (wantsLogprobs(sampling)) include.push(LOGPROBS);
    if (include.length > 0) body["include"] = include;
  }
  for (const [field, value] of Object.entries(carried)) {
    if (ownOf(body, field) === undefined) setOwn(body, field, value);
  }
  return body;
}

/**
 * What it thought comes back encrypted only when asked for, and without it a conversation that is stored nowhere loses it.
 * Models that reason do so unasked; those that do not refuse the wish.
 */
function reasons(rules: ModelRules, reasoning: JsonObject | undefined): boolean {
  return rules.known ? rules.efforts.length > 0 : reasoning !== undefined;
}

/** What `input` holds is written there. */
function withoutItems(extra: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(extra).filter(([field]) => !field.startsWith("input.")));
}

/** The unknown fields that can go on as they are; the others are told as losses. */
function writeExtra(request: ChatRequest, losses: Losses): JsonObject {
  if (request.dialect === "openai-responses") return withoutItems(request.extra);
  if (request.dialect !== "openai") {
    const tier = tierOf(request);
    dropExtra(withoutTier(request), losses);
    return tier === undefined ? {} : { service_tier: tier };
  }
  const shared: JsonObject = {};
  const rest: JsonObject = {};
  for (const [field, value] of Object.entries(request.extra))
    if (value !== null) setOwn(SHARED_WITH_CHAT.has(field) ? shared : rest, field, value);
  dropExtra({ ...request, extra: rest }, losses);
  return shared;
}

const SUMMARIES: ReadonlySet<string> = new Set(["auto", "concise", "detailed"]);

function writeReasoning(
  request: ChatRequest,
  target: TargetInfo,
  rules: ModelRules,
  losses: Losses,
): JsonObject | undefined {
  const asked = request.reasoning;
  const more = request.dialect === "openai-responses" ? asObject(request.extra["reasoning"]) : undefined;
  if (asked === undefined) return more && {};
  const capabilities = target.info?.capabilities;
  if (capabilities !== undefined && !capabilities.has("thinking")) {
    // A model without reasoning answers 400 to the mere field.
    if (asked.mode !== "off" && asked.effort !== "none") losses.drop("reasoning_effort", "reasoning");
    return undefined;
  }
  const effort = fitEffort(asked, rules, "thinking.budget_tokens", losses);
  if (rules.efforts.length === 0) return undefined;
  const written: JsonObject = {};
  if (effort !== undefined) written["effort"] = effort;
  const thinks = asked.mode === "on" || asked.mode === "adaptive" || asked.budgetTokens !== undefined;
  if (asked.display !== undefined && SUMMARIES.has(asked.display)) written["summary"] = asked.display;
  else if (asked.display === "summarized" || (asked.display === undefined && thinks)) written["summary"] = "auto";
  return Object.keys(written).length > 0 || more !== undefined ? written : undefined;
}

function writeText(request: ChatRequest, verbosity: string | undefined): JsonObject | undefined {
  const text: JsonObject = {};
  if (request.output !== undefined) text["format"] = writeFormat(request.output);
  if (verbosity !== undefined) text["verbosity"] = verbosity;
  const more = request.dialect === "openai-responses" && asObject(request.extra["text"]) !== undefined;
  return Object.keys(text).length > 0 || more ? text : undefined;
}

function writeFormat(output: OutputShape): JsonObject {
  if (output.kind === "json") return { type: "json_object" };
  return {
    type: "json_schema",
    name: legalToolId(output.name ?? "response", { pattern: PLAIN_ID, max: 64 }),
    ...(output.description !== undefined && { description: output.description }),
    schema: output.schema,
    // As with tools: left out it would be taken for what the client did not say.
    strict: output.strict ?? false,
  };
}

function writeIdentity({ cache, dialect, identity }: ChatRequest, losses: Losses): JsonObject {
  const written: JsonObject = {};
  // The key also keeps a conversation on one machine, and with it its cached prefix.
  const key = dialect === "openai-responses" ? cache.key : (cache.key ?? sessionKey(identity));
  if (key !== undefined) written["prompt_cache_key"] = shortened(key);
  if (identity.user !== undefined) written["safety_identifier"] = shortened(identity.user);
  // Other APIs' metadata is of other shapes; OpenAI takes strings only.
  const metadata = dialect === "openai" || dialect === "openai-responses" ? identity.metadata : undefined;
  if (metadata !== undefined) written["metadata"] = metadata;
  else if (identity.metadata !== undefined)
    losses.list.push({ field: "metadata", treatment: "dropped", class: "silent" });
  return written;
}

/** Identifiers may have 64 characters; Claude Code's have 150. */
function shortened(id: string): string {
  return id.length <= 64 ? id : sha256(id);
}
