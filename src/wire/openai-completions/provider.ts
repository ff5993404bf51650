import type { ProviderHalf } from "../format.ts";
import { readResponse } from "../openai/answer/read-response.ts";
import { readStream } from "../openai/answer/read-stream.ts";
import { readOpenAIError } from "../openai-error.ts";
import { support } from "./support.ts";
import { writeRequest } from "./write-request.ts";

/** Servers of the legacy `/completions`. Its answers differ from Chat's by one field, which Chat's reader knows. */
export const openaiCompletionsProvider: ProviderHalf = {
  dialect: "openai-completions",
  support,
  path: () => "/completions",
  writeRequest,
  headers: () => ({}),
  readResponse,
  readStream,
  readError: readOpenAIError,
};
