import { asObject, type JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { tokenCount } from "../../core/usage.ts";
import type { TokenCountClientHalf, TokenCountHalf } from "../format.ts";
import { readRequest } from "./request/read-request.ts";
import { writeRequest } from "./request/write-request.ts";
import { anthropicSupport } from "./support.ts";

/** What the endpoint takes of a message request, and what makes the prompt longer. */
const COUNTED = ["model", "system", "messages", "tools", "tool_choice", "thinking"] as const;

/** `POST /v1/messages/count_tokens`. Its body has no `max_tokens`, which the reader of prompts wants. */
export const anthropicCountClient: TokenCountClientHalf = {
  readRequest: (body, headers) => readRequest({ max_tokens: 1, ...body }, headers),
  writeResponse: (tokens) => ({ input_tokens: tokens }),
};

export const anthropicTokenCount: TokenCountHalf = {
  path: () => "/messages/count_tokens",
  writeRequest(request, target) {
    const whole = writeRequest(request, target, new Losses(anthropicSupport));
    const body: JsonObject = {};
    for (const key of COUNTED) if (whole[key] !== undefined) body[key] = whole[key];
    return body;
  },
  readResponse: (body) => tokenCount(asObject(body)?.["input_tokens"]),
};
