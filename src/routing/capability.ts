import { type ChatRequest, hasImage } from "../core/request.ts";
import type { Need, RoutingRequest, Target } from "./rule.ts";

/** What a model must be able to do for this request. */
export function needsOf(request: ChatRequest): Need[] {
  const needs: Need[] = [];
  if (hasImage(request)) needs.push("vision");
  if (request.tools.length > 0) needs.push("tools");
  return needs;
}

/** The first need the model is known not to serve; a model nobody knows anything about can do everything. */
export function lacks({ provider, model }: Target, request: RoutingRequest): Need | undefined {
  const { needs } = request;
  if (needs.length === 0) return undefined;
  const capabilities = request.modelInfo(provider, model)?.capabilities;
  return capabilities && needs.find((need) => !capabilities.has(need));
}
