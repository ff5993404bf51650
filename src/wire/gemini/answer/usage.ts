import { asObject, type Json } from "../../../core/json.ts";
import { reportedUsage, tokenCount, type Usage } from "../../../core/usage.ts";

/** `usageMetadata`; undefined when it holds no counts (the first chunks of a stream say only `trafficType`). */
export function readUsage(json: Json | undefined): Usage | undefined {
  const metadata = asObject(json);
  const [prompt, total] = [tokenCount(metadata?.["promptTokenCount"]), tokenCount(metadata?.["totalTokenCount"])];
  if (!metadata || (prompt === undefined && total === undefined)) return undefined;
  const input = (prompt ?? 0) + (tokenCount(metadata["toolUsePromptTokenCount"]) ?? 0);
  const thoughts = tokenCount(metadata["thoughtsTokenCount"]) ?? 0;
  // Gemma leaves out its output, but not the sum.
  const visible = tokenCount(metadata["candidatesTokenCount"]) ?? Math.max((total ?? 0) - input - thoughts, 0);
  return reportedUsage({
    input,
    output: visible + thoughts,
    cachedRead: tokenCount(metadata["cachedContentTokenCount"]) ?? 0,
    reasoning: thoughts,
  });
}
