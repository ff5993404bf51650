import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDataUrl, normalMediaType, parseDataUrl, sniffAudio, sniffImage, sniffMedia } from "./media.ts";

const base64 = (latin1: string) => Buffer.from(latin1, "latin1").toString("base64");

test("images are known by their first bytes, whatever they are called", () => {
  const heads: [string, string][] = [
    ["image/png", "\x89PNG\r\n\x1a\n\0\0\0\x0d"],
    ["image/jpeg", "\xff\xd8\xff\xe0\0\x10"],
    ["image/gif", "GIF89a....."],
    ["image/bmp", "BM........"],
    ["image/webp", "RIFF\0\0\0\0WEBPVP8 "],
    ["image/tiff", "II*\0\x08\0\0\0"],
    ["image/avif", "\0\0\0\x1cftypavif\0\0\0\0"],
    ["image/heic", "\0\0\0\x1cftypheic\0\0\0\0"],
    ["application/pdf", "%PDF-1.7\n"],
  ];
  for (const [mediaType, head] of heads) assert.equal(sniffImage(base64(head)), mediaType);
});

test("unknown bytes are no known medium, and pass for a PNG where an image is certain", () => {
  for (const data of ["", "!", base64("hello world"), base64("BZh9")]) {
    assert.equal(sniffMedia(data), undefined);
    assert.equal(sniffImage(data), "image/png");
  }
});

test("a data URL is split and put together again", () => {
  assert.deepEqual(parseDataUrl("data:image/png;base64,QUJD"), { mediaType: "image/png", data: "QUJD" });
  assert.deepEqual(parseDataUrl("DATA:image/JPG;name=a.jpg;BASE64,QUJD"), { mediaType: "image/jpeg", data: "QUJD" });
  assert.deepEqual(parseDataUrl("data:,a%20b"), { mediaType: "text/plain", data: base64("a b") });
  assert.equal(formatDataUrl("image/png", "QUJD"), "data:image/png;base64,QUJD");
});

test("what is not a data URL is not one", () => {
  for (const url of ["https://a/b.png", "data:image/png;base64", "data:,%E0%A4%A", ""])
    assert.equal(parseDataUrl(url), undefined);
});

test("image/jpg is image/jpeg", () => {
  assert.equal(normalMediaType(" Image/JPG "), "image/jpeg");
  assert.equal(normalMediaType("image/webp"), "image/webp");
});

test("sounds are known by their first bytes", () => {
  const sniffed = [
    "RIFF\0\0\0\0WAVE",
    "ID3\x04",
    "\xff\xfb\x90",
    "fLaC",
    "OggS",
    "\x89PNG",
    "RIFF\0\0\0\0WEBP",
    "\xff\xd8\xff",
  ];
  assert.deepEqual(
    sniffed.map((head) => sniffAudio(Buffer.from(head, "latin1").toString("base64"))),
    ["wav", "mp3", "mp3", "flac", "ogg", undefined, undefined, undefined],
  );
});
