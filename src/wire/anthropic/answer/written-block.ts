import type { BlockStart } from "../../../core/event.ts";
import { isObject, type JsonObject } from "../../../core/json.ts";
import type { Citation, OpaqueState } from "../../../core/part.ts";
import type { Lost } from "../../loss/lost.ts";
import { writeCitation } from "../citations.ts";

/** The one open block of a written stream. Each method gives the frames it calls for, without type and index. */
export interface WrittenBlock {
  /** True once its content_block_start was given out. */
  readonly started: boolean;
  open(): JsonObject[];
  /** Once it has started, a delta is this, the text as a JSON string, and `}`. Empty: it is more than that. */
  readonly textOpening: string;
  text(text: string): JsonObject[];
  citation(citation: Citation, lost: Lost): JsonObject[];
  close(state: OpaqueState | undefined): JsonObject[];
}

export function openWriter(block: BlockStart): WrittenBlock {
  switch (block.type) {
    case "text":
    case "refusal":
      return new WrittenText();
    case "reasoning":
      return new WrittenThinking();
    case "tool-call":
      return block.kind === "custom" ? new WrittenCustomCall(block) : new WrittenCall(block);
  }
}

function delta(type: string, fields: JsonObject): JsonObject {
  return { delta: { type, ...fields } };
}

/** Starts with its first text: clients send back what they got, and an empty text block is a 400. */
class WrittenText implements WrittenBlock {
  readonly textOpening = '{"type":"text_delta","text":';
  started = false;

  open(): JsonObject[] {
    return [];
  }

  text(text: string): JsonObject[] {
    return text === "" ? [] : this.#after(delta("text_delta", { text }));
  }

  citation(citation: Citation, lost: Lost): JsonObject[] {
    const value = this.started ? writeCitation(citation, lost) : undefined;
    return value === undefined ? [] : [delta("citations_delta", { citation: value })];
  }

  close(): JsonObject[] {
    return [];
  }

  #after(frame: JsonObject): JsonObject[] {
    if (this.started) return [frame];
    this.started = true;
    return [{ content_block: { type: "text", text: "" } }, frame];
  }
}

/** Starts with its first text or its end: only there it is known whether it is thinking or redacted_thinking. */
class WrittenThinking implements WrittenBlock {
  readonly textOpening = '{"type":"thinking_delta","thinking":';
  started = false;

  open(): JsonObject[] {
    return [];
  }

  text(thinking: string): JsonObject[] {
    return thinking === "" ? [] : [...this.#start(), delta("thinking_delta", { thinking })];
  }

  citation(): JsonObject[] {
    return [];
  }

  close(state: OpaqueState | undefined): JsonObject[] {
    const own = state?.dialect === "anthropic" ? state : undefined;
    if (own?.kind === "redacted" && !this.started) {
      this.started = true;
      return [{ content_block: { type: "redacted_thinking", data: own.value } }];
    }
    if (!own && !this.started) return [];
    // Reasoning of another provider has no signature; the empty one keeps the order clients know.
    const signature = own?.kind === "signature" ? own.value : "";
    return [...this.#start(), delta("signature_delta", { signature })];
  }

  #start(): JsonObject[] {
    if (this.started) return [];
    this.started = true;
    return [{ content_block: { type: "thinking", thinking: "", signature: "" } }];
  }
}

type CallStart = Extract<BlockStart, { type: "tool-call" }>;

class WrittenCall implements WrittenBlock {
  readonly textOpening: string = '{"type":"input_json_delta","partial_json":';
  readonly started = true;
  readonly #call: CallStart;

  constructor(call: CallStart) {
    this.#call = call;
  }

  open(): JsonObject[] {
    const { id, name } = this.#call;
    return [{ content_block: { type: "tool_use", id, name, input: {} } }];
  }

  text(text: string): JsonObject[] {
    return text === "" ? [] : [delta("input_json_delta", { partial_json: text })];
  }

  citation(): JsonObject[] {
    return [];
  }

  close(): JsonObject[] {
    return [];
  }
}

/** The free text of a custom tool, as the one string of an object. */
class WrittenCustomCall extends WrittenCall {
  override readonly textOpening: string = "";

  override open(): JsonObject[] {
    return [...super.open(), ...super.text('{"input":"')];
  }

  override text(text: string): JsonObject[] {
    // A surrogate pair cut between two deltas becomes two escapes that belong together again.
    return super.text(JSON.stringify(text).slice(1, -1));
  }

  override close(): JsonObject[] {
    return super.text('"}');
  }
}

/** The frames of a block that comes whole. */
export function wholeBlock(value: JsonObject): JsonObject[] {
  // Tool inputs come as deltas, even when whole: clients start from the `{}` of the block's start.
  if (!isObject(value["input"]) || Object.keys(value["input"]).length === 0) return [{ content_block: value }];
  const partialJson = JSON.stringify(value["input"]);
  return [{ content_block: { ...value, input: {} } }, delta("input_json_delta", { partial_json: partialJson })];
}
