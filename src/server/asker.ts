import type { ChatRequest } from "../core/request.ts";
import type { Asker } from "../pipeline/stages/classification.ts";
import { FactsOfClient } from "../pipeline/stages/facts.ts";
import { type Call, goneSignal } from "./call.ts";

/** Who asks, for classifiers of what is no chat: tokens to count, texts to embed. */
export function askerIn({ req, res, key }: Call, read: () => ChatRequest): Asker {
  return { client: new FactsOfClient({ key }, read, req.headers), gone: () => goneSignal(res) };
}
