import type { Page, Problem, Reading } from "./messages.ts";

/** What a model gets to read in a PDF's place. */
export interface DocumentText {
  text: string;
  /** Why it says less than the file, or nothing: the owner should know. */
  warning?: string;
  /** The same in one word. */
  problem?: Problem | "no_text" | "left_out";
}

const WHY: Readonly<Record<Exclude<Problem, "too_large">, string>> = {
  encrypted: "it is protected by a password",
  broken: "the file is damaged or is not a PDF",
  too_slow: "reading it took too long",
  too_much_memory: "reading it took too much memory",
};

/** `limits`: those it was read with. The same reading always says the same. */
export function documentText(reading: Reading, { maxPages }: { maxPages: number }): DocumentText {
  if (reading.kind === "problem")
    return unread(reading.problem, reading.problem === "too_large" ? "" : WHY[reading.problem]);
  const { pages, total } = reading;
  if (total === 0) return unread("broken", "it has no pages");
  if (pages.every((page) => page === null)) return unread("broken", WHY.broken);
  if (pages.every((page) => !page)) return withoutText(pages.length, total);
  const head = `[PDF document, ${count(total, "page")}, as text]`;
  const said = [head, ...pages.map(pageWithMark)];
  if (pages.length === total) return { text: said.join("\n\n") };
  const left = span(pages.length + 1, total);
  said.push(`[${left} left out]`);
  const limit = pages.length < maxPages ? "its text is too long" : `max_pages is ${maxPages}`;
  return { text: said.join("\n\n"), problem: "left_out", warning: `${left} of a PDF left out: ${limit}` };
}

/** It is not even looked at. */
export function tooLarge(bytes: number, maxBytes: number): DocumentText {
  return unread("too_large", `it has ${megabytes(bytes)}, more than the ${megabytes(maxBytes)} that are read`);
}

function unread(problem: Problem, why: string): DocumentText {
  const text = `[PDF document that could not be read: ${why}. Nothing of its content is known.]`;
  return { text, problem, warning: `a PDF could not be read: ${why}` };
}

function withoutText(read: number, total: number): DocumentText {
  const which = read === total ? "" : ` in the first ${count(read, "page")}`;
  const text = `[PDF document, ${count(total, "page")}: no text was found${which}, its pages are probably scanned images. Nothing of its content is known.]`;
  return {
    text,
    problem: "no_text",
    warning: `no text was found in a PDF of ${count(total, "page")}: it is probably a scan`,
  };
}

function pageWithMark(page: Page, index: number): string {
  if (page === null) return `[page ${index + 1}: could not be read]`;
  return page === "" ? `[page ${index + 1}: no text found]` : `[page ${index + 1}]\n${page}`;
}

function span(from: number, to: number): string {
  return from === to ? `page ${from}` : `pages ${from}-${to}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
