import { isAttribution } from "../../../../core/attribution.ts";
import { asObject, type JsonObject, setOwn } from "../../../../core/json.ts";
import type { Losses } from "../../../../core/loss.ts";
import type { ChatRequest } from "../../../../core/request.ts";
import type { TargetInfo } from "../../../format.ts";
import { dropExtra } from "../../../loss/unknown-fields.ts";
import { tierOf, withoutTier } from "../../../service-tier.ts";
import { rulesOf } from "../../model-rules.ts";
import type { Draft } from "./draft.ts";
import { writeContents, writeSystemParts } from "./write-contents.ts";
import { writeGeneration } from "./write-generation.ts";
import { type WrittenTools, writeToolChoice, writeTools } from "./write-tools.ts";

const JSON_ONLY = "Answer with one valid JSON object and nothing else: no prose around it, no code fence.";

/** A generateContent request body. `contents` comes last: what grows from turn to turn is at the end of the bytes. */
export function writeRequest(request: ChatRequest, target: TargetInfo, losses: Losses): JsonObject {
  const draft: Draft = { request, rules: rulesOf(target.model), losses };
  const tools = writeTools(draft);
  const { config, forced } = writeToolChoice(tools, draft);
  const json = !forced && (draft.rules.jsonBesideTools || tools.tools.length === 0);
  const system = writeSystem(draft, json);
  const generation = writeGeneration(draft, json);
  const toolConfig = writeToolConfig(tools, config, draft);
  const body: JsonObject = {};
  if (system.length > 0 && draft.rules.system) body["systemInstruction"] = { parts: system };
  if (tools.tools.length > 0) body["tools"] = tools.tools;
  if (Object.keys(toolConfig).length > 0) body["toolConfig"] = toolConfig;
  if (Object.keys(generation).length > 0) body["generationConfig"] = generation;
  writeRest(draft, body);
  body["contents"] = writeContents(draft, draft.rules.system ? [] : system);
  return body;
}

function writeSystem(draft: Draft, json: boolean): JsonObject[] {
  const { request, rules, losses } = draft;
  const parts = writeSystemParts(
    request.system.filter((part) => !isAttribution(part)),
    draft,
  );
  if (request.output && !json) {
    const schema = request.output.kind === "json" ? "" : ` Its JSON Schema: ${JSON.stringify(request.output.schema)}`;
    parts.push({ text: `${JSON_ONLY}${schema}` });
    losses.changed("response_format", "put into the system prompt: the model takes none beside these tools");
  }
  if (parts.length > 0 && !rules.system) losses.changed("system", "sent as text of the user");
  return parts;
}

function writeToolConfig(tools: WrittenTools, config: JsonObject | undefined, { request }: Draft): JsonObject {
  const own = request.dialect === "gemini" ? asObject(request.extra["toolConfig"]) : undefined;
  return {
    ...own,
    ...(config && { functionCallingConfig: { ...config, ...asObject(own?.["functionCallingConfig"]) } }),
    // Without it the API refuses hosted tools beside functions.
    ...(tools.mixed && { includeServerSideToolInvocations: true }),
  };
}

function writeRest({ request, losses }: Draft, body: JsonObject): void {
  const { identity, extra } = request;
  if (request.verbosity !== undefined && request.verbosity !== "medium") losses.drop("verbosity");
  if (request.cache.key !== undefined) losses.drop("cache_key");
  if (request.cache.automatic) losses.drop("cache_marks", "cache_control");
  if (identity.user !== undefined) losses.drop("user");
  if (identity.metadata) losses.drop("metadata");
  if (request.dialect === "gemini") {
    for (const [key, value] of Object.entries(extra))
      if (!MERGED.has(key) && !Object.hasOwn(body, key)) setOwn(body, key, value);
    return;
  }
  const tier = tierOf(request);
  if (tier === "flex" || tier === "priority") body["serviceTier"] = tier;
  dropExtra(body["serviceTier"] === undefined ? request : withoutTier(request), losses);
}

/** Written already, together with what the vocabulary has of them. */
const MERGED: ReadonlySet<string> = new Set(["generationConfig", "toolConfig"]);
