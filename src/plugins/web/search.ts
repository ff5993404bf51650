import type { HttpTool } from "../../core/stage-tools.ts";
import type { PluginExchange } from "../plugin.ts";
import type { Found } from "./backends/backend.ts";
import { withPages } from "./pages/pages.ts";
import { isIn, SearchError, type Searcher } from "./searcher.ts";
import type { WebSettings } from "./settings.ts";

/** What a search needs of the hook that makes it, or that prepares it. */
export interface SearchParts {
  searcher: Searcher;
  settings: Readonly<WebSettings>;
  http: HttpTool;
  warn: PluginExchange["warn"];
}

/** What a client wants besides the owner's settings. */
export interface SearchLimits {
  includeDomains: readonly string[];
  excludeDomains: readonly string[];
  /** Of the characters of each result. */
  share: number;
  /** False: no page is fetched. */
  live: boolean;
}

export const NO_LIMITS: SearchLimits = { includeDomains: [], excludeDomains: [], share: 1, live: true };

/** Searches, and reads the pages that are to be read. Rejects with a `SearchError`. */
export async function search(text: string, limits: SearchLimits, parts: SearchParts): Promise<Found[]> {
  const { searcher, settings, http, warn } = parts;
  const maxCharacters = Math.round(settings.max_characters * limits.share);
  const query = {
    text,
    maxResults: settings.max_results,
    includeDomains: narrowed(settings.include_domains, limits.includeDomains),
    excludeDomains: [...settings.exclude_domains, ...limits.excludeDomains],
    maxCharacters,
  };
  const found = await searcher.search(query, http, settings.timeout_ms);
  const count = limits.live ? settings.fetch_pages : 0;
  if (count === 0) return found;
  const { found: read, unread } = await withPages(found, { http, count, maxCharacters });
  if (unread.length > 0) warn(`web: ${unread.length} of ${count} pages could not be read: ${unread.join("; ")}`);
  return read;
}

/** Domains that both the owner and the client want; empty lists want all. */
function narrowed(owner: readonly string[], client: readonly string[]): readonly string[] {
  if (owner.length === 0 || client.length === 0) return owner.length === 0 ? client : owner;
  const both = [
    ...client.filter((one) => owner.some((other) => isIn(one, other))),
    ...owner.filter((one) => client.some((other) => one !== other && isIn(one, other))),
  ];
  if (both.length === 0)
    throw new SearchError("web search: none of the domains asked for is among those the owner allows");
  return both;
}
