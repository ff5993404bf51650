import { asArray, asObject, asString, type JsonObject, ownOf } from "../core/json.ts";
import type { HostedTool } from "../core/request.ts";

/** What a client wants of a web search that a provider runs, in no API's words. */
export interface WebSearchWish {
  allowedDomains?: string[];
  blockedDomains?: string[];
  /** `city`, `region`, `country`, `timezone`. */
  location?: JsonObject;
  /** OpenAI's `low | medium | high`. */
  contextSize?: string;
  /** What only its own API has a word for: field of the tool. */
  rest: string[];
}

const KNOWN = new Set(
  (
    "type name filters allowed_domains blocked_domains excludeDomains user_location search_context_size cache_control " +
    "external_web_access search_content_types defer_loading allowed_callers"
  ).split(" "),
);

/** Reads a tool whose twin is `web_search`, whichever API it was written for. */
export function readWebSearch(tool: HostedTool): WebSearchWish {
  // Gemini's tools are objects with the one key they are called by.
  const value = (tool.dialect === "gemini" ? asObject(ownOf(tool.value, tool.type)) : undefined) ?? tool.value;
  const filters = asObject(value["filters"]) ?? value;
  const allowedDomains = domains(filters["allowed_domains"]);
  const blockedDomains = domains(filters["blocked_domains"]) ?? domains(value["excludeDomains"]);
  const where = asObject(value["user_location"]);
  const { type: _type, ...location } = asObject(where?.["approximate"]) ?? where ?? {};
  const contextSize = asString(value["search_context_size"]);
  return {
    ...(allowedDomains && { allowedDomains }),
    ...(blockedDomains && { blockedDomains }),
    ...(Object.keys(location).length > 0 && { location }),
    ...(contextSize !== undefined && { contextSize }),
    rest: Object.keys(value).filter((field) => !KNOWN.has(field) && value[field] !== null),
  };
}

function domains(value: JsonObject[string]): string[] | undefined {
  const list = asArray(value)?.filter((entry) => typeof entry === "string");
  return list && list.length > 0 ? list : undefined;
}
