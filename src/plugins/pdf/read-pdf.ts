import { getDocumentProxy, getResolvedPDFJS } from "unpdf";
import { isObject } from "../../core/json.ts";
import type { Page, Problem, Reading } from "./messages.ts";

/** Characters of one file; the pages beyond are left out. No model reads more, and a small file can unpack to any size. */
const MAX_CHARS = 4_000_000;

type Document = Awaited<ReturnType<typeof getDocumentProxy>>;

/** The library: it takes a while, which is not the first file's fault. */
export async function load(): Promise<void> {
  await getResolvedPDFJS();
}

/** The text of a PDF, page by page. Rejects only for what is nobody's PDF's fault. */
export async function readPdf(bytes: Uint8Array, maxPages: number): Promise<Reading> {
  let document: Document;
  try {
    document = await getDocumentProxy(bytes, { verbosity: 0 });
  } catch (error) {
    return { kind: "problem", problem: problemOf(error) };
  }
  try {
    return { kind: "read", pages: await pagesOf(document, maxPages), total: document.numPages };
  } finally {
    await document.loadingTask.destroy();
  }
}

function problemOf(error: unknown): Problem {
  return error instanceof Error && error.name === "PasswordException" ? "encrypted" : "broken";
}

async function pagesOf(document: Document, maxPages: number): Promise<Page[]> {
  const pages: Page[] = [];
  let left = MAX_CHARS;
  while (pages.length < Math.min(document.numPages, maxPages) && left > 0) {
    const text = await pageText(document, pages.length + 1, left);
    pages.push(text);
    left -= text?.length ?? 0;
  }
  return pages;
}

/** Null: this page is broken; others may well be whole. */
async function pageText(document: Document, number: number, maxChars: number): Promise<Page> {
  try {
    const page = await document.getPage(number);
    const text = await streamedText(page.streamTextContent(), maxChars);
    page.cleanup();
    return tidy(text);
  } catch {
    return null;
  }
}

/** As it comes, so that a page that never ends is not gathered first. */
async function streamedText(stream: ReadableStream<unknown>, maxChars: number): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    for (const item of itemsIn(chunk)) text += item;
    if (text.length > maxChars) return text.slice(0, maxChars);
  }
  return text;
}

function* itemsIn(chunk: unknown): Iterable<string> {
  const items = isObject(chunk) ? chunk["items"] : undefined;
  if (!Array.isArray(items)) return;
  for (const item of items) {
    if (!isObject(item) || typeof item["str"] !== "string") continue;
    yield item["hasEOL"] === true ? `${item["str"]}\n` : item["str"];
  }
}

/** Blanks before line ends, and more than one empty line, say nothing to a model but cost tokens. */
function tidy(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\0", "")
    .replace(/[^\S\n]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
