import { asNumber, asObject, type Json } from "../../../core/json.ts";
import { reportedUsage, type Usage } from "../../../core/usage.ts";

/** `usageMetadata`; undefined when it holds no counts (the first chunks of a stream say only `trafficType`). */
export function readUsage(json: Json | undefined): Usage | undefined {
  const metadata = asObject(json);
  const [prompt, total] = [asNumber(metadata?.["promptTokenCount"]), asNumber(metadata?.["totalTokenCount"])];
  if (!metadata || (prompt === undefined && total === undefined)) return undefined;
  const input = (prompt ?? 0) + (asNumber(metadata["toolUsePromptTokenCount"]) ?? 0);
  const thoughts = Math.max(asNumber(metadata["thoughtsTokenCount"]) ?? 0, 0);
  // Gemma leaves out its output, but not the sum.
  const visible = asNumber(metadata["candidatesTokenCount"]) ?? Math.max((total ?? 0) - input - thoughts, 0);
  return reportedUsage({
    input,
    output: Math.max(visible, 0) + thoughts,
    cachedRead: asNumber(metadata["cachedContentTokenCount"]) ?? 0,
    reasoning: thoughts,
  });
}
