import type { Json } from "../../../core/json.ts";
import type { HttpRequest } from "../../../core/stage-tools.ts";

/** What is searched for. */
export interface SearchQuery {
  text: string;
  maxResults: number;
  /** Only pages of these domains, their subdomains included; empty: of all. */
  includeDomains: readonly string[];
  excludeDomains: readonly string[];
  /** Characters of a result that are of use. */
  maxCharacters: number;
}

/** A page that a search found. */
export interface Found {
  url: string;
  title: string;
  /** What the backend quotes of it. Plain text. */
  text: string;
  /** As the backend says it. */
  publishedAt?: string;
}

/** A search API: how it is asked, and how its answer is read. */
export interface SearchBackend {
  /** Undefined: every owner has another. */
  readonly baseUrl: string | undefined;
  /** The variable its key is usually kept in; undefined: it needs none. */
  readonly keyVariable: string | undefined;
  /** `key`: goes into a header, never into the address, which errors name. */
  request(
    query: SearchQuery,
    to: { baseUrl: string; key: string | undefined },
  ): Pick<HttpRequest, "url" | "body" | "headers">;
  /** Undefined: it is no answer of this API. */
  read(answer: Json): Found[] | undefined;
  /** What the owner can do about this status, where the API has its own meaning for it. */
  advice?(status: number): string | undefined;
}

/** Search words that limit a query to domains, for APIs that have no field for it. */
export function withSites({ text, includeDomains, excludeDomains }: SearchQuery, most: number): string {
  const only = includeDomains.map((domain) => `site:${domain}`).join(" OR ");
  const not = excludeDomains.map((domain) => `-site:${domain}`);
  const words = [only === "" ? "" : `(${only})`, ...not].filter((word) => word !== "").join(" ");
  // A list of domains too long for the API is left to whoever looks at the results.
  return words === "" || text.length + words.length + 1 > most ? text : `${text} ${words}`;
}
