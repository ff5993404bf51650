import { type RefObject, useEffect } from "react";

/** How far from its end a text still counts as read to its end. */
const NEAR_END_PX = 60;

/** Keeps the end of what grows in view, for as long as the reader is at its end: in the box, or where that does not scroll in the page. */
export function useFollow(box: RefObject<HTMLElement | null>, content: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = box.current;
    if (!element || !content.current) return;
    const scroller = () => (getComputedStyle(element).overflowY === "visible" ? document.documentElement : element);
    let isAtEnd = true;
    const look = () => {
      const { scrollHeight, scrollTop, clientHeight } = scroller();
      isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    };
    const grown = new ResizeObserver(() => {
      const scrolled = scroller();
      if (isAtEnd) scrolled.scrollTop = scrolled.scrollHeight;
    });
    grown.observe(content.current);
    element.addEventListener("scroll", look, { passive: true });
    addEventListener("scroll", look, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener("scroll", look);
      removeEventListener("scroll", look);
    };
  }, [box, content]);
}
