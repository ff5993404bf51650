import type { JsonObject } from "../../core/json.ts";
import type { Citation, DocumentPart, OpaqueState, Part, TextPart } from "../../core/part.ts";
import type { ChatRequest, Message, Tool } from "../../core/request.ts";
import { textInFile } from "../../core/text-file.ts";
import { type MapJsonOptions, type MapString, mapJson, mapJsonText, mapObject } from "./json.ts";
import type { Replacements } from "./replacements.ts";

/** Where the signature is not of the text beside it, but holds all that is sent back. */
const TEXT_IS_A_COPY: ReadonlySet<OpaqueState["dialect"]> = new Set(["openai"]);
const EVERYTHING: MapJsonOptions = { names: true, numbers: true };

/**
 * A request with placeholders for what is to be hidden, in every field that goes to a provider (docs/plugins/redact.md lists
 * them). The order is that of a prompt's beginning, so that what a conversation adds changes no number given before it.
 */
export function redactRequest(request: ChatRequest, replacements: Replacements): ChatRequest {
  return new RequestRedaction(replacements).request(request);
}

class RequestRedaction {
  readonly #replacements: Replacements;
  readonly #hide: MapString;
  /** In schemas a name like `password` is followed by what describes one. */
  readonly #hidePlain: MapString;

  constructor(replacements: Replacements) {
    this.#replacements = replacements;
    this.#hide = (text, field) => replacements.hide(text, { field });
    this.#hidePlain = (text) => replacements.hide(text);
  }

  request(request: ChatRequest): ChatRequest {
    const { identity, cache, output } = request;
    const { user, metadata } = identity;
    return {
      ...request,
      identity: {
        ...identity,
        ...(user !== undefined && { user: this.#hide(user) }),
        ...(identity.session !== undefined && { session: this.#hide(identity.session) }),
        ...(metadata && { metadata: mapObject(metadata, this.#hide, EVERYTHING) }),
      },
      cache: { ...cache, ...(cache.key !== undefined && { key: this.#hide(cache.key) }) },
      tools: request.tools.map((tool) => this.#tool(tool)),
      system: this.#parts(request.system),
      ...(output && {
        output:
          output.kind === "json"
            ? output
            : { ...output, ...this.#described(output), schema: this.#schema(output.schema) },
      }),
      messages: request.messages.map((message) => this.#message(message)),
      sampling: {
        ...request.sampling,
        ...(request.sampling.stop && { stop: request.sampling.stop.map((text) => this.#hide(text)) }),
      },
      extra: mapObject(request.extra, this.#hide),
    };
  }

  #tool(tool: Tool): Tool {
    if (tool.kind === "hosted") return { ...tool, value: mapObject(tool.value, this.#hide) };
    const described = { ...tool, ...this.#described(tool) };
    if (described.kind === "custom")
      return { ...described, ...(described.format && { format: this.#schema(described.format) }) };
    const { parameters, extra } = described;
    return {
      ...described,
      ...(parameters && { parameters: this.#schema(parameters) }),
      ...(extra && { extra: mapObject(extra, this.#hide) }),
    };
  }

  #described({ description }: { description?: string }): { description?: string } {
    return description === undefined ? {} : { description: this.#hide(description) };
  }

  #schema(schema: JsonObject): JsonObject {
    return mapObject(schema, this.#hidePlain);
  }

  #message(message: Message): Message {
    const { name, extra } = message;
    return {
      ...message,
      // Names may hold no brackets.
      ...(name !== undefined && { name: this.#bare(name) }),
      ...(extra && { extra: mapObject(extra, this.#hide) }),
      parts: this.#parts(message.parts),
    };
  }

  #bare(name: string): string {
    const hidden = this.#hide(name);
    return hidden === name ? name : hidden.replace(/[[\]]/g, "");
  }

  #parts(parts: readonly Part[]): Part[] {
    return parts.map((part) => this.#part(part));
  }

  #part(part: Part): Part {
    switch (part.type) {
      case "text":
        return this.#text(part);
      case "refusal":
        return { ...part, text: this.#hide(part.text) };
      case "reasoning":
        return this.#reasoning(part);
      case "tool-call": {
        const call = part.kind === "custom" ? this.#hide(part.arguments) : mapJsonText(part.arguments, this.#hide);
        return { ...part, arguments: call };
      }
      case "tool-result":
        return { ...part, parts: this.#parts(part.parts) };
      case "image":
        return part.source.kind === "url" ? { ...part, source: this.#link(part.source) } : part;
      case "document":
        return this.#document(part);
      case "audio":
        return part;
      case "opaque":
        return { ...part, value: mapJson(part.value, this.#hide, EVERYTHING) };
    }
  }

  #text(part: TextPart): TextPart {
    const { text, shifts } = this.#replacements.hiding(part.text);
    const { citations, raw } = part;
    return {
      ...part,
      text,
      ...(raw && { raw: { ...raw, value: mapJson(raw.value, this.#hide, EVERYTHING) } }),
      ...(citations && {
        citations: citations.map((citation) => ({
          ...this.#citation(citation),
          ...(citation.start !== undefined && { start: shifts.place(citation.start, "start") }),
          ...(citation.end !== undefined && { end: shifts.place(citation.end, "end") }),
        })),
      }),
    };
  }

  #citation({ url, title, citedText, raw }: Citation): Citation {
    return {
      ...(url !== undefined && { url: this.#hide(url) }),
      ...(title !== undefined && { title: this.#hide(title) }),
      ...(citedText !== undefined && { citedText: this.#hide(citedText) }),
      ...(raw && { raw: { ...raw, value: mapJson(raw.value, this.#hide) } }),
    };
  }

  /**
   * What is signed has to go back as it came, with the placeholders the model itself wrote. Where a value stands in it, it came from
   * a target that may see values, which this one cannot check: without its state it is as any other text.
   */
  #reasoning(part: Extract<Part, { type: "reasoning" }>): Part {
    const hidden = () => this.#replacements.hide(part.text, { ownPlaceholders: true });
    const { state, ...unsigned } = part;
    if (state === undefined) return { ...part, text: hidden() };
    const isForeign =
      this.#replacements.isIn(state.value) ||
      (!TEXT_IS_A_COPY.has(state.dialect) && this.#replacements.isIn(part.text));
    if (isForeign) return { ...unsigned, text: hidden() };
    return TEXT_IS_A_COPY.has(state.dialect) ? { ...part, text: hidden() } : part;
  }

  #document(part: DocumentPart): Part {
    const { source, title, context } = part;
    return {
      ...part,
      source: this.#source(source),
      ...(title !== undefined && { title: this.#hide(title) }),
      ...(context !== undefined && { context: this.#hide(context) }),
    };
  }

  #source(source: DocumentPart["source"]): DocumentPart["source"] {
    if (source.kind === "url") return this.#link(source);
    if (source.kind === "text") return { ...source, text: this.#hide(source.text) };
    const text = source.kind === "base64" ? textInFile(source) : undefined;
    if (source.kind !== "base64" || text === undefined) return source;
    const hidden = this.#hide(text);
    return hidden === text ? source : { ...source, data: Buffer.from(hidden).toString("base64") };
  }

  #link<T extends { url: string }>(source: T): T {
    return { ...source, url: this.#hide(source.url) };
  }
}
