import type { HttpAnswer, HttpTool } from "../../../core/stage-tools.ts";
import type { Found } from "../backends/backend.ts";
import { cutText, plainText } from "../results/plain-text.ts";
import { textOfHtml } from "./page-thread.ts";

/** Bytes of a page; longer ones stay with the backend's quote. */
const MAX_BYTES = 512 * 1024;
const TIMEOUT_MS = 5_000;
/** From http to https, to the page's new name. */
const MAX_HOPS = 3;

/** What became of the pages that were to be read. */
export interface ReadPages {
  found: Found[];
  /** Why some could not be had: these keep what the backend quoted. */
  unread: string[];
}

/** `found` with the texts of the first `count` pages themselves. */
export async function withPages(
  found: readonly Found[],
  { http, count, maxCharacters }: { http: HttpTool; count: number; maxCharacters: number },
): Promise<ReadPages> {
  const unread: string[] = [];
  const read = found.map(async (one, index): Promise<Found> => {
    if (index >= count) return one;
    try {
      const text = await pageText(one.url, http);
      return text.length > one.text.length ? { ...one, text: cutText(text, maxCharacters) } : one;
    } catch (error) {
      unread.push(reasonOf(error, one.url));
      return one;
    }
  });
  return { found: await Promise.all(read), unread };
}

/** Of addresses the sites alone: the rest may repeat what was searched for. */
function reasonOf(error: unknown, url: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replaceAll(/https?:\/\/\S*?(?=:? |$)/g, (one) => URL.parse(one)?.host ?? "");
  const { host = "" } = URL.parse(url) ?? {};
  return reason.startsWith(host) ? reason : `${host}: ${reason}`;
}

/** The words of a page. Rejects where it cannot be had; every address on the way has to be a public one. */
export async function pageText(url: string, http: HttpTool): Promise<string> {
  const page = await fetchPage(url, http);
  const type =
    String(page.headers["content-type"] ?? "")
      .split(";")[0]
      ?.trim()
      .toLowerCase() ?? "";
  if (type === "text/plain") return plainText(page.text);
  if (type !== "text/html" && type !== "application/xhtml+xml")
    throw new Error(`it is ${type || "of no type"}, no text`);
  return plainText(await textOfHtml(page.text));
}

async function fetchPage(url: string, http: HttpTool): Promise<HttpAnswer> {
  const endMs = performance.now() + TIMEOUT_MS;
  let at = url;
  for (let hop = 0; hop <= MAX_HOPS; hop++) {
    const page = await http.fetch({
      url: at,
      headers: { accept: "text/html, text/plain;q=0.9" },
      timeoutMs: Math.max(1, Math.round(endMs - performance.now())),
      maxBytes: MAX_BYTES,
      reach: "public",
    });
    if (page.status >= 200 && page.status < 300) return page;
    const next = page.status >= 300 && page.status < 400 ? nextAddress(page, at) : undefined;
    if (next === undefined) throw new Error(`it answered ${page.status}`);
    at = next;
  }
  throw new Error("it sends elsewhere again and again");
}

function nextAddress({ headers }: HttpAnswer, from: string): string | undefined {
  const to = headers["location"];
  const next = typeof to === "string" ? URL.parse(to, from) : null;
  return next && /^https?:$/.test(next.protocol) ? next.href : undefined;
}
