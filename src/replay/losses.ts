import type { JsonObject } from "../core/json.ts";
import { type Loss, Losses } from "../core/loss.ts";
import type { ChatRequest } from "../core/request.ts";
import type { Fleet } from "../upstream/provider.ts";
import { passthroughHalf, translatingHalf } from "../wire/registry.ts";
import { loggedRequest } from "./logged-request.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/**
 * What places would lose of a logged request, by the very code that writes requests. Only as far as the record tells what was asked
 * for: definitions of tools are never on it, parameters only where traces are kept.
 */
export function lossesOf(record: JsonObject, fleet: Fleet): (place: Place) => readonly Loss[] {
  let request: ChatRequest | undefined;
  return ({ provider: name, model }) => {
    const provider = fleet.get(name);
    if (!provider) return [];
    request ??= loggedRequest(record).request;
    if (passthroughHalf(provider.half.dialect, request.dialect)) return [];
    const half = translatingHalf(provider.half, request);
    const losses = new Losses(half.support);
    half.writeRequest(request, { model, info: undefined, quirks: provider.quirks }, losses);
    return losses.list;
  };
}
