import type { Reasoning } from "../../core/request.ts";
import type { ProviderHalf } from "../format.ts";
import { readOpenAIError } from "../openai-error.ts";
import { PLAIN_TOOL_NAMES } from "../tools/tool-names.ts";
import { readResponse } from "./answer/read-response.ts";
import { readStream } from "./answer/read-stream.ts";
import { writeRequest } from "./request/write-request.ts";
import { support } from "./support.ts";

/** Servers of Chat Completions: OpenAI and everybody compatible with it. */
export const openaiProvider: ProviderHalf = {
  dialect: "openai",
  toolNames: PLAIN_TOOL_NAMES,
  support,
  path: () => "/chat/completions",
  writeRequest,
  continues: ({ reasoning }, { quirks }) => quirks.continues !== undefined && !asksForThought(reasoning),
  headers: () => ({}),
  readResponse,
  readStream,
  readError: readOpenAIError,
};

function asksForThought(reasoning: Reasoning | undefined): boolean {
  return reasoning !== undefined && reasoning.mode !== "off" && reasoning.effort !== "none";
}
