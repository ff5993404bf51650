import type { BlockStart, FinishReason } from "../../../core/event.ts";
import { asArray, type JsonObject } from "../../../core/json.ts";
import type { OpaqueState, ToolCallPart } from "../../../core/part.ts";
import type { AnswerContext } from "../../format.ts";
import { CustomInput, customInput } from "../../tools/custom-input.ts";
import { extraContent } from "../thought-signature.ts";
import { writeFinish } from "./finish.ts";

type CallStart = Extract<BlockStart, { type: "tool-call" }>;

interface OpenCall {
  /** Place among the calls: Chat counts them alone. */
  place: number;
  kind: ToolCallPart["kind"];
  /** Set where the provider was given a function in place of the client's free-form tool. */
  wrapped: CustomInput | undefined;
  empty: boolean;
}

/**
 * The calls of an answer in the words of this client: free-form tools get their text back where the provider only knows
 * functions, and a client that declared `functions`, not `tools`, hears of one `function_call`.
 */
export class CallWriter {
  readonly #context: AnswerContext;
  readonly #custom: ReadonlySet<string>;
  readonly #legacy: boolean;
  #called = false;
  readonly #calls = new Map<number, OpenCall>();

  constructor(context: AnswerContext) {
    this.#context = context;
    const { tools } = context.request;
    this.#custom = new Set(tools.flatMap((tool) => (tool.kind === "custom" ? [tool.name] : [])));
    this.#legacy = saysFunctions(context.body);
  }

  /** The fields of a whole message. */
  whole(parts: readonly ToolCallPart[]): JsonObject {
    const [first, ...more] = parts;
    if (!first) return {};
    this.#called = true;
    if (!this.#legacy) return { tool_calls: parts.map((part) => this.#wholeCall(part)) };
    for (const part of more) this.#context.lost(`tool_calls(${part.name})`, "dropped");
    return { function_call: { name: first.name, arguments: first.arguments || "{}" } };
  }

  #wholeCall(part: ToolCallPart): JsonObject {
    const { id, name } = part;
    const extra = extraContent(part.state);
    if (part.kind === "custom") return { id, type: "custom", custom: { name, input: part.arguments }, ...extra };
    if (this.#custom.has(name)) {
      return { id, type: "custom", custom: { name, input: customInput(part.arguments) }, ...extra };
    }
    return { id, type: "function", function: { name, arguments: part.arguments || "{}" }, ...extra };
  }

  /** The delta that announces a call; undefined where there is nothing to say. */
  open(index: number, { id, name, kind }: CallStart): JsonObject | undefined {
    const place = this.#calls.size;
    this.#called = true;
    const wrapped = kind === "function" && this.#custom.has(name) ? new CustomInput() : undefined;
    const call: OpenCall = { place, kind: wrapped ? "custom" : kind, wrapped, empty: true };
    this.#calls.set(index, call);
    if (this.#legacy) {
      if (place === 0) return { function_call: { name, arguments: "" } };
      this.#context.lost(`tool_calls(${name})`, "dropped");
      return undefined;
    }
    const inner: JsonObject = call.kind === "custom" ? { name, input: "" } : { name, arguments: "" };
    return { tool_calls: [{ index: place, id, type: call.kind, [call.kind]: inner }] };
  }

  arguments(index: number, text: string): JsonObject | undefined {
    const call = this.#calls.get(index);
    return call && this.#more(call, call.wrapped ? call.wrapped.push(text) : text);
  }

  close(index: number, state: OpaqueState | undefined): JsonObject | undefined {
    const call = this.#calls.get(index);
    if (!call) return undefined;
    // A call without arguments: clients parse what they got, and "" is not JSON.
    const rest = call.wrapped?.end() ?? (call.empty && call.kind === "function" ? "{}" : "");
    const extra = this.#legacy ? {} : extraContent(state);
    return this.#more(call, rest, extra);
  }

  finish(reason: FinishReason): string {
    const finish = writeFinish(reason, this.#called);
    return this.#legacy && finish === "tool_calls" ? "function_call" : finish;
  }

  #more(call: OpenCall, text: string, extra: JsonObject = {}): JsonObject | undefined {
    if (text === "" && Object.keys(extra).length === 0) return undefined;
    call.empty = false;
    if (this.#legacy) return call.place === 0 ? { function_call: { arguments: text } } : undefined;
    // Some clients want the inner object in every delta.
    const inner: JsonObject = call.kind === "custom" ? { input: text } : { arguments: text };
    return { tool_calls: [{ index: call.place, [call.kind]: inner, ...extra }] };
  }
}

/** Old clients: those that know tools declare tools, or both. */
function saysFunctions(body: JsonObject): boolean {
  const declared = (field: string) => (asArray(body[field])?.length ?? 0) > 0;
  return declared("functions") && !declared("tools");
}
