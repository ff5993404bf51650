import { deepEqual, ok } from "node:assert/strict";
import type { JsonObject } from "../../../src/core/json.ts";
import { itemsWith } from "../../support/seen/seen.ts";
import type { Feature, Pair } from "../feature.ts";
import { PDF, PDF_URL, PNG, PNG_URL } from "./media.ts";

const WEB_IMAGE = "https://pictures.test/cat.png";

function chatUser(...content: JsonObject[]): JsonObject {
  return { messages: [{ role: "user", content: [{ type: "text", text: "look" }, ...content] }] };
}

function responsesUser(...content: JsonObject[]): JsonObject {
  return { input: [{ role: "user", content: [{ type: "input_text", text: "look" }, ...content] }] };
}

function geminiUser(...parts: JsonObject[]): JsonObject {
  return { contents: [{ role: "user", parts: [{ text: "look" }, ...parts] }] };
}

function isOllama(pair: Pair): boolean {
  return pair.provider === "ollama" && !pair.same;
}

export const CONTENT: Feature[] = [
  {
    name: "image in base64",
    ask: {
      openai: chatUser({ type: "image_url", image_url: { url: PNG_URL } }),
      "openai-responses": responsesUser({ type: "input_image", image_url: PNG_URL }),
      anthropic: chatUser({ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }),
      ollama: { messages: [{ role: "user", content: "look", images: [PNG] }] },
      "ollama-generate": { prompt: "look", images: [PNG] },
      gemini: geminiUser({ inlineData: { mimeType: "image/png", data: PNG } }),
    },
    seen(seen) {
      deepEqual(seen.items, [
        { role: "user", text: "look" },
        { role: "user", image: PNG_URL },
      ]);
    },
  },
  {
    name: "image by URL",
    ask: {
      openai: chatUser({ type: "image_url", image_url: { url: WEB_IMAGE } }),
      "openai-responses": responsesUser({ type: "input_image", image_url: WEB_IMAGE }),
      anthropic: chatUser({ type: "image", source: { type: "url", url: WEB_IMAGE } }),
      gemini: geminiUser({ file_data: { mime_type: "image/png", file_uri: WEB_IMAGE } }),
    },
    refused: (pair) => (isOllama(pair) ? /messages\[0\]|input\[0\]|image/ : undefined),
    seen(seen) {
      deepEqual(seen.items, [
        { role: "user", text: "look" },
        { role: "user", image: WEB_IMAGE },
      ]);
    },
  },
  {
    name: "document in base64",
    ask: {
      openai: chatUser({ type: "file", file: { filename: "a.pdf", file_data: PDF_URL } }),
      "openai-responses": responsesUser({ type: "input_file", filename: "a.pdf", file_data: PDF_URL }),
      anthropic: chatUser({
        type: "document",
        title: "a.pdf",
        source: { type: "base64", media_type: "application/pdf", data: PDF },
      }),
      gemini: geminiUser({ inlineData: { mimeType: "application/pdf", data: PDF, displayName: "a.pdf" } }),
    },
    refused: (pair) => (isOllama(pair) ? /document|file|content/i : undefined),
    seen(seen, pair) {
      // Gemini has no field for a title: it stands before the document.
      const title = pair.provider === "gemini" ? {} : { title: "a.pdf" };
      if (pair.provider === "gemini") deepEqual(seen.items[1], { role: "user", text: "a.pdf" });
      deepEqual(itemsWith(seen, "document"), [{ role: "user", document: PDF_URL, ...title }]);
      deepEqual(seen.items[0], { role: "user", text: "look" });
    },
  },
  {
    name: "document as text",
    ask: {
      anthropic: chatUser({ type: "document", source: { type: "text", media_type: "text/plain", data: "all of it" } }),
      gemini: geminiUser({
        inlineData: { mimeType: "text/plain", data: Buffer.from("all of it").toString("base64") },
      }),
    },
    losses: (pair) => (pair.same ? {} : { may: [/messages|document|content/] }),
    seen(seen) {
      const all = JSON.stringify(seen.items);
      const encoded = Buffer.from("all of it").toString("base64");
      ok(all.includes("all of it") || all.includes(encoded), "the document's text did not arrive");
    },
  },
  {
    name: "unknown block types",
    ask: {
      anthropic: chatUser({ type: "container_upload", file_id: "file_1" }),
      "openai-responses": {
        input: [
          { role: "user", content: "look" },
          { type: "web_search_call", id: "ws_1" },
        ],
      },
      gemini: geminiUser({ executableCode: { language: "PYTHON", code: "1" } }),
    },
    losses: (pair) =>
      pair.same ? {} : { must: [/messages|content|input|container_upload|web_search_call|executableCode/] },
    seen: (seen) => deepEqual(seen.items, [{ role: "user", text: "look" }]),
  },
];
