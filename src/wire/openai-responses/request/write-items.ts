import { isAttribution } from "../../../core/attribution.ts";
import { isObject, type Json, type JsonObject } from "../../../core/json.ts";
import type { Losses } from "../../../core/loss.ts";
import {
  type Dialect,
  type Part,
  type ReasoningPart,
  type TextPart,
  type ToolCallPart,
  type ToolResultPart,
  textOf,
} from "../../../core/part.ts";
import type { ChatRequest, Message } from "../../../core/request.ts";
import { dropMessageExtra } from "../../loss/unknown-fields.ts";
import type { ModelRules } from "../../openai/model-rules.ts";
import { wrappedInput } from "../../tools/custom-input.ts";
import { legalToolId } from "../../tools/ids.ts";
import { pairTools } from "../../tools/pair-tools.ts";
import { isForeignSearch } from "../answer/web-search.ts";
import { annotationOf } from "../citations.ts";
import { isContentPart, type Place, writeInputContent } from "./write-content.ts";

const OWN: Dialect = "openai-responses";

/** Longest `call_id` the API takes; its characters are free. */
const CALL_ID = { pattern: /^[\s\S]+$/, max: 64 };

export interface WrittenInput {
  instructions: string | undefined;
  items: JsonObject[];
  /** Reasoning of this API's own is in the history, so the next of it will be wanted as well. */
  hasReasoning: boolean;
}

export function writeInput(request: ChatRequest, rules: ModelRules, losses: Losses): WrittenInput {
  const system = request.system.filter((part) => !isAttribution(part));
  const writer = new InputWriter(request, rules, losses);
  // `instructions` is a plain string: parts with cache marks need an item.
  const plain = system.every((part) => part.type === "text" && part.cache === undefined);
  if (!plain) writer.message("developer", system, "system");
  // The calls behind results of this API's own clients may be stored at the provider.
  const paired = request.dialect === OWN ? request.messages : pairTools(request.messages, losses);
  paired.forEach((message, index) => {
    writer.write(message, `messages[${index}]`);
  });
  const instructions = plain ? textOf(system, "\n\n") : "";
  return {
    instructions: instructions === "" ? undefined : instructions,
    items: writer.items,
    hasReasoning: writer.hasReasoning,
  };
}

class InputWriter {
  readonly items: JsonObject[] = [];
  hasReasoning = false;
  readonly #client: Dialect;
  readonly #customTools: boolean;
  readonly #cacheMarks: boolean;
  readonly #losses: Losses;
  /** Calls of custom tools: their results have an item type of their own. */
  readonly #custom = new Set<string>();

  constructor(request: ChatRequest, rules: ModelRules, losses: Losses) {
    this.#client = request.dialect;
    this.#customTools = rules.customTools;
    this.#cacheMarks = request.dialect === OWN || !rules.known || rules.cacheMarks;
    this.#losses = losses;
  }

  write(message: Message, path: string): void {
    if (this.#client !== OWN) dropMessageExtra(message, path, this.#client, this.#losses);
    if (message.name !== undefined) this.#losses.drop("participant_name", `${path}.name`);
    switch (message.role) {
      case "system":
        return this.message("developer", message.parts, `${path}.content`);
      case "user":
        return this.#user(message.parts, `${path}.content`);
      case "assistant":
        return this.#assistant(message.parts, `${path}.content`, this.#client === OWN ? message.extra : undefined);
      case "tool":
        for (const part of message.parts) if (part.type === "tool-result") this.#result(part, `${path}.content`);
        return;
    }
  }

  #place(path: string): Place {
    return { path, losses: this.#losses, cacheMarks: this.#cacheMarks };
  }

  message(role: string, parts: readonly Part[], path: string): void {
    const content = writeInputContent(parts, this.#place(path));
    if (content.length > 0) this.items.push({ type: "message", role, content });
  }

  /** Items the vocabulary has no word for stand between the messages, not in them. */
  #user(parts: readonly Part[], path: string): void {
    let content: Part[] = [];
    for (const part of parts) {
      const item = part.type === "tool-result" ? undefined : ownItem(part);
      if (item === undefined && part.type !== "tool-result") {
        content.push(part);
        continue;
      }
      this.message("user", content, path);
      content = [];
      if (part.type === "tool-result") this.#result(part, path);
      else if (item !== undefined) this.items.push(item);
    }
    this.message("user", content, path);
  }

  #assistant(parts: readonly Part[], path: string, extra: JsonObject | undefined): void {
    let said: JsonObject[] = [];
    const close = (): void => {
      if (said.length > 0) this.items.push({ type: "message", role: "assistant", content: said, ...extra });
      said = [];
    };
    parts.forEach((part, index) => {
      const here = `${path}[${index}]`;
      if (part.type === "text") said.push(outputText(part));
      else if (part.type === "refusal") said.push({ type: "refusal", refusal: part.text });
      else {
        close();
        this.#assistantItem(part, here);
      }
    });
    close();
  }

