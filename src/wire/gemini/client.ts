import type { ClientHalf } from "../format.ts";
import { writeResponse } from "./answer/write-response.ts";
import { writeArrayStream, writeEventStream } from "./answer/write-stream.ts";
import { readRequest } from "./request/read/read-request.ts";
import { writeError } from "./write-error.ts";

/**
 * What clients of Gemini's generateContent say and hear; streams as Server-Sent Events. No sign of life: Gemini CLI and
 * Google's old SDK break on comments, and an empty response is an answer.
 */
export const geminiClient: ClientHalf = {
  dialect: "gemini",
  streamType: "text/event-stream; charset=utf-8",
  readRequest,
  writeResponse,
  writeStream: writeEventStream,
  writeError,
};

/** The same, for those who ask for a stream without `alt=sse`. */
export const geminiArrayClient: ClientHalf = {
  ...geminiClient,
  streamType: "application/json",
  writeStream: writeArrayStream,
};
