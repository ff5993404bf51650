import type { OpaqueState, Part } from "../core/part.ts";
import type { ChatRequest } from "../core/request.ts";
import type { Origin, StateTarget } from "./remembered.ts";

/** Whose signatures another model of the same provider refuses. */
const BOUND_TO_MODEL: ReadonlySet<OpaqueState["dialect"]> = new Set(["anthropic"]);

/** Whether the target, of the provider that made the state, can read it. */
export function takesState(state: OpaqueState | undefined, origin: Origin, target: StateTarget): boolean {
  if (state === undefined) return true;
  return state.dialect === target.dialect && (!BOUND_TO_MODEL.has(state.dialect) || origin.model === target.model);
}

/** True when the client's own request carries state of any provider. */
export function carriesState(request: ChatRequest): boolean {
  return request.messages.some(({ parts }) => parts.some((part) => stateOf(part) !== undefined));
}

/** Without the state that would be sent to a target of this dialect; the text of reasoning stays, for who reads that. */
export function withoutForeignState(parts: Part[], dialect: OpaqueState["dialect"]): Part[] {
  if (!parts.some((part) => stateOf(part)?.dialect === dialect)) return parts;
  return parts.flatMap((part): Part[] => {
    if ((part.type !== "reasoning" && part.type !== "tool-call") || part.state?.dialect !== dialect) return [part];
    const { state: _, ...rest } = part;
    if (rest.type === "reasoning") delete rest.id;
    return rest.type === "reasoning" && rest.text === "" ? [] : [rest];
  });
}

/** The request without any state, and without the reasoning that had it: the provider has refused it. */
export function withoutState(request: ChatRequest): ChatRequest {
  const messages = request.messages.map((message) => {
    if (!message.parts.some((part) => stateOf(part) !== undefined)) return message;
    const parts = message.parts.flatMap((part): Part[] => {
      if (stateOf(part) === undefined) return [part];
      if (part.type !== "tool-call") return [];
      const { state: _, ...call } = part;
      return [call];
    });
    return { ...message, parts };
  });
  return { ...request, messages: messages.filter(({ parts }) => parts.length > 0) };
}

function stateOf(part: Part): OpaqueState | undefined {
  return part.type === "reasoning" || part.type === "tool-call" ? part.state : undefined;
}