  #assistantItem(part: Part, path: string): void {
    if (part.type === "tool-call") return this.#call(part, path);
    if (part.type === "reasoning") return this.#reasoning(part, path);
    const item = ownItem(part);
    if (item !== undefined) this.items.push(item);
    else this.#losses.drop("opaque_parts", part.type === "opaque" ? `${path}(${part.what})` : path);
  }

  #call(part: ToolCallPart, path: string): void {
    const { name } = part;
    const id = legalToolId(part.id, CALL_ID);
    if (part.state) this.#losses.drop("reasoning_state", path);
    if (part.cache) this.#losses.list.push(lostMark(path));
    if (part.kind === "custom" && this.#customTools) {
      this.#custom.add(id);
      this.items.push({ type: "custom_tool_call", call_id: id, name, input: part.arguments });
      return;
    }
    const args = part.kind === "custom" ? wrappedInput(part.arguments) : part.arguments || "{}";
    this.items.push({ type: "function_call", call_id: id, name, arguments: args });
  }

  /** Only what this API encrypted itself can go back to it; a client of its own may also name items it stored. */
  #reasoning(part: ReasoningPart, path: string): void {
    const own = part.state?.dialect === OWN && part.state.kind === "encrypted" ? part.state.value : undefined;
    if (own === undefined && !(this.#client === OWN && part.id !== undefined)) {
      this.#losses.drop(part.state === undefined ? "reasoning_text" : "reasoning_state", path);
      return;
    }
    this.hasReasoning = true;
    const summary = part.summary && part.text !== "" ? [{ type: "summary_text", text: part.text }] : [];
    const raw = !part.summary && part.text !== "" ? [{ type: "reasoning_text", text: part.text }] : undefined;
    this.items.push({
      type: "reasoning",
      // Without `store` an id names nothing; only a client of this API knows whether it stored.
      ...(this.#client === OWN && part.id !== undefined && { id: part.id }),
      summary,
      ...(raw && { content: raw }),
      ...(own !== undefined && { encrypted_content: own }),
    });
  }

  #result(part: ToolResultPart, path: string): void {
    const id = legalToolId(part.callId, CALL_ID);
    const custom = this.#custom.has(id);
    const parts = part.isError ? markedAsError(part.parts) : part.parts;
    const plain = parts.every((inner) => inner.type === "text" && inner.cache === undefined);
    const output: Json = plain ? textOf(parts, "\n") : writeInputContent(parts, this.#place(`${path}(${part.callId})`));
    this.items.push({
      type: custom ? "custom_tool_call_output" : "function_call_output",
      call_id: id,
      output,
      ...(part.isError && !custom && { status: "incomplete" }),
    });
    if (part.cache !== undefined && plain) this.#losses.list.push(lostMark(path));
  }
}

/** A cache hint that finds no place costs tokens, never words. */
function lostMark(path: string): Losses["list"][number] {
  return { field: `${path}.cache_control`, treatment: "dropped", class: "silent" };
}

function markedAsError(parts: readonly Part[]): Part[] {
  const [first, ...rest] = parts;
  if (first?.type === "text" && /^error\b/i.test(first.text)) return [...parts];
  if (first?.type === "text") return [{ ...first, text: `Error: ${first.text}` }, ...rest];
  return [{ type: "text", text: "Error: the tool failed" }, ...parts];
}

function outputText(part: TextPart): JsonObject {
  const annotations: JsonObject[] = [];
  for (const citation of part.citations ?? []) {
    const annotation = annotationOf(citation, part.text.length);
    if (annotation !== undefined) annotations.push(annotation);
  }
  return { type: "output_text", text: part.text, annotations };
}

function ownItem(part: Part): JsonObject | undefined {
  if (part.type !== "opaque" || part.dialect !== OWN || !isObject(part.value)) return undefined;
  return isContentPart(part.what) || isForeignSearch(part.value) ? undefined : part.value;
}
