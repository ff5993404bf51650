import type { Clock } from "../../../core/clock.ts";
import type { Json } from "../../../core/json.ts";
import { type Dialect, type OpaquePart, textOf, type WebSearch } from "../../../core/part.ts";
import type { ChatRequest } from "../../../core/request.ts";
import type { PluginExchange, RouterToolResult } from "../../plugin.ts";
import { queryOf, requestThinking, SEARCH_TARGET, thoughtIn } from "../query.ts";
import { answerText } from "../results/context.ts";
import { type ContextMemory, searchKey } from "../results/context-memory.ts";
import type { WebRun } from "../run.ts";
import { type SearchParts, search } from "../search.ts";
import type { WebSettings } from "../settings.ts";
import { earlierSearches, withEarlierSearches, writtenId } from "./earlier-searches.ts";
import { type HostedWish, queryIn, searchesItself, standIn, withStandIn } from "./hosted-tool.ts";

/** APIs that tell clients of the searches behind an answer. */
const SHOW_SEARCHES: ReadonlySet<Dialect> = new Set(["anthropic", "openai-responses", "gemini"]);

export interface ExecuteParts extends SearchParts {
  contexts: ContextMemory;
  clock: Clock;
}

/** Has the router run the client's web-search tool for targets that have none. */
export function execute(
  exchange: PluginExchange<WebSettings>,
  wish: HostedWish,
  run: WebRun,
  parts: ExecuteParts,
): void {
  const { request, requestFor, settings, id, client } = exchange;
  const { contexts, clock } = parts;
  const { conversation } = client;
  const tool = standIn(request);
  const told = new Map<string, string>();
  for (const earlier of earlierSearches(request)) {
    const known = contexts.get(searchKey(conversation, earlier));
    if (!known) continue;
    run.sources.restore(known.sources);
    told.set(earlier, known.text);
  }
  const guarded = (query: string) => thoughtIn(requestFor(SEARCH_TARGET, requestThinking(query, request)));
  exchange.adapt({
    when(target) {
      if (target === SEARCH_TARGET) return false;
      run.executes = !searchesItself(target, settings.native_providers);
      return run.executes;
    },
    change: (asked) => withStandIn(withEarlierSearches(asked, told, tool.name), tool),
    tools: [{ tool, run: (args) => answer(args) }],
  });

  async function answer(args: Json | undefined): Promise<RouterToolResult> {
    const query = queryOf(guarded(queryIn(args)));
    if (++run.made > wish.maxSearches)
      throw new Error(`${wish.maxSearches} searches were made, which is all there are: answer with what was found`);
    const number = run.made;
    const found = await searched(query);
    const sources = run.sources.number(found);
    const results = sources.map(({ url, title }) => ({ url, title }));
    const text = answerText(sources, request.output === undefined);
    if (!SHOW_SEARCHES.has(client.dialect)) return { text };
    const search = { id: `${id}-${number}`, queries: [query], results };
    contexts.set(searchKey(conversation, writtenId(search.id)), { text, sources, addedMs: clock.nowMs() });
    return { text, shown: searchPart(search) };
  }

  async function searched(query: string) {
    try {
      return await search(query, wish, parts);
    } catch (error) {
      parts.warn(`${messageOf(error)}; the model was told so`);
      throw error;
    }
  }
}

/** In the router's own words: each API's writer shows it as its own searches. */
function searchPart(search: WebSearch): OpaquePart {
  return { type: "opaque", dialect: "simulated", what: "web_search", value: null, search };
}

/** What its last user said. */
export function lastText({ messages }: ChatRequest): string {
  return textOf(messages.findLast(({ role }) => role === "user")?.parts ?? [], "\n");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
