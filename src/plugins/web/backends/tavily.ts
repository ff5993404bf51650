import { asObject, asString, objectsOf } from "../../../core/json.ts";
import type { SearchBackend } from "./backend.ts";

/**
 * https://docs.tavily.com/documentation/api-reference/endpoint/search: `POST /search` with `Authorization: Bearer`, body `query`,
 * `max_results` 0–20, `search_depth`, `include_domains`, `exclude_domains`; results `url`, `title`, `content`, `score`, and
 * `published_date` for news. Statuses of its own: 432 the plan's limit, 433 the limit of pay-as-you-go.
 */
export const tavily: SearchBackend = {
  baseUrl: "https://api.tavily.com",
  keyVariable: "TAVILY_API_KEY",
  request({ text, maxResults, includeDomains, excludeDomains }, { baseUrl, key }) {
    return {
      url: `${baseUrl}/search`,
      headers: { accept: "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
      body: {
        // Longer ones are refused with 400.
        query: text.slice(0, 400),
        max_results: Math.min(maxResults, 20),
        search_depth: "basic",
        ...(includeDomains.length > 0 && { include_domains: [...includeDomains] }),
        ...(excludeDomains.length > 0 && { exclude_domains: [...excludeDomains] }),
      },
    };
  },
  read(answer) {
    const results = asObject(answer)?.["results"];
    if (!Array.isArray(results)) return undefined;
    return objectsOf(results).map((result) => {
      const publishedAt = asString(result["published_date"]);
      return {
        url: asString(result["url"]) ?? "",
        title: asString(result["title"]) ?? "",
        text: asString(result["content"]) ?? "",
        ...(publishedAt !== undefined && { publishedAt }),
      };
    });
  },
  advice: (status) =>
    status === 432 || status === 433 ? "the limit of its plan is reached: raise it at tavily.com" : undefined,
};
