import { useSyncExternalStore } from "react";

export const VIEWS = ["live", "overview", "providers", "routing", "playground"] as const;
export type View = (typeof VIEWS)[number] | "exchanges";

/** Where the page is: `#/exchanges/ID?tag=x`. */
export interface Place {
  view: View;
  id: string | undefined;
  params: URLSearchParams;
}

/** What is no place is Live. */
export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [name = "", id] = path.split("/");
  const view = name === "exchanges" ? name : VIEWS.find((known) => known === name);
  const params = new URLSearchParams(query);
  if (view === undefined || (view === "exchanges" && !id)) return { view: "live", id: undefined, params };
  return { view, id: id === undefined ? undefined : decoded(id), params };
}

/** The address of a view: `hrefOf("live", { params: { tag: "code" } })`. */
export function hrefOf(view: View, { id, params = {} }: { id?: string; params?: Record<string, string> } = {}): string {
  const path = id === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(id)}`;
  const query = new URLSearchParams(params).toString();
  return query === "" ? path : `${path}?${query}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A `%` that stands for itself.
    return text;
  }
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(
    (told) => {
      addEventListener("hashchange", told);
      return () => removeEventListener("hashchange", told);
    },
    () => location.hash,
  );
  return placeOf(hash);
}

export function go(href: string): void {
  location.hash = href;
}

/** Changes the address without a step in the browser's history: for what is typed. */
export function replacePlace(href: string): void {
  history.replaceState(history.state, "", href);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
