import { SSE_COMMENT } from "../bytes/stream.ts";
import type { ClientHalf } from "../format.ts";
import { openAIErrorBody } from "../openai-error.ts";
import { writeResponse } from "./answer/write-response.ts";
import { ResponsesStreamWriter, resumeStream } from "./answer/write-stream.ts";
import { readRequest } from "./request/read-request.ts";

export const responsesClient: ClientHalf = {
  dialect: "openai-responses",
  streamType: "text/event-stream; charset=utf-8",
  readRequest,
  writeResponse,
  writeStream: (context) => new ResponsesStreamWriter(context),
  resumeStream,
  keepAlive: () => SSE_COMMENT,
  writeError: openAIErrorBody,
};
