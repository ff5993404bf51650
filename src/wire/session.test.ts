import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../core/json.ts";
import { Losses } from "../core/loss.ts";
import { emptyRequest } from "../core/request.ts";
import { anthropicClient } from "./anthropic/client.ts";
import type { ClientHalf } from "./format.ts";
import { geminiClient } from "./gemini/client.ts";
import { ollamaClient } from "./ollama/client.ts";
import { ollamaGenerateClient } from "./ollama-generate/client.ts";
import { openaiClient } from "./openai/client.ts";
import { openaiProvider } from "./openai/provider.ts";
import { openaiCompletionsClient } from "./openai-completions/client.ts";
import { responsesClient } from "./openai-responses/client.ts";
import { responsesProvider } from "./openai-responses/provider.ts";
import { sessionIn } from "./session.ts";

const messages = [{ role: "user", content: "hi" }];

test("a client of any API names its session in a header; a cache key names it where no header does", () => {
  const clients: [ClientHalf, JsonObject][] = [
    [openaiClient, { messages }],
    [openaiCompletionsClient, { prompt: "hi" }],
    [responsesClient, { input: "hi" }],
    [anthropicClient, { messages }],
    [geminiClient, { contents: [{ parts: [{ text: "hi" }] }] }],
    [ollamaClient, { messages }],
    [ollamaGenerateClient, { prompt: "hi" }],
  ];
  for (const [client, rest] of clients) {
    const body: JsonObject = { model: "m", ...rest };
    const read = (headers: Record<string, string>, more: JsonObject = {}) =>
      client.readRequest({ ...body, ...more }, headers).identity.session;
    assert.equal(read({ "x-session-affinity": "s" }), "s", client.dialect);
    assert.equal(read({}), undefined, client.dialect);
    if (!client.dialect.startsWith("openai")) continue;
    assert.equal(read({}, { prompt_cache_key: "k" }), "k", client.dialect);
    assert.equal(read({ "x-session-id": "s" }, { prompt_cache_key: "k" }), "s", client.dialect);
  }
});

test("sub-agents are sessions of their own; empty headers say nothing", () => {
  const claude = { "x-claude-code-session-id": "c", "x-session-id": "s" };
  assert.equal(sessionIn(claude), "c");
  assert.equal(sessionIn({ ...claude, "x-claude-code-agent-id": "a" }), "c/a");
  assert.equal(sessionIn({ "x-claude-code-agent-id": "a" }), undefined);
  assert.equal(sessionIn({ "session-id": "", "thread-id": ["t", "u"] }), "t");
});

test("other APIs' sessions are OpenAI's cache key, hashed; never at servers that may not know the field", () => {
  const keyAt = (provider: typeof openaiProvider, dialect: "anthropic" | "openai", developerRole: boolean) =>
    provider.writeRequest(
      { ...emptyRequest(dialect, "m"), identity: { session: "s" } },
      { model: "gpt-5.5", quirks: { developerRole } },
      new Losses(provider.support),
    )["prompt_cache_key"];
  const key = keyAt(openaiProvider, "anthropic", true);
  assert.match(String(key), /^[0-9a-f]{32}$/);
  assert.equal(keyAt(responsesProvider, "anthropic", false), key);
  assert.equal(keyAt(openaiProvider, "anthropic", false), undefined);
  assert.equal(keyAt(openaiProvider, "openai", true), undefined);
});
