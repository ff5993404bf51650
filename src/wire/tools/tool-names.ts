import type { Part } from "../../core/part.ts";
import type { ChatRequest, ToolChoice } from "../../core/request.ts";
import { type IdRule, legalToolId, PLAIN_ID } from "./ids.ts";

/** What OpenAI takes as a tool name, and Anthropic too. */
export const PLAIN_TOOL_NAMES: IdRule = { pattern: PLAIN_ID, max: 64 };

export interface LegalNames {
  /** The request itself when every name was legal. */
  request: ChatRequest;
  /** Name sent → name the client knows: calls in the answer are named back by it. */
  renamed: ReadonlyMap<string, string>;
}

/**
 * Tool names in a form the target takes, throughout the request: in tools, choice, calls and results alike. Calls in the
 * history count too when their tool is no longer declared: a target refuses the name wherever it stands.
 */
export function legalToolNames(request: ChatRequest, rule: IdRule): LegalNames {
  const legal = new Map<string, string>();
  for (const name of namesIn(request)) {
    const sent = legalToolId(name, rule);
    if (sent !== name) legal.set(name, sent);
  }
  if (legal.size === 0) return { request, renamed: new Map() };
  const named = (name: string) => legal.get(name) ?? name;
  return {
    request: {
      ...request,
      tools: request.tools.map((tool) => (tool.kind === "hosted" ? tool : { ...tool, name: named(tool.name) })),
      messages: request.messages.map((message) => ({
        ...message,
        parts: message.parts.map((part) => namedPart(part, named)),
      })),
      ...(request.toolChoice && { toolChoice: namedChoice(request.toolChoice, named) }),
    },
    renamed: new Map([...legal].map(([known, sent]) => [sent, known])),
  };
}

function namesIn(request: ChatRequest): Set<string> {
  const names = new Set<string>();
  for (const tool of request.tools) if (tool.kind !== "hosted") names.add(tool.name);
  for (const message of request.messages) {
    for (const part of message.parts) {
      if (part.type === "tool-call") names.add(part.name);
      if (part.type === "tool-result" && part.name !== undefined) names.add(part.name);
    }
  }
  return names;
}

function namedPart(part: Part, named: (name: string) => string): Part {
  if (part.type === "tool-call") return { ...part, name: named(part.name) };
  if (part.type === "tool-result" && part.name !== undefined) return { ...part, name: named(part.name) };
  return part;
}

function namedChoice(choice: ToolChoice, named: (name: string) => string): ToolChoice {
  if (choice.mode === "tool") return { ...choice, name: named(choice.name) };
  return choice.mode === "allowed" ? { ...choice, names: choice.names.map(named) } : choice;
}
