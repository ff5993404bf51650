import { SseParser } from "../../../client/sse.ts";
import type { ClientFormat } from "./format.ts";
import { tryParse } from "./json.ts";

/** Cuts a stream, given in pieces of any size, into the JSON of its frames. What is no JSON (`[DONE]`) is left out. */
export class FrameReader {
  readonly #cut: (piece: string) => string[];

  constructor(framing: ClientFormat["framing"]) {
    this.#cut = framing === "sse" ? sseData() : lines();
  }

  feed(piece: string): unknown[] {
    return this.#cut(piece)
      .map(tryParse)
      .filter((frame) => frame !== undefined);
  }

  /** What came without the end of its line. */
  end(): unknown[] {
    return this.feed("\n\n");
  }
}

function sseData(): (piece: string) => string[] {
  const parser = new SseParser();
  return (piece) => parser.feed(piece).map(({ data }) => data);
}

function lines(): (piece: string) => string[] {
  let rest = "";
  return (piece) => {
    const cut = (rest + piece).split("\n");
    rest = cut.pop() ?? "";
    return cut;
  };
}
