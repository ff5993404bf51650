import { randomUUID } from "node:crypto";
import { ownerOf } from "../../conversation/owner.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Dispatch } from "../../pipeline/dispatch.ts";
import type { Incoming } from "../../pipeline/incoming.ts";
import { Prompt } from "../../pipeline/prompt.ts";
import type { ClientHalf, Headers, PathModel } from "../../wire/format.ts";
import { type Call, type Endpoint, sendJson } from "../call.ts";
import { type BodyLimits, readJson } from "../read-body.ts";

/** Every endpoint that is answered by a model: the same way through the pipeline, in the client's own dialect. */
export function chatEndpoint(client: ClientHalf, dispatch: Dispatch, bodyLimits: BodyLimits): Endpoint {
  return (call) => answerChat(call, client, dispatch, bodyLimits);
}

/** `path`: what the URL says of the model, in APIs that name it there. */
export async function answerChat(
  call: Call,
  client: ClientHalf,
  dispatch: Dispatch,
  bodyLimits: BodyLimits,
  path?: PathModel,
): Promise<void> {
  const { raw, body } = await readJson(call.req, bodyLimits);
  const atOnce = client.answerAtOnce?.(body, Date.now());
  if (atOnce) return sendJson(call.res, 200, atOnce);
  await dispatch.run(incomingOf(call, client, dispatch, { raw, body, path }), call.res);
}

/** What is to be known of a call besides its body. */
export interface Called extends Pick<Call, "path" | "search" | "key"> {
  readonly req: { readonly headers: Headers };
}

/** What was read, as the pipeline takes it. Throws `RouterError` when the client's API takes no such body. */
export function incomingOf(
  call: Called,
  client: ClientHalf,
  dispatch: Dispatch,
  { raw, body, path }: { raw: Buffer; body: JsonObject; path: PathModel | undefined },
): Incoming {
  const { headers } = call.req;
  const query = queryOf(call, client);
  const queryKey = call.search.size === 0 ? null : (call.search.get("api_key") ?? call.search.get("key"));
  const { responses } = dispatch.parts.conversations;
  const expanded =
    client.dialect === "openai-responses"
      ? responses.expand({ owner: ownerOf(headers, queryKey ?? undefined) }, body)
      : undefined;
  const prompt = new Prompt(client, headers, raw, body, path, expanded);
  const { path: at, key } = call;
  return { id: randomUUID(), client, headers, path: at, query, ...(queryKey !== null && { queryKey }), key, prompt };
}

/** The query as the client wrote it, less what may hold our own key, and Gemini's `alt`, which the provider's path says. */
function queryOf({ search }: Called, { dialect }: ClientHalf): string {
  if (search.size === 0) return "";
  const kept = new URLSearchParams(search);
  for (const name of ["api_key", "key", ...(dialect === "gemini" ? ["alt", "$alt"] : [])]) kept.delete(name);
  return kept.size === 0 ? "" : `?${kept.toString()}`;
}
