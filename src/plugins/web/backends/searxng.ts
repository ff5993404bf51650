import { asObject, asString, objectsOf } from "../../../core/json.ts";
import { type SearchBackend, withSites } from "./backend.ts";

/**
 * https://docs.searxng.org/dev/search_api: `GET /search?q=…&format=json`; an instance whose settings.yml does not list `json`
 * under `search.formats` answers 403. It has no field for the number of results, nor keys of its own: one behind a proxy may want
 * a bearer token. Results: `url`, `title`, `content`, `publishedDate` (null where unknown).
 */
export const searxng: SearchBackend = {
  baseUrl: undefined,
  keyVariable: undefined,
  request(query, { baseUrl, key }) {
    const words = new URLSearchParams({ q: withSites(query, 1_000), format: "json" });
    return {
      url: `${baseUrl}/search?${words}`,
      headers: { accept: "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    };
  },
  read(answer) {
    const results = asObject(answer)?.["results"];
    if (!Array.isArray(results)) return undefined;
    return objectsOf(results).map((result) => {
      const publishedAt = asString(result["publishedDate"]);
      return {
        url: asString(result["url"]) ?? "",
        title: asString(result["title"]) ?? "",
        text: asString(result["content"]) ?? "",
        ...(publishedAt !== undefined && { publishedAt }),
      };
    });
  },
  advice: (status) =>
    status === 403 ? 'its settings.yml does not allow JSON: add "json" to search.formats' : undefined,
};
