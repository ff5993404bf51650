import type { JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import type { AudioPart, DocumentPart, ImagePart, Part, ToolCallPart, ToolResultPart } from "../../../core/part.ts";
import { argumentsObject } from "../../tools/arguments.ts";

/** Sorts the parts of one message into the few fields an Ollama message has. */
export class Content {
  readonly texts: string[] = [];
  readonly thinking: string[] = [];
  readonly images: string[] = [];
  readonly calls: JsonObject[] = [];
  readonly results: { part: ToolResultPart; path: string }[] = [];
  readonly #losses: Losses;
  /** The model says that it hears. */
  readonly #hears: boolean;

  constructor(losses: Losses, hears: boolean) {
    this.#losses = losses;
    this.#hears = hears;
  }

  add(parts: readonly Part[], path: string): this {
    for (const [at, part] of parts.entries()) this.#part(part, `${path}[${at}]`);
    return this;
  }

  #part(part: Part, path: string): void {
    if ("cache" in part && part.cache) this.#losses.drop("cache_marks", `${path}.cache_control`);
    switch (part.type) {
      case "text":
        if (part.citations?.length) this.#losses.drop("citations", `${path}.citations`);
        return this.#text(part.text);
      case "refusal":
        return this.#text(part.text);
      case "image":
        return this.#image(part, path);
      case "document":
        return this.#document(part, path);
      case "audio":
        return this.#audio(part, path);
      case "reasoning":
        if (part.text !== "") this.thinking.push(part.text);
        if (part.state) this.#losses.drop("reasoning_state", path);
        return;
      case "tool-call":
        this.calls.push(callObject(part, this.calls.length));
        return;
      case "tool-result":
        this.results.push({ part, path });
        return;
      case "opaque":
        this.#losses.drop("opaque_parts", `${path}(${part.what})`);
    }
  }

  #text(text: string): void {
    if (text !== "") this.texts.push(text);
  }

  #image(part: ImagePart, path: string): void {
    if (part.detail !== undefined && part.detail !== "auto") this.#losses.drop("image_detail", `${path}.detail`);
    if (part.source.kind === "base64") this.images.push(part.source.data);
    else this.#losses.drop(part.source.kind === "url" ? "image_url" : "file_id", path);
  }

  /** Text documents become text under their title; what would have to be converted first is refused. */
  #document(part: DocumentPart, path: string): void {
    const { source } = part;
    if (part.citations) this.#losses.drop("citations", `${path}.citations`);
    if (source.kind === "text") return this.#titled(part, source.text);
    if (source.kind === "url") return this.#losses.drop("document_url", path);
    if (source.kind === "file") return this.#losses.drop("file_id", path);
    if (!source.mediaType.startsWith("text/")) return this.#losses.drop("document_data", path);
    this.#titled(part, Buffer.from(source.data, "base64").toString("utf8"));
  }

  #titled(part: DocumentPart, text: string): void {
    const head = [part.title, part.context].filter((line) => line !== undefined && line !== "");
    this.#text([...head, text].join("\n"));
  }

  #audio(part: AudioPart, path: string): void {
    if (this.#hears) this.images.push(part.data);
    else this.#losses.drop("audio", path);
  }
}

function callObject(part: ToolCallPart, index: number): JsonObject {
  const args = part.kind === "custom" ? { input: part.arguments } : argumentsObject(part.arguments);
  return { ...(part.id !== "" && { id: part.id }), function: { index, name: part.name, arguments: args } };
}
