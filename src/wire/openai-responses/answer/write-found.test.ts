import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { answerContext } from "../../../../test/support/answers.ts";
import { checkResponsesStream } from "../../../../test/support/responses-grammar.ts";
import type { ChatEvent } from "../../../core/event.ts";
import type { OpaquePart, Part, WebSearch } from "../../../core/part.ts";
import { emptyRequest } from "../../../core/request.ts";
import { type ChatResponse, eventsOf } from "../../../core/response.ts";
import { responsesClient } from "../client.ts";
import { isForeignSearch, searchOf } from "./web-search.ts";

const found: WebSearch = { id: "srv1", queries: [], results: [{ url: "https://a.test", title: "A" }] };
const block = (what: string, search?: WebSearch): OpaquePart => ({
  type: "opaque",
  dialect: "anthropic",
  what,
  value: {},
  ...(search && { search }),
});

function write(parts: Part[], finish: ChatResponse["finish"] = { reason: "stop" }) {
  const lost: string[] = [];
  const request = emptyRequest("openai-responses", "m");
  const context = { ...answerContext({ id: "x1", request }), lost: (field: string) => void lost.push(field) };
  const response = { id: "a", model: "m", parts, finish };
  const writer = responsesClient.writeStream(context);
  const text = eventsOf(response)
    .map((event) => writer.write(event))
    .join("");
  checkResponsesStream(text);
  return { whole: responsesClient.writeResponse(response, context), text, lost };
}

/** The answer as the official client puts it together. */
function official(text: string) {
  const fetch = async () => new Response(text, { headers: { "content-type": "text/event-stream" } });
  const client = new OpenAI({ apiKey: "k", baseURL: "http://router.test/v1", maxRetries: 0, fetch });
  return client.responses.stream({ model: "m", input: "q" }).finalResponse();
}

test("a search another provider ran, call and result, is one web_search_call; its citations cover their text", async () => {
  const { whole, text, lost } = write([
    block("server_tool_use", { id: "srv1", queries: ["cats"], results: [] }),
    block("web_search_tool_result", found),
    { type: "text", text: "Cats.", citations: [{ url: "https://a.test", title: "A" }] },
  ]);
  const { output } = await official(text);
  const whatItSaid = JSON.stringify(output).replaceAll('"parsed":null,', "").replaceAll(',"parsed":null', "");
  assert.deepEqual(JSON.parse(whatItSaid), whole["output"]);
  assert.deepEqual(
    output.map((item) => item.type),
    ["web_search_call", "message"],
  );
  const [search] = output;
  assert.ok(search?.type === "web_search_call");
  assert.deepEqual(search.action, {
    type: "search",
    query: "cats",
    queries: ["cats"],
    sources: [{ type: "url", url: "https://a.test" }],
  });
  const names = [...text.matchAll(/^event: (response\.web_search.*)$/gm)].map(([, name]) => name);
  const steps = ["in_progress", "searching", "completed"];
  assert.deepEqual(
    names,
    steps.map((step) => `response.web_search_call.${step}`),
  );
  const place = { type: "url_citation", url: "https://a.test", title: "A", start_index: 0, end_index: 5 };
  assert.match(JSON.stringify(whole), new RegExp(JSON.stringify(place).replace(/[/.]/g, "\\$&")));
  assert.deepEqual(lost, []);
  const item = JSON.parse(JSON.stringify(search));
  assert.equal(isForeignSearch(item), true);
  assert.deepEqual(searchOf(item)?.queries, ["cats"]);
});

test("two searches are two items", () => {
  const second = { id: "srv2", queries: ["dogs"], results: [] };
  const { whole } = write([block("a", { id: "srv1", queries: ["cats"], results: [] }), block("b", second)]);
  assert.equal([whole["output"]].flat().length, 2);
});

test("blocks that say nothing in this API, and citations of no page, are told", () => {
  const { lost } = write([block("container_upload"), { type: "text", text: "x", citations: [{ citedText: "y" }] }]);
  // Once streamed, once whole.
  assert.deepEqual(lost, ["container_upload", "citations", "container_upload", "citations"]);
});

test("a citation that came before its text covers it", () => {
  const request = emptyRequest("openai-responses", "m");
  const writer = responsesClient.writeStream(answerContext({ id: "x1", request }));
  const events: ChatEvent[] = [
    { type: "start", id: "", model: "m" },
    { type: "block-start", index: 0, block: { type: "text" } },
    { type: "citation", index: 0, citation: { url: "https://a.test" } },
    { type: "text-delta", index: 0, text: "four" },
    { type: "block-end", index: 0 },
    { type: "finish", reason: "stop" },
    { type: "end" },
  ];
  assert.match(events.map((event) => writer.write(event)).join(""), /"start_index":0,"end_index":4/);
});

test("why an answer was refused is a refusal, where no block says so", async () => {
  const refused = { reason: "refusal", refusal: { explanation: "Not that." } } as const;
  const { text, whole } = write([{ type: "text", text: "H" }], refused);
  assert.equal(whole["status"], "completed");
  assert.match(JSON.stringify((await official(text)).output), /"refusal":"Not that\."/);
  assert.equal(write([], { reason: "refusal" }).whole["status"], "incomplete");
});

test("a rate limit in mid-stream says how long to wait in the words Codex reads", () => {
  const writer = responsesClient.writeStream(
    answerContext({ id: "x1", request: emptyRequest("openai-responses", "m") }),
  );
  const failure = { kind: "rate-limit", message: "slow down.", retryAfter: 1.5 } as const;
  assert.match(writer.write({ type: "error", failure }), /"message":"slow down\. Please try again in 1\.5s\."/);
});
