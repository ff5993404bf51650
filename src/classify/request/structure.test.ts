import assert from "node:assert/strict";
import { test } from "node:test";
import { contextOf, tagsOf } from "../../../test/support/classify.ts";
import type { Part } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import { structure } from "./structure.ts";

const text = (value: string): Part => ({ type: "text", text: value });
const user = (...parts: Part[]): Partial<ChatRequest> => ({ messages: [{ role: "user", parts }] });
const image: Part = { type: "image", source: { kind: "base64", mediaType: "image/png", data: "x" } };
const pdf: Part = { type: "document", source: { kind: "base64", mediaType: "application/pdf", data: "x" } };
const result = (...parts: Part[]): Part => ({ type: "tool-result", callId: "1", parts, isError: false });

test("a tag for each fact, wherever in the messages it stands, and none without it", async () => {
  const cases: [Partial<ChatRequest>, string[]][] = [
    [user(text("hm")), []],
    [user(image), ["vision"]],
    [user(result(image, pdf)), ["pdf", "vision"]],
    [user(pdf), ["pdf"]],
    [user({ type: "document", source: { kind: "url", url: "https://x/y.pdf" } }), ["pdf"]],
    [user({ type: "document", source: { kind: "text", text: "hm" } }), []],
    [user({ type: "audio", data: "x", format: "wav" }), ["audio"]],
    [{ ...user(text("hm")), tools: [{ kind: "function", name: "f" }] }, ["tools"]],
    [{ ...user(text("hm")), output: { kind: "json" } }, ["json"]],
    [{ ...user(text("hm")), reasoning: { effort: "high" } }, ["thinking"]],
    [{ ...user(text("hm")), reasoning: { mode: "adaptive" } }, ["thinking"]],
    [{ ...user(text("hm")), reasoning: { budgetTokens: 1024 } }, ["thinking"]],
    [{ ...user(text("hm")), reasoning: { effort: "none" } }, []],
    [{ ...user(text("hm")), reasoning: { mode: "off", budgetTokens: 9 } }, []],
    [user(text("word ".repeat(60_000))), ["long-context"]],
  ];
  for (const [request, tags] of cases) assert.deepEqual(await tagsOf(structure, {}, request), tags);
});

test("how long is long is a setting", async () => {
  const settings = { long_context_tokens: 10 };
  assert.deepEqual(await tagsOf(structure, settings, user(text("a b c"))), []);
  assert.deepEqual(await tagsOf(structure, settings, user(text("hm ".repeat(50)))), ["long-context"]);
});

test("names the program that asks", async () => {
  const { client } = contextOf();
  const asks = { client: { ...client, agent: "claude-code" } };
  assert.deepEqual(await tagsOf(structure, {}, user(text("hm")), asks), ["agent:claude-code"]);
});

test("names the language of what the user last said, tool results in between or not", async () => {
  const messages: ChatRequest["messages"] = [
    { role: "user", parts: [text("How do I sort a list in Python?")] },
    { role: "assistant", parts: [text("What is in it?")] },
    { role: "user", parts: [text("Das sind die Namen der Kunden, und nicht sehr viele.")] },
    { role: "assistant", parts: [{ type: "tool-call", id: "1", name: "f", arguments: "{}", kind: "function" }] },
    { role: "tool", parts: [result(text("there is nothing in this file and that is it"))] },
  ];
  assert.deepEqual(await tagsOf(structure, {}, { messages }), ["lang:de"]);
});

test("sets no other tags than those it is to set", async () => {
  const request = { ...user(image, text("How do I sort a list in Python?")), output: { kind: "json" as const } };
  assert.deepEqual(await tagsOf(structure, { tags: ["json"] }, request), ["json"]);
  assert.deepEqual(await tagsOf(structure, { tags: [] }, request), []);
});
