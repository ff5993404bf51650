import type { RoutingRequest } from "../../src/routing/rule.ts";

/** What a chain is asked for: a model `m`, and whatever else matters to a test. */
export function routingRequest(more: Partial<RoutingRequest> = {}): RoutingRequest {
  return { model: "m", tags: new Set(), needs: [], wallMs: 0, random: () => 0.5, ...more };
}
