import { SSE_COMMENT } from "../bytes/stream.ts";
import type { ClientHalf } from "../format.ts";
import { resumeWith } from "../openai/answer/resume.ts";
import { openAIErrorBody } from "../openai-error.ts";
import { readRequest } from "./read-request.ts";
import { writeResponse } from "./write-response.ts";
import { writeStream } from "./write-stream.ts";

/** Clients of `POST /v1/completions`. */
export const openaiCompletionsClient: ClientHalf = {
  dialect: "openai-completions",
  streamType: "text/event-stream; charset=utf-8",
  readRequest,
  writeResponse,
  writeStream,
  resumeStream: resumeWith(writeStream),
  keepAlive: () => SSE_COMMENT,
  writeError: openAIErrorBody,
};
