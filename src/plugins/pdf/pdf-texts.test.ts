import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { describe, test } from "node:test";
import { bombPdf, makePdf, scannedPdf, unicodePdf } from "../../../test/support/make-pdf.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { documentText } from "./document-text.ts";
import { PdfTexts } from "./pdf-texts.ts";
import { PdfThread } from "./pdf-thread.ts";

const LIMITS = { maxBytes: 10_000_000, maxPages: 3, timeoutMs: 20_000 };
const TOOLS = { clock: systemClock, log: () => undefined };
const here = new AbortController().signal;

describe("texts of PDFs", () => {
  const texts = new PdfTexts(LIMITS, TOOLS);
  const read = (pdf: Buffer) => texts.textOf(pdf.toString("base64"), here);

  test("page by page, lines as they stand, with page marks", async () => {
    const { text, warning } = await read(await makePdf(["Apples cost 3 €.\nPears cost 4 €.", "Ünïcödé"]));
    const pages = "[page 1]\nApples cost 3 €.\nPears cost 4 €.\n\n[page 2]\nÜnïcödé";
    equal(text, `[PDF document, 2 pages, as text]\n\n${pages}`);
    equal(warning, undefined);
  });

  test("any script", async () => {
    // Right to left comes out in reading order, though it stands in the file as it is seen.
    for (const said of ["Привет, мир", "你好,世界", "こんにちは", "םולש", "안녕하세요", "😀"])
      ok((await read(unicodePdf(said))).text.endsWith(`[page 1]\n${said === "םולש" ? "שלום" : said}`), said);
  });

  test("pages beyond the limit are named, and not read", async () => {
    const many = Array.from({ length: 120 }, (_, index) => `number ${index + 1}`);
    const { text, warning, problem } = await read(await makePdf(many));
    match(text, /\[PDF document, 120 pages, as text\].*number 3\n\n\[pages 4-120 left out\]$/s);
    deepEqual([warning, problem], ["pages 4-120 of a PDF left out: max_pages is 3", "left_out"]);
  });

  test("a scan says that it has no text; a page without text among others says so in its place", async () => {
    const scan = await read(await scannedPdf(2));
    match(scan.text, /^\[PDF document, 2 pages: no text was found, its pages are probably scanned images\./);
    deepEqual(
      [scan.problem, scan.warning],
      ["no_text", "no text was found in a PDF of 2 pages: it is probably a scan"],
    );
    match(
      (await read(await makePdf(["one", "", "three"]))).text,
      /one\n\n\[page 2: no text found\]\n\n\[page 3\]\nthree$/,
    );
  });

  test("what protects a file from changes does not keep it from being read; a password does", async () => {
    match((await read(await makePdf(["for all"], { ownerPassword: "x" }))).text, /\[page 1\]\nfor all/);
    const locked = await read(await makePdf(["secret"], { userPassword: "x", ownerPassword: "y" }));
    match(locked.text, /^\[PDF document that could not be read: it is protected by a password\./);
    deepEqual(
      [locked.problem, locked.warning],
      ["encrypted", "a PDF could not be read: it is protected by a password"],
    );
  });

  test("damaged files, and what is none", async () => {
    const whole = await makePdf(["whole"]);
    for (const pdf of [
      whole.subarray(0, whole.length / 2),
      Buffer.from("%PDF-1.7"),
      Buffer.from("no"),
      Buffer.alloc(0),
    ]) {
      const { text, problem } = await read(pdf);
      match(text, /^\[PDF document that could not be read: the file is damaged or is not a PDF\./);
      equal(problem, "broken");
    }
  });

  test("larger files than the limit are not even looked at", async () => {
    const { text, problem } = await read(Buffer.alloc(10_100_000));
    match(text, /could not be read: it has 10\.1 MB, more than the 10\.0 MB that are read/);
    equal(problem, "too_large");
  });

  test("the same file is read once, and says the same every time", async () => {
    const pdf = await makePdf(["same"]);
    const [one, other] = await Promise.all([read(pdf), read(pdf)]);
    equal(one, other);
    equal(await read(Buffer.from(pdf)), one);
  });

  test("closed: nothing is read any more", async () => {
    const waiting = read(await makePdf(["late"]));
    const ended = rejects(waiting, /the plugin was closed/);
    await texts.close();
    await ended;
    await rejects(read(await makePdf(["later"])), /the plugin was closed/);
  });
});

describe("the thread", () => {
  test("a file that takes too long, or too much memory, ends with its thread; the next one is read by another", async (t) => {
    let deadlines = 0;
    // The first deadline is over at once; no other ever.
    const after: Clock["after"] = (ms, run) => systemClock.after(ms === 60_000 && deadlines++ === 0 ? 1 : ms, run);
    const limits = { log: TOOLS.log, clock: { ...systemClock, after }, timeoutMs: 60_000, maxPages: 5 };
    const slow = new PdfThread(limits);
    t.after(() => slow.close());
    const wanted = () => false;
    const good = (await makePdf(["good"])).toString("base64");
    const [bomb, next] = await Promise.all([
      slow.read(bombPdf(10).toString("base64"), wanted),
      slow.read(good, wanted),
    ]);
    deepEqual(bomb, { kind: "problem", problem: "too_slow" });
    deepEqual(next, { kind: "read", pages: ["good"], total: 1 });
    const small = new PdfThread({ ...limits, maxBufferBytes: 12_000_000 });
    t.after(() => small.close());
    deepEqual(await small.read(bombPdf(30).toString("base64"), wanted), {
      kind: "problem",
      problem: "too_much_memory",
    });
    deepEqual(await small.read(good, wanted), { kind: "read", pages: ["good"], total: 1 });
  });

  test("what nobody waits for any more is not begun", async (t) => {
    const thread = new PdfThread({ ...TOOLS, ...LIMITS });
    t.after(() => thread.close());
    const good = (await makePdf(["good"])).toString("base64");
    const first = thread.read(good, () => false);
    await rejects(
      thread.read(good, () => true),
      /nobody waits for it/,
    );
    ok((await first).kind === "read");
  });
});

test("pages that are broken, and texts too long to be held", () => {
  const reading = { kind: "read", pages: ["one", null], total: 5 } as const;
  const { text, warning } = documentText({ ...reading, pages: [...reading.pages] }, { maxPages: 100 });
  match(text, /\[page 1\]\none\n\n\[page 2: could not be read\]\n\n\[pages 3-5 left out\]$/);
  equal(warning, "pages 3-5 of a PDF left out: its text is too long");
});
