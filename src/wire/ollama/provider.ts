import type { ChatEvent } from "../../core/event.ts";
import { isObject, type Json } from "../../core/json.ts";
import type { ChatRequest } from "../../core/request.ts";
import { ndjsonReader } from "../bytes/stream.ts";
import type { ProviderHalf, TargetInfo } from "../format.ts";
import { OllamaAnswer } from "./answer/read-answer.ts";
import { readError } from "./errors.ts";
import { writeRequest } from "./request/write-request.ts";
import { OLLAMA_SUPPORT } from "./support.ts";

export const ollamaProvider: ProviderHalf = {
  dialect: "ollama",
  support: OLLAMA_SUPPORT,
  path: () => "/api/chat",
  writeRequest,
  continues,
  headers: () => ({}),
  readResponse: readWhole,
  readStream: () => ndjsonReader(new OllamaAnswer()),
  readError,
};

/** Its templates leave a last assistant message open; but a model that thinks would first think about it. */
function continues({ reasoning }: ChatRequest, { info }: TargetInfo): boolean {
  const quiet = reasoning?.mode === "off" || reasoning?.effort === "none";
  return quiet || !info?.capabilities?.has("thinking");
}

/** A whole body through the machine of the streams, so that the two cannot differ. */
export function readWhole(body: Json): ChatEvent[] {
  if (!isObject(body)) throw new Error("not an answer of Ollama: the body is not a JSON object");
  const answer = new OllamaAnswer();
  const out: ChatEvent[] = [];
  answer.frame("", body, out);
  const last = out.at(-1);
  if (last?.type !== "end" && last?.type !== "error") answer.eof(out);
  return out;
}
