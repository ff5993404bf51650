import { SSE_COMMENT } from "../bytes/stream.ts";
import type { ClientHalf } from "../format.ts";
import { openAIErrorBody } from "../openai-error.ts";
import { resumeWith } from "./answer/resume.ts";
import { writeResponse } from "./answer/write-response.ts";
import { writeStream } from "./answer/write-stream.ts";
import { readRequest } from "./request/read-request.ts";

/** Clients of `POST /v1/chat/completions`. */
export const openaiClient: ClientHalf = {
  dialect: "openai",
  streamType: "text/event-stream; charset=utf-8",
  readRequest,
  writeResponse,
  writeStream,
  resumeStream: resumeWith(writeStream),
  keepAlive: () => SSE_COMMENT,
  writeError: openAIErrorBody,
};
