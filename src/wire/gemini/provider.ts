import type { ProviderHalf } from "../format.ts";
import type { IdRule } from "../tools/ids.ts";
import { readError } from "./answer/failure.ts";
import { readResponse } from "./answer/read-response.ts";
import { readStream } from "./answer/read-stream.ts";
import { modelPath } from "./model-path.ts";
import { writeRequest } from "./request/write/write-request.ts";
import { geminiSupport } from "./support.ts";

/** The API takes 128 characters, but clients get these names back and may not. */
const TOOL_NAMES: IdRule = { pattern: /^[a-zA-Z_][a-zA-Z0-9_.:-]*$/, max: 64 };

/** What providers of the Gemini API's generateContent hear and say. */
export const geminiProvider: ProviderHalf = {
  dialect: "gemini",
  support: geminiSupport,
  path: (model, stream) => modelPath(model, stream ? "streamGenerateContent?alt=sse" : "generateContent"),
  modelInPath: true,
  toolNames: TOOL_NAMES,
  writeRequest,
  headers: () => ({}),
  readResponse,
  readStream,
  readError,
};
