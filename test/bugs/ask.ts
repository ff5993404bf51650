import { equal } from "node:assert/strict";
import type { JsonObject } from "../../src/core/json.ts";
import { PLAIN } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import type { ClientFormat, Heard } from "../support/clients/heard.ts";
import { type Fleet, modelFor } from "../support/fleet.ts";
import type { Answer, UpstreamFormat } from "../support/upstream/answer.ts";
import type { Script } from "../support/upstream/upstream.ts";

/** One request through the router. Without a `stream` it is streamed: most of these bugs were. */
export interface Asking {
  client: ClientFormat;
  provider: UpstreamFormat;
  /** Laid over a plain request of the client. */
  fields?: JsonObject;
  answer: Script;
  stream?: boolean;
}

/** What the client's SDK made of the answer. */
export async function ask(fleet: Fleet, asking: Asking): Promise<Heard> {
  const { client, provider, fields, answer, stream = true } = asking;
  fleet.upstreams[provider].answer(answer);
  return ASK[client](fleet.router.url, { model: modelFor(provider).asked, ...PLAIN[client], ...fields }, stream);
}

/** The same, where the SDK must not have raised. */
export async function heardWell(fleet: Fleet, asking: Asking): Promise<Heard> {
  const heard = await ask(fleet, asking);
  equal(heard.error?.message, undefined, `${asking.client} from ${asking.provider}: ${heard.raw}`);
  return heard;
}

/** Frames as one provider's stream, each in a write of its own. */
export function streamOf(...frames: string[]): Answer {
  return { raw: { headers: { "content-type": "text/event-stream" }, chunks: frames } };
}

/** A chunk of a Chat stream. */
export function chunk(delta: JsonObject, finish: string | null = null, more: JsonObject = {}): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices, ...more })}\n\n`;
}

/** A fragment of a tool call in a Chat stream. */
export function callChunk(call: JsonObject): string {
  return chunk({ tool_calls: [call] });
}

export const DONE = "data: [DONE]\n\n";
