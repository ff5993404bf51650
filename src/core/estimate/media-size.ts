/** Pixels of an image. */
export interface ImageSize {
  width: number;
  height: number;
}

/** Photos carry previews and colour profiles in front of their size, but hardly more than this. */
const HEAD_CHARS = 400_000;

/** The size an image says it has, by the first bytes of its base64; undefined for formats and bytes we cannot read. */
export function imageSize(base64: string): ImageSize | undefined {
  const head = Buffer.from(base64.slice(0, 64), "base64");
  if (head.length < 30) return undefined;
  if (head.toString("latin1", 1, 4) === "PNG") return sized(head.readUInt32BE(16), head.readUInt32BE(20));
  if (head.toString("latin1", 0, 4) === "GIF8") return sized(head.readUInt16LE(6), head.readUInt16LE(8));
  if (head.toString("latin1", 8, 12) === "WEBP") return webpSize(head);
  if (head.readUInt16BE(0) === 0xffd8) return jpegSize(Buffer.from(base64.slice(0, HEAD_CHARS), "base64"));
  return undefined;
}

function sized(width: number, height: number): ImageSize | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** Its three kinds: extended, lossy, lossless. */
function webpSize(head: Buffer): ImageSize | undefined {
  switch (head.toString("latin1", 12, 16)) {
    case "VP8X":
      return sized(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1);
    case "VP8 ":
      return sized(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
    case "VP8L": {
      const bits = head.readUInt32LE(21);
      return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
  }
  return undefined;
}

/** Walks the segments to the frame header, the one of C0 to CF that is no table. */
function jpegSize(bytes: Buffer): ImageSize | undefined {
  for (let at = 2; at + 9 <= bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt16BE(at);
    if (marker < 0xff00) return undefined;
    const isFrame = marker >= 0xffc0 && marker <= 0xffcf && marker !== 0xffc4 && marker !== 0xffc8 && marker !== 0xffcc;
    if (isFrame) return sized(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5));
  }
  return undefined;
}

/** Decoding more than this to count pages takes too long. */
const PDF_CHARS = 4_000_000;
const PAGE_OBJECT = /\/Type\s*\/Page(?![A-Za-z])/g;

/** Pages of a PDF by their objects; undefined for a big one, and where the objects are compressed. */
export function pdfPages(base64: string): number | undefined {
  if (base64.length > PDF_CHARS) return undefined;
  return Buffer.from(base64, "base64").toString("latin1").match(PAGE_OBJECT)?.length;
}
