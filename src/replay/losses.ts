import type { JsonObject } from "../core/json.ts";
import { type Loss, Losses } from "../core/loss.ts";
import type { ChatRequest } from "../core/request.ts";
import type { Fleet, Provider } from "../upstream/provider.ts";
import { passthroughHalf, translatingHalf } from "../wire/registry.ts";
import { keyOf } from "./effect.ts";
import { loggedRequest } from "./logged-request.ts";
import type { Place } from "./redecide/recorded-facts.ts";

/**
 * What places would lose of a logged request, by the very code that writes requests. Only as far as the record tells what was asked
 * for: definitions of tools are never on it, parameters only where traces are kept.
 */
export function lossesOf(record: JsonObject, fleet: Fleet): (place: Place) => readonly Loss[] {
  let request: ChatRequest | undefined;
  const known = new Map<string, readonly Loss[]>();
  return (place) => {
    const key = keyOf(place);
    const before = known.get(key);
    if (before) return before;
    request ??= loggedRequest(record).request;
    const provider = fleet.get(place.provider);
    const losses = provider ? lossesAt(provider, place.model, request) : [];
    known.set(key, losses);
    return losses;
  };
}

function lossesAt({ half: own, quirks }: Provider, model: string, request: ChatRequest): readonly Loss[] {
  if (passthroughHalf(own.dialect, request.dialect)) return [];
  const half = translatingHalf(own, request);
  const losses = new Losses(half.support);
  half.writeRequest(request, { model, info: undefined, quirks }, losses);
  return losses.list;
}
