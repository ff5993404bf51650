import { deflateSync } from "node:zlib";
import PDFDocument from "pdfkit";

/** A PDF with these texts, a page each. */
export function makePdf(pages: readonly string[], options: PDFKit.PDFDocumentOptions = {}): Promise<Buffer> {
  return written(options, (document) => {
    for (const [index, text] of pages.entries()) {
      if (index > 0) document.addPage();
      document.text(text);
    }
  });
}

/** A page as a scanner makes it: a picture, and no text. */
export function scannedPdf(pages = 1): Promise<Buffer> {
  const dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  return written({}, (document) => {
    for (let page = 0; page < pages; page++) {
      if (page > 0) document.addPage();
      document.image(Buffer.from(dot, "base64"), 0, 0, { width: 600 });
    }
  });
}

function written(options: PDFKit.PDFDocumentOptions, write: (document: PDFKit.PDFDocument) => void): Promise<Buffer> {
  const document = new PDFDocument(options);
  const chunks: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk));
    document.on("end", () => resolve(Buffer.concat(chunks)));
  });
  write(document);
  document.end();
  return whole;
}

/** A page of any script, as its `ToUnicode` map says it: the font itself is not in the file. */
export function unicodePdf(text: string): Buffer {
  const characters = [...text];
  const codes = characters.map((_, index) => hex(index + 1));
  const map = characters.map((character, index) => `<${codes[index]}> <${utf16(character)}>`).join("\n");
  const cmap = [
    "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def",
    "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    `${characters.length} beginbfchar\n${map}\nendbfchar`,
    "endcmap end end",
  ].join("\n");
  const system = "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>";
  const font = "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>";
  return rawPdf(stream(Buffer.from(`BT /F1 12 Tf 50 700 Td <${codes.join("")}> Tj ET`)), [
    Buffer.from(font),
    Buffer.from(`<</Type/Font/Subtype/CIDFontType2/BaseFont/X${system}/FontDescriptor 8 0 R/DW 600>>`),
    stream(Buffer.from(cmap)),
    Buffer.from("<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1 1]/Ascent 1/Descent 0/CapHeight 1/StemV 1>>"),
  ]);
}

/** A small file whose one page unpacks to so many MB of drawing commands. */
export function bombPdf(megabytes: number): Buffer {
  const commands = Buffer.alloc(megabytes * 1_000_000, "BT /F1 9 Tf (bomb) Tj ET\n");
  return rawPdf(stream(deflateSync(commands), "/Filter/FlateDecode"), [
    Buffer.from("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"),
  ]);
}

/** One page with this content. Objects from number 5 on: its font first, then what belongs to it. */
function rawPdf(content: Buffer, fonts: readonly Buffer[]): Buffer {
  const objects = [
    Buffer.from("<</Type/Catalog/Pages 2 0 R>>"),
    Buffer.from("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
    Buffer.from("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"),
    content,
    ...fonts,
  ];
  const pieces: Buffer[] = [Buffer.from("%PDF-1.7\n")];
  const offsets: number[] = [];
  for (const [index, object] of objects.entries()) {
    offsets.push(lengthOf(pieces));
    pieces.push(Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n"));
  }
  const start = lengthOf(pieces);
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  pieces.push(Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows}`));
  pieces.push(Buffer.from(`trailer\n<</Size ${size}/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`));
  return Buffer.concat(pieces);
}

function stream(data: Buffer, more = ""): Buffer {
  return Buffer.concat([Buffer.from(`<</Length ${data.length}${more}>>stream\n`), data, Buffer.from("\nendstream")]);
}

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}

function utf16(character: string): string {
  return [...Array(character.length).keys()].map((at) => hex(character.charCodeAt(at))).join("");
}
