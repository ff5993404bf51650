import { asObject, asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { WebSearch } from "../../../core/part.ts";
import { sha256 } from "../../tools/ids.ts";
import type { ItemPlace, ItemStatus, OutputItem } from "./output-item.ts";

/** By it a search another provider ran is known when it comes back: OpenAI could not look it up. */
const FOREIGN = "ws_router_";

export function isForeignSearch(item: JsonObject): boolean {
  return item["type"] === "web_search_call" && (asString(item["id"])?.startsWith(FOREIGN) ?? false);
}

/** What an item says of a search; undefined for pages opened and words looked for in them. */
export function searchOf(item: JsonObject): WebSearch | undefined {
  const action = asObject(item["action"]);
  if (item["type"] !== "web_search_call" || action?.["type"] !== "search") return undefined;
  const query = asString(action["query"]);
  const queries = action["queries"];
  const several = Array.isArray(queries) ? queries.filter((entry) => typeof entry === "string") : [];
  const results = objectsOf(action["sources"]).flatMap((source) => {
    const url = asString(source["url"]);
    return url === undefined ? [] : [{ url, title: asString(source["title"]) ?? "" }];
  });
  return { id: asString(item["id"]) ?? "", queries: several.length > 0 || !query ? several : [query], results };
}

/** A search another provider ran. Some tell call and result apart: the second joins the first. */
export class SearchItem implements OutputItem {
  readonly opening: JsonObject;
  readonly #place: ItemPlace;
  readonly #search: WebSearch;

  constructor(place: ItemPlace, search: WebSearch) {
    this.#place = place;
    this.#search = { ...search };
    this.opening = { id: place.id, type: "web_search_call", status: "in_progress", action: this.#action() };
  }

  static idOf({ id }: WebSearch): string {
    return `${FOREIGN}${sha256(id).slice(0, 16)}`;
  }

  begin(): void {
    this.#place.tell("response.web_search_call.in_progress", {});
    this.#place.tell("response.web_search_call.searching", {});
  }

  /** True when it belongs to this search. */
  add({ id, queries, results }: WebSearch): boolean {
    if (id !== this.#search.id) return false;
    this.#search.queries = [...this.#search.queries, ...queries];
    this.#search.results = [...this.#search.results, ...results];
    return true;
  }

  takes(): boolean {
    return false;
  }

  delta(): void {
    // A search has no text.
  }

  cite(): void {
    // Nor citations.
  }

  endBlock(): void {
    // It ends when something else begins.
  }

  close(status: ItemStatus): JsonObject {
    if (status === "completed") this.#place.tell("response.web_search_call.completed", {});
    return { ...this.opening, status, action: this.#action() };
  }

  #action(): JsonObject {
    const { queries, results } = this.#search;
    const sources = results.map(({ url }) => ({ type: "url", url }));
    return { type: "search", query: queries[0] ?? "", queries, ...(sources.length > 0 && { sources }) };
  }
}
