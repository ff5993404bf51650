/** Whether it is an origin just as a browser sends it; those of apps and extensions (`app://x`) too. */
export function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || text.includes("*")) return false;
  // Of schemes it does not know `URL` says no origin.
  return url.origin === "null"
    ? /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+$/.test(text) && url.host !== ""
    : url.origin === text;
}
