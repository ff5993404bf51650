import { randomUUID } from "node:crypto";
import type { Dispatch } from "../../pipeline/dispatch.ts";
import { Prompt } from "../../pipeline/prompt.ts";
import type { ClientHalf } from "../../wire/format.ts";
import { type Call, type Endpoint, sendJson } from "../call.ts";
import { parseBody, readBody } from "../read-body.ts";

/** Every endpoint that is answered by a model: the same way through the pipeline, in the client's own dialect. */
export function chatEndpoint(client: ClientHalf, dispatch: Dispatch, maxBodyBytes: number): Endpoint {
  return async (call) => {
    const raw = await readBody(call.req, maxBodyBytes);
    const body = parseBody(raw);
    const { headers } = call.req;
    const atOnce = client.answerAtOnce?.(body, Date.now());
    if (atOnce) return sendJson(call.res, 200, atOnce);
    const prompt = new Prompt(client, headers, raw, body);
    const queryKey = call.search.get("api_key") ?? call.search.get("key");
    await dispatch.run(
      { id: randomUUID(), client, headers, query: queryOf(call), ...(queryKey !== null && { queryKey }), prompt },
      call.res,
    );
  };
}

/** The query as the client wrote it, less what may hold our own key. */
function queryOf({ search }: Call): string {
  if (search.size === 0) return "";
  const kept = new URLSearchParams(search);
  kept.delete("api_key");
  kept.delete("key");
  return kept.size === 0 ? "" : `?${kept.toString()}`;
}
