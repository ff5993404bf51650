import { pageHeaders, shownHeaders } from "../../core/answer-headers.ts";
import { type Endpoint, sendText } from "../call.ts";
import type { WebPage } from "../web-page.ts";
import { acceptsGzip } from "./accepts-gzip.ts";

/** What the page may do: run its own script, draw with its own style, talk to this router, and nothing else. */
const HEADERS = pageHeaders(
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    // Its icon; whatever else is a picture is named, not shown.
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
);

const NOT_BUILT =
  "The page was not built. In a checkout run `npm run build:web`, then load this again: the router need not be restarted.\n" +
  "The live events are at /dashboard/events (Server-Sent Events), the data under /router.\n";

/** The address of a script, style or picture in index.html. */
const ASSET_URL = /(?<=(?:src|href)=")\/dashboard\/assets\/[^"?]+(?=")/g;

/** `GET /dashboard` and `GET /dashboard/assets/{name}`. */
export function pageEndpoints(page: WebPage): { shell: Endpoint; asset: Endpoint } {
  const shell: Endpoint = async ({ res, search }) => {
    const html = await page.shell();
    if (html === undefined) return sendText(res, 404, NOT_BUILT);
    const body = Buffer.from(withKey(html, search.get("api_key")));
    const type = ["content-type", "text/html; charset=utf-8", "content-length", String(body.length)];
    // With the key in it, and naming files by what they were at its build.
    res.writeHead(200, [...type, "cache-control", "no-store", ...HEADERS]);
    res.end(body);
  };
  const asset: Endpoint = async ({ req, res, rest }) => {
    const found = await page.asset(rest);
    if (!found) return sendText(res, 404, `no file ${rest} belongs to the page: load /dashboard again\n`);
    const { type, body, gzipped, etag } = found;
    const headers = [
      "etag",
      etag,
      "cache-control",
      "private, no-cache",
      "vary",
      "accept-encoding",
      ...shownHeaders(res),
    ];
    if (isKnown(req.headers["if-none-match"], etag)) {
      res.writeHead(304, headers).end();
      return;
    }
    const isZipped = acceptsGzip(req.headers["accept-encoding"]) && gzipped.length < body.length;
    const sent = isZipped ? gzipped : body;
    headers.push("content-type", type, "content-length", String(sent.length));
    if (isZipped) headers.push("content-encoding", "gzip");
    res.writeHead(200, headers);
    res.end(sent);
  };
  return { shell, asset };
}

/** Proxies that zip make it a weak one. */
function isKnown(header: string | undefined, etag: string): boolean {
  return header?.split(",").some((known) => known.trim().replace(/^W\//, "") === etag) ?? false;
}

/** The browser asks for scripts and styles by itself, without the key: their addresses have to carry it. */
function withKey(html: string, key: string | null): string {
  if (key === null || key === "") return html;
  const query = `?api_key=${encodeURIComponent(key)}`;
  return html.replace(ASSET_URL, (url) => url + query);
}
