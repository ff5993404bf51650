import { asObject, type JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { tokenCount } from "../../core/usage.ts";
import type { TokenCountClientHalf, TokenCountHalf } from "../format.ts";
import { readRequest } from "./request/read-request.ts";
import { writeRequest } from "./request/write-request.ts";
import { RESPONSES_SUPPORT } from "./support.ts";

/** What the endpoint takes of a request for a response. */
const COUNTED = [
  "model",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "reasoning",
  "text",
] as const;

/** `POST /v1/responses/input_tokens`: the body of a request for a response, as far as it makes the prompt longer. */
export const inputTokensClient: TokenCountClientHalf = {
  readRequest,
  writeResponse: (tokens) => ({ object: "response.input_tokens", input_tokens: tokens }),
};

export const responsesTokenCount: TokenCountHalf = {
  path: () => "/responses/input_tokens",
  writeRequest(request, target) {
    const whole = writeRequest(request, target, new Losses(RESPONSES_SUPPORT));
    const body: JsonObject = {};
    for (const key of COUNTED) if (whole[key] !== undefined) body[key] = whole[key];
    return body;
  },
  readResponse: (body) => tokenCount(asObject(body)?.["input_tokens"]),
};
