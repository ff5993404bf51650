import type { ChatRequest } from "../../core/request.ts";
import { sseReader } from "../bytes/stream.ts";
import type { Headers, ProviderHalf } from "../format.ts";
import { readOpenAIError } from "../openai-error.ts";
import { PLAIN_TOOL_NAMES } from "../tools/tool-names.ts";
import { readResponse } from "./answer/read-response.ts";
import { ResponsesProtocol } from "./answer/read-stream.ts";
import { writeRequest } from "./request/write-request.ts";
import { RESPONSES_SUPPORT } from "./support.ts";

/** Headers of this API's own clients that change what the provider does, or where it keeps the conversation's cache. */
const FORWARDED = [
  "openai-beta",
  "originator",
  "session-id",
  "thread-id",
  "x-openai-internal-codex-responses-lite",
] as const;

export const responsesProvider: ProviderHalf = {
  dialect: "openai-responses",
  toolNames: PLAIN_TOOL_NAMES,
  support: RESPONSES_SUPPORT,
  path: () => "/responses",
  writeRequest,
  headers,
  readResponse,
  readStream: () => sseReader(new ResponsesProtocol()),
  readError: readOpenAIError,
};

function headers(request: ChatRequest, client: Headers): Record<string, string> {
  const forwarded: Record<string, string> = {};
  if (request.dialect !== "openai-responses") return forwarded;
  for (const name of FORWARDED) {
    const value = client[name];
    if (typeof value === "string") forwarded[name] = value;
  }
  return forwarded;
}
