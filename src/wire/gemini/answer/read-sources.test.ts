import { deepEqual, equal, match } from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../../../core/json.ts";
import { reduceEvents } from "../../../core/response.ts";
import { readResponse } from "./read-response.ts";

const TEXT = "Grüße 🎉: it rains, says the paper.";
const CLAIM = "it rains";
const byteAt = (index: number) => Buffer.byteLength(TEXT.slice(0, index));
const AT = TEXT.indexOf(CLAIM);
const SEGMENT = { startIndex: byteAt(AT), endIndex: byteAt(AT + CLAIM.length), text: CLAIM };
const CHUNKS = [{ web: { uri: "https://a.test", title: "A" } }, { web: { uri: "https://b.test" } }];

function answer(grounding: JsonObject, more: JsonObject = {}) {
  const content = { parts: [{ text: TEXT, thoughtSignature: "c2ln" }] };
  const candidate = { content, finishReason: "STOP", groundingMetadata: grounding, ...more };
  return reduceEvents(readResponse({ candidates: [candidate], responseId: "r" })).response().parts;
}

function cited(grounding: JsonObject, more: JsonObject = {}) {
  const [text] = answer(grounding, more);
  const citations = text?.type === "text" ? (text.citations ?? []) : [];
  return citations.map(({ raw: _, ...citation }) => citation);
}

describe("Gemini: sources", () => {
  test("bytes of UTF-8 become indices into the text, one citation for each source", () => {
    const support = { segment: SEGMENT, groundingChunkIndices: [0, 1, 9] };
    const place = { start: AT, end: AT + CLAIM.length };
    deepEqual(cited({ groundingChunks: CHUNKS, groundingSupports: [support] }), [
      { url: "https://a.test", title: "A", ...place },
      { url: "https://b.test", ...place },
    ]);
  });

  test("offsets that do not fit are looked for, or left out", () => {
    const at = (segment: JsonObject) =>
      cited({ groundingChunks: CHUNKS, groundingSupports: [{ segment, groundingChunkIndices: [1] }] });
    deepEqual(at({ ...SEGMENT, startIndex: 1 }), [{ url: "https://b.test", start: AT, end: AT + CLAIM.length }]);
    deepEqual(at({ startIndex: 0, endIndex: 9999, text: "not said" }), [{ url: "https://b.test" }]);
    deepEqual(at({ endIndex: 6 }), [{ url: "https://b.test", start: 0, end: 4 }]);
  });

  test("sources without a place in the text are named all the same", () => {
    deepEqual(cited({ groundingChunks: CHUNKS }), [{ url: "https://a.test", title: "A" }, { url: "https://b.test" }]);
    const document = { retrievedContext: { uri: "files/1", title: "F", text: "what it says" } };
    deepEqual(cited({ groundingChunks: [document] }), [{ url: "files/1", title: "F", citedText: "what it says" }]);
  });

  test("recitations", () => {
    const source = { startIndex: byteAt(AT), endIndex: byteAt(AT + 2), uri: "https://c.test", license: "mit" };
    for (const key of ["citationSources", "citations"])
      deepEqual(cited({}, { citationMetadata: { [key]: [source] } }), [
        { url: "https://c.test", start: AT, end: AT + 2 },
      ]);
  });

  test("the search itself, and the pages looked at, stand behind the text and its signature", () => {
    const grounding = { webSearchQueries: ["rain?"], groundingChunks: CHUNKS };
    const pages = { urlMetadata: [{ retrievedUrl: "https://d.test" }] };
    const [text, signature, search, visited] = answer(grounding, { urlContextMetadata: pages });
    equal(text?.type, "text");
    equal(signature?.type === "reasoning" && signature.state?.value, "c2ln");
    equal(search?.type, "opaque");
    deepEqual([search.what, search.value], ["groundingMetadata", { groundingMetadata: grounding }]);
    deepEqual(search.search?.queries, ["rain?"]);
    deepEqual(search.search?.results[1], { url: "https://b.test", title: "https://b.test" });
    match(search.search?.id ?? "", /^search_[0-9a-f]+$/);
    deepEqual(visited, {
      type: "opaque",
      dialect: "gemini",
      what: "urlContextMetadata",
      value: { urlContextMetadata: pages },
    });
  });
});
