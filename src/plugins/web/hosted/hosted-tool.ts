import { asNumber, asObject, asString, type Json } from "../../../core/json.ts";
import type { ChatRequest, FunctionTool, HostedTool, ToolChoice } from "../../../core/request.ts";
import type { TargetFacts } from "../../../core/stage-tools.ts";
import { rulesOf } from "../../../wire/openai/model-rules.ts";
import { readWebSearch } from "../../../wire/web-search.ts";
import type { WebSettings } from "../settings.ts";

/** What a client wants of the web search its provider would run. */
export interface HostedWish {
  tool: HostedTool;
  includeDomains: readonly string[];
  excludeDomains: readonly string[];
  /** Of OpenAI's `search_context_size`. */
  share: number;
  maxSearches: number;
  /** False: only what an index holds, no page itself (Codex sends it). */
  live: boolean;
}

export function hostedSearch(request: ChatRequest, { max_searches }: WebSettings): HostedWish | undefined {
  const tool = request.tools.find((one) => one.kind === "hosted" && one.twin === "web_search");
  if (tool?.kind !== "hosted") return undefined;
  const { allowedDomains = [], blockedDomains = [], contextSize } = readWebSearch(tool);
  const maxUses = asNumber(tool.value["max_uses"]) ?? max_searches;
  return {
    tool,
    includeDomains: allowedDomains,
    excludeDomains: blockedDomains,
    share: contextSize === "low" ? 0.5 : contextSize === "high" ? 2 : 1,
    maxSearches: Math.min(max_searches, Math.max(1, maxUses)),
    live: tool.value["external_web_access"] !== false,
  };
}

/** Whether this target is sent a tool of its own to search with, or cannot search. */
export function searchesItself(target: TargetFacts, natives: readonly string[]): boolean {
  if (natives.includes(target.provider) || target.can("hosted_web_search")) return true;
  // The one API where it depends on the model.
  return target.dialect === "openai" && rulesOf(target.model).search;
}

/** The tool that stands in for the hosted one. Its name is the client's word for it, unless a tool of its own has that. */
export function standIn(request: ChatRequest): FunctionTool {
  const names = new Set(request.tools.map((tool) => (tool.kind === "hosted" ? undefined : tool.name)));
  return {
    kind: "function",
    name: names.has("web_search") ? "router_web_search" : "web_search",
    description:
      "Searches the web and gives quotes of the pages found. For what may have changed, or is not known for sure. One topic a query.",
    parameters: {
      type: "object",
      properties: { query: { type: "string", description: "Words to search for." } },
      required: ["query"],
      additionalProperties: false,
    },
  };
}

/** The request with the stand-in for every hosted web search, and whatever names those naming it. */
export function withStandIn(request: ChatRequest, tool: FunctionTool): ChatRequest {
  const isSearch = (one: ChatRequest["tools"][number]) => one.kind === "hosted" && one.twin === "web_search";
  const replaced = new Set(request.tools.flatMap((one) => (isSearch(one) ? namesOf(one) : [])));
  const at = request.tools.findIndex(isSearch);
  const tools = request.tools.flatMap((one, index) => (isSearch(one) ? (index === at ? [tool] : []) : [one]));
  const { toolChoice } = request;
  return { ...request, tools, ...(toolChoice && { toolChoice: choiceOf(toolChoice, replaced, tool.name) }) };
}

function namesOf(tool: ChatRequest["tools"][number]): string[] {
  if (tool.kind !== "hosted") return [];
  return [tool.type, asString(tool.value["name"]) ?? tool.type];
}

function choiceOf(choice: ToolChoice, replaced: ReadonlySet<string>, name: string): ToolChoice {
  if (choice.mode === "tool") return replaced.has(choice.name) ? { mode: "tool", name } : choice;
  if (choice.mode !== "allowed") return choice;
  const names = choice.names.map((one) => (replaced.has(one) ? name : one));
  return { ...choice, names: [...new Set(names)] };
}

/** What the model wants to search for. Throws what it is told. */
export function queryIn(args: Json | undefined): string {
  const query = (asString(args) ?? asString(asObject(args)?.["query"]) ?? "").trim();
  if (query === "") throw new Error('the arguments have to be {"query": "words to search for"}');
  return query;
}
