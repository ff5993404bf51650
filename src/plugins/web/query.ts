import { textOf } from "../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import type { ModelTool, TargetFacts } from "../../core/stage-tools.ts";

/** Of a query: more words find less. */
const MAX_QUERY = 400;
/** Of the conversation, for whoever makes a query of it. */
const MAX_EXCERPT = 4_000;
const MAX_TURNS = 6;
const REWRITE_MS = 5_000;

const REWRITE =
  "You write queries for a web search engine. From the conversation, write the one query that finds what is needed to answer its " +
  "last message. Answer with the query alone: no quotes, no explanation, at most 15 words, in the language of the last message.";

/**
 * The search API, as changes for targets see it: whatever guards what leaves the house guards queries too. Wherever it runs: it
 * asks others in turn.
 */
export const SEARCH_TARGET: TargetFacts = {
  provider: "web search",
  dialect: "openai",
  model: "",
  nearby: false,
  capabilities: undefined,
  can: () => true,
};

/** What is searched for with a message: its words, the last of them where there are many. */
export function queryOf(text: string): string {
  const words = text.replaceAll(/\s+/g, " ").trim();
  if (words.length <= MAX_QUERY) return words;
  const end = words.slice(-MAX_QUERY);
  return end.slice(end.indexOf(" ") + 1).toWellFormed();
}

/** A query made by a model from the last turns. Rejects where it fails, or says nothing. */
export async function rewrittenQuery(
  request: ChatRequest,
  models: ModelTool,
  { model, provider }: { model: string; provider: string | undefined },
): Promise<string> {
  const { text } = await models.ask({
    ...(provider !== undefined && { provider }),
    model,
    system: REWRITE,
    prompt: excerptOf(request),
    maxOutputTokens: 512,
    timeoutMs: REWRITE_MS,
  });
  // Local models may think aloud.
  const said = text.replace(/^\s*<think>[\s\S]*?<\/think>/, "").trim();
  const query = queryOf((said.split("\n")[0] ?? "").replace(/^["'“]|["'”]$/g, ""));
  if (query === "") throw new Error(`${model} wrote no query`);
  return query;
}

/** The last turns, without what tools said. */
function excerptOf({ messages }: ChatRequest): string {
  const turns = messages.flatMap(({ role, parts }) => {
    const text = role === "user" || role === "assistant" ? textOf(parts, "\n").trim() : "";
    return text === "" ? [] : [`${role}: ${text.slice(0, MAX_EXCERPT / 2)}`];
  });
  return turns.slice(-MAX_TURNS).join("\n\n").slice(-MAX_EXCERPT).toWellFormed();
}

/**
 * A request in which a model thinks only this: what a query of its own becomes before it leaves the house. In what a model thought
 * placeholders are its own, and stay.
 */
export function requestThinking(text: string, { dialect, model }: ChatRequest): ChatRequest {
  return { ...emptyRequest(dialect, model), messages: [{ role: "assistant", parts: [{ type: "reasoning", text }] }] };
}

/** What it thinks. */
export function thoughtIn({ messages }: ChatRequest): string {
  const part = messages[0]?.parts[0];
  return part?.type === "reasoning" ? part.text : "";
}
