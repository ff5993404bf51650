import type { ClientHalf } from "../format.ts";
import { writeResponse } from "./answer/write-response.ts";
import { PING, writeStream } from "./answer/write-stream.ts";
import { writeError } from "./errors.ts";
import { readRequest } from "./request/read-request.ts";

/** What clients of the Anthropic Messages API say and hear. */
export const anthropicClient: ClientHalf = {
  dialect: "anthropic",
  streamType: "text/event-stream; charset=utf-8",
  readRequest,
  writeResponse,
  writeStream,
  keepAlive: () => PING,
  writeError,
};
