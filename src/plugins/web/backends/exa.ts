import { asArray, asObject, asString, objectsOf } from "../../../core/json.ts";
import type { SearchBackend } from "./backend.ts";

/**
 * https://exa.ai/docs/reference/search: `POST /search` with `x-api-key`, body `query`, `numResults` 1–100, `includeDomains`,
 * `excludeDomains`, `contents.text.maxCharacters` (without `contents` there is no text). Results: `url`, `title` (may be null),
 * `text`, `highlights`, `publishedDate`. Status 402: the credits are used up.
 */
export const exa: SearchBackend = {
  baseUrl: "https://api.exa.ai",
  keyVariable: "EXA_API_KEY",
  request({ text, maxResults, includeDomains, excludeDomains, maxCharacters }, { baseUrl, key }) {
    return {
      url: `${baseUrl}/search`,
      headers: { accept: "application/json", ...(key !== undefined && { "x-api-key": key }) },
      body: {
        query: text,
        type: "auto",
        numResults: maxResults,
        contents: { text: { maxCharacters } },
        ...(includeDomains.length > 0 && { includeDomains: [...includeDomains] }),
        ...(excludeDomains.length > 0 && { excludeDomains: [...excludeDomains] }),
      },
    };
  },
  read(answer) {
    const results = asObject(answer)?.["results"];
    if (!Array.isArray(results)) return undefined;
    return objectsOf(results).map((result) => {
      const publishedAt = asString(result["publishedDate"]);
      const highlights = (asArray(result["highlights"]) ?? []).filter((text) => typeof text === "string");
      return {
        url: asString(result["url"]) ?? "",
        title: asString(result["title"]) ?? "",
        text: asString(result["text"]) ?? highlights.join("\n"),
        ...(publishedAt !== undefined && { publishedAt }),
      };
    });
  },
  advice: (status) => (status === 402 ? "its credits are used up: add some at exa.ai" : undefined),
};
