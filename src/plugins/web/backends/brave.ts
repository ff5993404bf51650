import { asArray, asObject, asString, objectsOf } from "../../../core/json.ts";
import { type SearchBackend, type SearchQuery, withSites } from "./backend.ts";

/** Of a query: https://api-dashboard.search.brave.com/api-reference/web/search/get (`q`). */
const MAX_CHARACTERS = 400;
const MAX_WORDS = 50;

/**
 * https://api-dashboard.search.brave.com/api-reference/web/search/get: `GET /res/v1/web/search`, the key in
 * `X-Subscription-Token`, `count` 1–20, `text_decorations=false` for snippets without `<strong>`, `extra_snippets` where the plan
 * has them. Results in `web.results[]`: `url`, `title`, `description`, `extra_snippets`, `page_age` (ISO), `age` (words). A query
 * without web results has no `web`.
 */
export const brave: SearchBackend = {
  baseUrl: "https://api.search.brave.com/res/v1",
  keyVariable: "BRAVE_API_KEY",
  request(query, { baseUrl, key }) {
    const words = new URLSearchParams({
      q: queryOf(query),
      count: String(Math.min(query.maxResults, 20)),
      text_decorations: "false",
      extra_snippets: "true",
    });
    return {
      url: `${baseUrl}/web/search?${words}`,
      headers: { accept: "application/json", ...(key !== undefined && { "x-subscription-token": key }) },
    };
  },
  read(answer) {
    const body = asObject(answer);
    const isAnswer = body?.["web"] !== undefined || body?.["query"] !== undefined || body?.["type"] === "search";
    if (!isAnswer) return undefined;
    return objectsOf(asObject(body?.["web"])?.["results"]).map((result) => {
      const publishedAt = asString(result["page_age"]) ?? asString(result["age"]);
      const more = (asArray(result["extra_snippets"]) ?? []).filter((snippet) => typeof snippet === "string");
      return {
        url: asString(result["url"]) ?? "",
        title: asString(result["title"]) ?? "",
        text: [asString(result["description"]) ?? "", ...more].filter((text) => text !== "").join("\n"),
        ...(publishedAt !== undefined && { publishedAt }),
      };
    });
  },
};

/** Longer ones are refused with 422. */
function queryOf(query: SearchQuery): string {
  const text = query.text.split(/\s+/).slice(0, MAX_WORDS).join(" ").slice(0, MAX_CHARACTERS).trim();
  const whole = withSites({ ...query, text }, MAX_CHARACTERS);
  return whole.split(" ").length <= MAX_WORDS ? whole : text;
}
