import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tagsOf } from "../../../test/support/classify.ts";
import type { Part } from "../../core/part.ts";
import type { Message } from "../../core/request.ts";
import { keyword } from "./keyword.ts";

const text = (value: string): Part => ({ type: "text", text: value });

function tags(words: Record<string, string[]>, parts: { system?: Part[]; messages?: Message[] }): Promise<string[]> {
  return tagsOf(keyword, { tags: words }, parts);
}

test("finds words in the system prompt and in every message, whatever their case", async () => {
  const words = { code: ["Function", "bug"], law: ["contract"], none: ["zebra"], empty: [] };
  const parts = {
    system: [text("You know CONTRACTS.")],
    messages: [
      { role: "user" as const, parts: [text("hi")] },
      { role: "assistant" as const, parts: [text("a deFUNCTIONal word")] },
    ],
  };
  assert.deepEqual(await tags(words, parts), ["code", "law"]);
});

test("never looks into images, tool calls, tool results or reasoning, but into attached text", async () => {
  const parts: Part[] = [
    { type: "image", source: { kind: "base64", mediaType: "image/png", data: "secret" } },
    { type: "image", source: { kind: "url", url: "http://secret/" } },
    { type: "tool-call", id: "secret", name: "secret", arguments: '{"a":"secret"}', kind: "function" },
    { type: "tool-result", callId: "1", parts: [text("secret")], isError: false },
    { type: "reasoning", text: "secret" },
    { type: "audio", data: "secret", format: "wav" },
    { type: "opaque", dialect: "openai", what: "x", value: "secret" },
    { type: "document", source: { kind: "base64", mediaType: "application/pdf", data: "secret" } },
  ];
  const words = { private: ["secret"] };
  assert.deepEqual(await tags(words, { messages: [{ role: "user", parts }] }), []);
  const pasted: Part = { type: "document", source: { kind: "text", text: "top SECRET" } };
  assert.deepEqual(await tags(words, { messages: [{ role: "user", parts: [pasted] }] }), ["private"]);
});

test("a text file in base64 is attached text, whatever its type is called", async () => {
  for (const mediaType of ["text/plain", "application/json", "application/octet-stream"]) {
    const data = Buffer.from("top SECRET").toString("base64");
    const parts: Part[] = [{ type: "document", source: { kind: "base64", mediaType, data } }];
    assert.deepEqual(await tags({ private: ["secret"] }, { messages: [{ role: "user", parts }] }), ["private"]);
  }
});

test("agrees with looking for every word in every text", async () => {
  const word = fc.stringMatching(/^[a-cA-C]{1,2}$/);
  const dictionary = fc.dictionary(fc.constantFrom("t1", "t2", "t3"), fc.array(word, { maxLength: 3 }));
  await fc.assert(
    fc.asyncProperty(dictionary, fc.array(fc.stringMatching(/^[a-dA-D ]{0,6}$/)), async (words, texts) => {
      const expected = Object.keys(words).filter((tag) =>
        words[tag]?.some((one) => texts.some((all) => all.toLowerCase().includes(one.toLowerCase()))),
      );
      const messages = texts.map((one): Message => ({ role: "user", parts: [text(one)] }));
      assert.deepEqual(await tags(words, { messages }), expected.sort());
    }),
  );
});

test("words are taken literally, whatever they mean in an expression", async () => {
  const words = ["c++", "a.b", "(x)", "[y]", "$5", "back\\slash", "pipe|d", "q?", "{z}", "^up", "co-op", "/dev"];
  for (const word of words) {
    const says = (said: string) => tags({ hit: [word] }, { messages: [{ role: "user", parts: [text(said)] }] });
    assert.deepEqual(await says(`about ${word.toUpperCase()} here`), ["hit"], word);
    assert.deepEqual(await says("nothing of it"), [], word);
  }
});
