import { asObject, asString, isObject, type JsonObject, objectsOf, tryParseJson } from "../../src/core/json.ts";
import type { ClientFormat } from "../support/clients/heard.ts";

/** The text in one frame of a stream, by the field each API has it in. */
const TEXT: Record<ClientFormat, (frame: JsonObject) => string | undefined> = {
  openai: (frame) => asString(asObject(objectsOf(frame["choices"])[0]?.["delta"])?.["content"]),
  "openai-completions": (frame) => asString(objectsOf(frame["choices"])[0]?.["text"]),
  "openai-responses": (frame) =>
    frame["type"] === "response.output_text.delta" ? asString(frame["delta"]) : undefined,
  anthropic: (frame) => asString(asObject(frame["delta"])?.["text"]),
  gemini: (frame) =>
    objectsOf(asObject(objectsOf(frame["candidates"])[0]?.["content"])?.["parts"])
      .map((part) => asString(part["text"]) ?? "")
      .join(""),
  ollama: (frame) => asString(asObject(frame["message"])?.["content"]),
  "ollama-generate": (frame) => asString(frame["response"]),
};

/** The text a client has seen of a stream, whatever became of it; half a frame of a provider that broke off shows nothing. */
export function saidInStream(client: ClientFormat, raw: string): string {
  const lines = raw
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => line.replace(/^data: ?/, ""));
  return lines
    .map((line) => {
      const frame = line.startsWith("{") ? tryParseJson(line) : undefined;
      return isObject(frame) ? (TEXT[client](frame) ?? "") : "";
    })
    .join("");
}
