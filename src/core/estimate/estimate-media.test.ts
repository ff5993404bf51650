import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dialect } from "../part.ts";
import { MediaCounter } from "./estimate-media.ts";

/** A PNG that says it is of this size. */
function png(width: number, height: number): string {
  const head = Buffer.alloc(40);
  head.write("\x89PNG", "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head.toString("base64");
}

function image(target: Dialect | undefined, width: number, height: number, detail?: string): number {
  const counter = new MediaCounter(target);
  const source = { kind: "base64", mediaType: "image/png", data: png(width, height) } as const;
  counter.image({ type: "image", source, ...(detail !== undefined && { detail }) });
  return Math.round(counter.tokens);
}

test("Anthropic: a token for 750 pixels, no more than 1,600 of them", () => {
  assert.equal(image("anthropic", 200, 200), 53);
  assert.equal(image("anthropic", 1000, 1000), 1333);
  assert.equal(image("anthropic", 1092, 1092), 1590);
  assert.equal(image("anthropic", 4000, 3000), 1600);
  assert.equal(image("anthropic", 4000, 400), 328, "scaled down to 1568 by 157");
  assert.equal(image(undefined, 200, 200), 53);
});

test("OpenAI: tiles of 512 once it is 768 on its short side, or low detail", () => {
  assert.equal(image("openai", 1024, 1024), 765);
  assert.equal(image("openai-responses", 2048, 4096), 1105);
  assert.equal(image("openai", 4096, 8192, "low"), 85);
  assert.equal(image("openai", 100, 100), 255);
});

test("Gemini: a tile, or as many as cover it", () => {
  assert.equal(image("gemini", 384, 384), 258);
  assert.equal(image("gemini", 960, 540), 516);
  assert.equal(image("gemini", 1536, 1536), 1032);
});

test("PDFs by their pages, or by their size", () => {
  const pdf = (text: string): number => {
    const counter = new MediaCounter("anthropic");
    const data = Buffer.from(text).toString("base64");
    counter.document({ kind: "base64", mediaType: "application/pdf", data });
    return counter.tokens;
  };
  assert.equal(pdf("<</Type/Page>><</Type/Page>>"), 4000);
  assert.equal(pdf("compressed"), 2000);
  assert.equal(pdf("x".repeat(750_000)), 20_000);
});

test("a picture behind an address counts as a screenshot does", () => {
  const counter = new MediaCounter("anthropic");
  counter.image({ type: "image", source: { kind: "url", url: "https://example.com/a.png" } });
  assert.equal(Math.round(counter.tokens), 1590);
});
