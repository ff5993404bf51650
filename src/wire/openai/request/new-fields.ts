import type { ChatRequest } from "../../../core/request.ts";
import type { TargetInfo } from "../../format.ts";
import { rulesOf } from "../model-rules.ts";

/**
 * True where fields that only newer OpenAI servers know may be written: at OpenAI itself, and wherever the client already
 * speaks Chat and chose its fields for the server. Others (Groq, Mistral) refuse fields they do not know.
 */
export function takesNewFields(request: ChatRequest, target: TargetInfo): boolean {
  return request.dialect === "openai" || target.quirks.developerRole === true;
}

/** True where free-form tools may be written; other servers and models are given a function with one string `input`. */
export function takesCustomTools(request: ChatRequest, target: TargetInfo): boolean {
  return takesNewFields(request, target) && rulesOf(target.model).customTools;
}

/** True where `prompt_cache_breakpoint` may be written: models before GPT-5.6 do not know it. */
export function takesCacheMarks(request: ChatRequest, target: TargetInfo): boolean {
  const rules = rulesOf(target.model);
  return request.dialect === "openai" || (takesNewFields(request, target) && (!rules.known || rules.cacheMarks));
}
