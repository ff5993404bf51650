import type { Json, JsonObject } from "../../../core/json.ts";
import type { Citation, OpaquePart, WebSearch } from "../../../core/part.ts";
import type { AnswerContext } from "../../format.ts";
import { partKind } from "./part-kind.ts";
import { writeOpaque } from "./write-parts.ts";

/** A block's place in the text of the answer, in UTF-16; `bytes` is where it begins as Gemini counts. */
interface Block {
  from: number;
  to: number;
  bytes: number;
}

interface Support {
  citation: Citation;
  block: Block;
}

/**
 * Gathers what an answer says of its sources, for the candidate's `groundingMetadata`: citations become supports of segments of
 * the text, searches the queries asked. Segments count bytes of UTF-8 from the beginning of all the answer's text.
 */
export class Grounding {
  readonly #context: AnswerContext;
  #text = "";
  #bytes = 0;
  #block: Block = { from: 0, to: 0, bytes: 0 };
  readonly #supports: Support[] = [];
  readonly #queries: string[] = [];
  readonly #found: WebSearch["results"][number][] = [];
  /** Gemini's own metadata, whole: it says more than what was read of it. */
  #own: JsonObject = {};

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  /** A block of text begins. */
  block(): void {
    this.#block = { from: this.#text.length, to: this.#text.length, bytes: this.#bytes };
  }

  text(text: string): void {
    this.#text += text;
    this.#bytes += Buffer.byteLength(text);
    this.#block.to = this.#text.length;
  }

  cite(citation: Citation): void {
    if (citation.url === undefined) this.#context.lost("citations", "dropped");
    else this.#supports.push({ citation, block: this.#block });
  }

  /** A block no other API knows. Returns what is to be shown as a part of the content. */
  opaque(opaque: OpaquePart): JsonObject | undefined {
    if (opaque.dialect === "gemini") {
      const { part, beside } = writeOpaque(opaque);
      if (beside) this.#own = { ...this.#own, ...beside };
      if (part && partKind(part) !== undefined) return part;
      if (part) this.#context.lost(opaque.what, "dropped");
      return undefined;
    }
    if (!opaque.search) this.#context.lost(opaque.what, "dropped");
    for (const query of opaque.search?.queries ?? []) if (!this.#queries.includes(query)) this.#queries.push(query);
    this.#found.push(...(opaque.search?.results ?? []));
    return undefined;
  }

  /** What stands beside the content of the candidate. */
  write(): JsonObject {
    const chunks = new Map<string, { at: number; title: string }>();
    const place = (url: string, title: string): number => {
      const known = chunks.get(url);
      if (known) return known.at;
      chunks.set(url, { at: chunks.size, title });
      return chunks.size - 1;
    };
    const supports: Json[] = [];
    for (const support of this.#supports) {
      const { url = "", title = "" } = support.citation;
      supports.push({ segment: this.#segment(support), groundingChunkIndices: [place(url, title)] });
    }
    for (const { url, title } of this.#found) place(url, title);
    const metadata: JsonObject = {
      ...(this.#queries.length > 0 && { webSearchQueries: this.#queries }),
      ...(chunks.size > 0 && {
        groundingChunks: [...chunks].map(([uri, { title }]) => ({ web: { uri, title } })),
      }),
      ...(supports.length > 0 && { groundingSupports: supports }),
    };
    return { ...(Object.keys(metadata).length > 0 && { groundingMetadata: metadata }), ...this.#own };
  }

  #segment({ citation, block }: Support): JsonObject {
    const start = Math.min(block.from + (citation.start ?? 0), block.to);
    const end = citation.end === undefined ? block.to : Math.min(block.from + citation.end, block.to);
    const text = this.#text.slice(start, end);
    const startIndex = block.bytes + Buffer.byteLength(this.#text.slice(block.from, start));
    return { startIndex, endIndex: startIndex + Buffer.byteLength(text), text };
  }
}
