import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { imageSize, pdfPages } from "./media-size.ts";

const size = fc.integer({ min: 1, max: 16_000 });
const base64 = (...parts: (Buffer | string)[]): string =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part))).toString(
    "base64",
  );
const number = (bytes: number, value: number, little = false): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (little) buffer.writeUIntLE(value, 0, bytes);
  else buffer.writeUIntBE(value, 0, bytes);
  return buffer;
};
const PAD = Buffer.alloc(40);

/** An image of a size, in each format; a JPEG with a long preview in front of its frame. */
const WRITTEN: Record<string, (width: number, height: number) => string> = {
  png: (width, height) => base64("\x89PNG\r\n\x1a\n", number(4, 13), "IHDR", number(4, width), number(4, height), PAD),
  gif: (width, height) => base64("GIF89a", number(2, width, true), number(2, height, true), PAD),
  jpeg: (width, height) =>
    base64(
      "\xff\xd8\xff\xe1",
      number(2, 60_000),
      Buffer.alloc(59_998, 0xff),
      "\xff\xc4",
      number(2, 4),
      "ab\xff\xc2",
      number(2, 17),
      "\x08",
      number(2, height),
      number(2, width),
      PAD,
    ),
  "webp, extended": (width, height) =>
    base64(
      "RIFF",
      number(4, 9),
      "WEBPVP8X",
      Buffer.alloc(8),
      number(3, width - 1, true),
      number(3, height - 1, true),
      PAD,
    ),
  "webp, lossy": (width, height) =>
    base64(
      "RIFF",
      number(4, 9),
      "WEBPVP8 ",
      number(4, 9),
      number(6, 0),
      number(2, width, true),
      number(2, height, true),
      PAD,
    ),
  "webp, lossless": (width, height) =>
    base64(
      "RIFF",
      number(4, 9),
      "WEBPVP8L",
      number(4, 9),
      "\x2f",
      number(4, width - 1 + (height - 1) * 2 ** 14, true),
      PAD,
    ),
};

test("the size of an image is read from its first bytes, whatever its format", () => {
  for (const [format, write] of Object.entries(WRITTEN)) {
    fc.assert(
      fc.property(size, size, (width, height) => {
        assert.deepEqual(imageSize(write(width, height)), { width, height }, format);
      }),
      { numRuns: 20 },
    );
  }
});

test("bytes that are no image have no size, and take nobody down", () => {
  for (const data of ["", "A", "AAAA".repeat(100), base64("\xff\xd8\xff\xe0", PAD), base64("\xff\xd8", PAD, PAD)])
    assert.equal(imageSize(data), undefined);
  fc.assert(
    fc.property(fc.constantFrom("\xff\xd8\xff", "RIFF1234WEBPVP8", "\x89PNG", ""), fc.uint8Array(), (head, rest) => {
      const found = imageSize(base64(head, Buffer.from(rest)));
      assert.ok(found === undefined || (found.width > 0 && found.height > 0));
    }),
  );
});

test("pages are counted by their objects; not in big files, and not where the objects are compressed", () => {
  const page = "<</Type /Page /Parent 1 0 R>>";
  assert.equal(pdfPages(base64(`%PDF-1.4 <</Type/Pages/Count 3>> ${page}${page}<</Type/Page>>`)), 3);
  assert.equal(pdfPages(base64("%PDF-1.7 <</Type /ObjStm>>")), undefined);
  assert.equal(pdfPages("A".repeat(4_000_004)), undefined);
});
