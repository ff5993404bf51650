import { asArray, asObject, asString, type JsonObject, objectsOf } from "../../core/json.ts";
import type { Losses } from "../../core/loss.ts";
import type { OpaquePart, WebSearch } from "../../core/part.ts";
import type { HostedTool, HostedTwin } from "../../core/request.ts";
import { sha256 } from "../tools/ids.ts";

/**
 * What is written for another API's tool of the kind: of the versions that are no beta any more (`resources/messages/messages.d.ts`
 * of @anthropic-ai/sdk 1.12) the oldest, which every model takes; the newer ones want code execution beside them.
 */
const TWINS: Readonly<Record<HostedTwin, string>> = {
  web_search: "web_search_20250305",
  web_fetch: "web_fetch_20250910",
  code_execution: "code_execution_20250825",
};

/** The kind of a tool type of Anthropic's, of whatever version. */
export function twinOf(type: string): HostedTwin | undefined {
  const name = /^(\w+)_20\d{6}$/.exec(type)?.[1];
  return name === "web_search" || name === "web_fetch" || name === "code_execution" ? name : undefined;
}

/** Another API's hosted tool as Anthropic's, with the domains and the place it may have named. */
export function writeTwin({ value }: HostedTool, twin: HostedTwin, field: string, losses: Losses): JsonObject {
  const written: JsonObject = { type: TWINS[twin], name: twin };
  if (twin === "code_execution") return written;
  const filters = asObject(value["filters"]) ?? value;
  const allowed = asArray(filters["allowed_domains"]);
  const blocked = asArray(filters["blocked_domains"]);
  if (allowed?.length) written["allowed_domains"] = allowed;
  else if (blocked?.length) written["blocked_domains"] = blocked;
  const place = twin === "web_search" ? asObject(value["user_location"]) : undefined;
  // Chat puts the place one level deeper than Responses.
  if (place) written["user_location"] = { type: "approximate", ...(asObject(place["approximate"]) ?? place) };
  if (value["search_context_size"] !== undefined && value["search_context_size"] !== "medium")
    losses.drop("unknown_fields", `${field}.search_context_size`);
  return written;
}

/** What a block of Anthropic's says of a web search: the call its query, the result what was found. */
export function searchOf(block: JsonObject): WebSearch | undefined {
  if (block["type"] === "server_tool_use" && block["name"] === "web_search") {
    const query = asString(asObject(block["input"])?.["query"]);
    return { id: asString(block["id"]) ?? "", queries: query === undefined ? [] : [query], results: [] };
  }
  if (block["type"] !== "web_search_tool_result") return undefined;
  const results = objectsOf(block["content"]).flatMap((found) => {
    const url = asString(found["url"]);
    return url === undefined ? [] : [{ url, title: asString(found["title"]) ?? "" }];
  });
  return { id: asString(block["tool_use_id"]) ?? "", queries: [], results };
}

/** By it a search of another provider is known when it comes back: Anthropic could not read what is in it. */
const FOREIGN_SEARCH = "srvtoolu_router_";

/** The search another provider ran, as a client of Anthropic's API knows searches: call and result. */
export function writeSearch({ id, queries, results }: WebSearch): JsonObject[] {
  const toolUseId = `${FOREIGN_SEARCH}${sha256(id).slice(0, 16)}`;
  return [
    { type: "server_tool_use", id: toolUseId, name: "web_search", input: { query: queries.join("; ") } },
    {
      type: "web_search_tool_result",
      tool_use_id: toolUseId,
      content: results.map(({ url, title }) => ({
        type: "web_search_result",
        url,
        title,
        encrypted_content: "",
        page_age: null,
      })),
    },
  ];
}

export function isForeignSearch(part: OpaquePart): boolean {
  const block = part.dialect === "anthropic" && part.search ? asObject(part.value) : undefined;
  const id = asString(block?.["id"]) ?? asString(block?.["tool_use_id"]);
  return id?.startsWith(FOREIGN_SEARCH) ?? false;
}
