import { useEffect, useRef } from "react";

/** Keys a view answers, by `KeyboardEvent.key`. Not called while somebody types, but for `Escape`. */
export type Keys = Record<string, (event: KeyboardEvent) => void>;

/** Keys of the page, for the help: the views answer those they have a use for. */
export const KEY_HELP: readonly [string, string][] = [
  ["/", "search"],
  ["j / k", "next / previous row"],
  ["Enter", "open the row"],
  ["p", "pause and go on (Live)"],
  ["Esc", "close, go back, leave the search"],
  ["1 … 5", "Live, Overview, Providers, Routing, Playground"],
  ["?", "this help"],
];

/** Answers keys for as long as the component is there. A handler that did something calls `preventDefault`. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key !== "Escape" && isTyping(event.target)) return;
      // Enter on a link or button is that link's or button's.
      if (event.key === "Enter" && event.target instanceof Element && event.target.closest("a, button, summary"))
        return;
      latest.current[event.key]?.(event);
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
}

/** Focuses the view's search field, which carries `data-search`. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLElement>("[data-search]");
  field?.focus();
  return field !== null;
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
