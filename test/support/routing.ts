import { headerIn } from "../../src/pipeline/decision/routing-facts.ts";
import type { RoutingRequest } from "../../src/routing/rule.ts";
import { modelInfo } from "../../src/upstream/provider.ts";

/** What a chain is asked for: a model `m`, and whatever else matters to a test. */
export function routingRequest(more: Partial<RoutingRequest> = {}): RoutingRequest {
  const header = (name: string) => headerIn(more.client, name);
  return { model: "m", tags: new Set(), needs: [], wallMs: 0, random: () => 0.5, header, modelInfo, ...more };
}
