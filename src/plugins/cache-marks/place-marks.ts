import { estimateTokens } from "../../core/estimate/estimate.ts";
import { isObject, type Json } from "../../core/json.ts";
import type { CacheMark, Part } from "../../core/part.ts";
import type { ChatRequest, FunctionTool, Tool } from "../../core/request.ts";

/** True when the client marks its prompt itself, wherever: then it knows better. */
export function hasMarks({ system, messages, tools, cache }: ChatRequest): boolean {
  if (cache.automatic) return true;
  if (
    tools.some((tool) => (tool.kind === "function" && tool.cache) || (tool.kind === "hosted" && isMarked(tool.value)))
  )
    return true;
  return system.some(isMarkedPart) || messages.some(({ parts }) => parts.some(isMarkedPart));
}

function isMarkedPart(part: Part): boolean {
  if ("cache" in part && part.cache) return true;
  if (part.type === "opaque") return isMarked(part.value);
  if (part.type === "text" && part.raw) return isMarked(part.raw.value);
  return part.type === "tool-result" && part.parts.some(isMarkedPart);
}

function isMarked(value: Json): boolean {
  return isObject(value) && isObject(value["cache_control"]);
}

/**
 * The request with up to four marks: behind the tools, behind the system prompt, behind the last user turn and the one before. The
 * last one is what the next turn reads, where it is the one before; in between nothing but marks may change. `request` is a copy.
 */
export function withMarks(request: ChatRequest, minTokens: number, mark: CacheMark): ChatRequest {
  const { system, messages, tools } = request;
  // Each place stands behind those before it: once one is far enough in, so are all that follow.
  let isFarEnough = false;
  const place = (owner: { cache?: CacheMark } | undefined, before: Partial<ChatRequest>): void => {
    if (!owner) return;
    isFarEnough ||=
      estimateTokens({ ...request, system: [], messages: [], tools: [], ...before }, "anthropic") >= minTokens;
    if (isFarEnough) owner.cache = { ...mark };
  };
  place(lastTool(request), { tools });
  place(system.findLast(canBeMarked), { tools, system });
  for (const end of turnEnds(request).slice(-2)) {
    place(end.part, { tools, system, messages: messages.slice(0, end.message + 1) });
  }
  return request;
}

/** Of those that are sent. The API takes no mark on a tool that is only loaded when it is looked for. */
function lastTool({ tools, toolChoice }: ChatRequest): FunctionTool | undefined {
  const names = toolChoice?.mode === "allowed" ? toolChoice.names : undefined;
  const canBeLast = (tool: Tool): tool is FunctionTool =>
    tool.kind === "function" && tool.extra?.["defer_loading"] !== true && (names?.includes(tool.name) ?? true);
  return tools.findLast(canBeLast);
}

/** What ends the turns of the user, results of tools included, in their order. */
function turnEnds({ messages }: ChatRequest): { message: number; part: Markable }[] {
  const ends: { message: number; part: Markable }[] = [];
  let isNewTurn = true;
  for (const [message, { role, parts }] of messages.entries()) {
    if (role === "assistant") isNewTurn = true;
    const part = role === "user" || role === "tool" ? parts.findLast(canBeMarked) : undefined;
    if (!part) continue;
    if (!isNewTurn) ends.pop();
    ends.push({ message, part });
    isNewTurn = false;
  }
  return ends;
}

type Markable = Extract<Part, { type: "text" | "image" | "document" | "tool-result" }>;

/** The API takes no mark on a text that is empty, and thinking none at all. */
function canBeMarked(part: Part): part is Markable {
  if (part.type === "text") return part.text.trim() !== "" && part.raw === undefined;
  return part.type === "image" || part.type === "document" || part.type === "tool-result";
}
