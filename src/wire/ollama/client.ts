import type { JsonObject } from "../../core/json.ts";
import type { ClientHalf } from "../format.ts";
import { writeResponse } from "./answer/write-response.ts";
import { CHAT_LINES, emptyLine, OllamaStream } from "./answer/write-stream.ts";
import { writeError } from "./errors.ts";
import { isLoadRequest, readRequest } from "./request/read-request.ts";

export const ollamaClient: ClientHalf = {
  dialect: "ollama",
  streamType: "application/x-ndjson",
  readRequest,
  answerAtOnce: (body, nowMs) => (isLoadRequest(body) ? writeLoad(body, nowMs) : undefined),
  writeResponse,
  writeStream: (context) => new OllamaStream(context, CHAT_LINES),
  keepAlive: (model, wallMs) => emptyLine(CHAT_LINES, model, wallMs),
  writeError,
};

/** The answer to a request without content (`isLoadRequest`), which only loads a model or, with `keep_alive: 0`, unloads it. */
export function writeLoad(body: JsonObject, createdMs: number): JsonObject {
  return {
    ...loadHead(body, createdMs),
    message: { role: "assistant", content: "" },
    done: true,
    done_reason: loadReason(body),
  };
}

/** As `writeLoad`, for `/api/generate`. */
export function writeGenerateLoad(body: JsonObject, createdMs: number): JsonObject {
  return { ...loadHead(body, createdMs), response: "", done: true, done_reason: loadReason(body) };
}

function loadHead(body: JsonObject, createdMs: number): JsonObject {
  return { model: body["model"] ?? "", created_at: new Date(createdMs).toISOString() };
}

function loadReason(body: JsonObject): "load" | "unload" {
  const keep = body["keep_alive"];
  return keep === 0 || (typeof keep === "string" && /^0+[a-z]*$/.test(keep)) ? "unload" : "load";
}
