import assert from "node:assert/strict";
import { test } from "node:test";
import type { Part } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type HostedTool } from "../../../core/request.ts";
import { written } from "../testing.ts";
import { readRequest } from "./read-request.ts";

const OPENAI = { developerRole: true };

function write(change: Partial<ChatRequest>, model = "sent", quirks = {}) {
  const { body, losses } = written({ ...emptyRequest("openai-responses", "m"), ...change }, quirks, undefined, model);
  return { body, losses: losses.list.map(({ field, treatment }) => `${field}=${treatment}`) };
}

const call = (change: Partial<Part>): Part => ({
  ...{ type: "tool-call", id: "a", name: "patch", arguments: "*** x", kind: "custom" as const },
  ...(change as object),
});
const turn = (...parts: Part[]): Partial<ChatRequest> => ({
  messages: [
    { role: "assistant", parts },
    {
      role: "tool",
      parts: parts.flatMap((part) =>
        part.type === "tool-call" ? [{ type: "tool-result" as const, callId: part.id, parts: [], isError: false }] : [],
      ),
    },
  ],
});
const callsOf = (body: ReturnType<typeof write>["body"]) => {
  const [message] = [body["messages"]].flat();
  return typeof message === "object" && message && "tool_calls" in message ? message["tool_calls"] : undefined;
};

test("Codex's apply_patch goes to compatible servers as a function, to OpenAI's new models as it is (CLIProxyAPI#5753)", () => {
  const change: Partial<ChatRequest> = {
    ...turn(call({})),
    tools: [{ kind: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "start: /x/" } }],
    toolChoice: { mode: "allowed", names: ["patch"], required: true },
  };
  const compatible = write(change);
  assert.deepEqual(compatible.body["tools"], [
    {
      type: "function",
      function: {
        name: "patch",
        description: "The input must follow this lark grammar:\nstart: /x/",
        parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
      },
    },
  ]);
  assert.deepEqual(callsOf(compatible.body), [
    { id: "a", type: "function", function: { name: "patch", arguments: '{"input":"*** x"}' } },
  ]);
  assert.match(JSON.stringify(compatible.body["tool_choice"]), /\{"type":"function","function":\{"name":"patch"\}\}/);
  assert.deepEqual(compatible.losses, ["tools[0].format=told in the description"]);
  const openai = write(change, "gpt-5.2", OPENAI);
  assert.match(JSON.stringify(openai.body["tools"]), /"type":"custom"/);
  assert.deepEqual(callsOf(openai.body), [{ id: "a", type: "custom", custom: { name: "patch", input: "*** x" } }]);
  assert.match(JSON.stringify(write(change, "gpt-4.1", OPENAI).body["tools"]), /"type":"function"/);
});

test("a search that the provider runs: a field of the models made for it, else a loss, else nothing is left to ask with", () => {
  const place = { city: "Bonn" };
  const search: HostedTool = {
    kind: "hosted",
    dialect: "openai-responses",
    type: "web_search",
    twin: "web_search",
    value: {
      type: "web_search",
      search_context_size: "high",
      user_location: { type: "approximate", ...place },
      filters: { allowed_domains: ["a.test"] },
    },
  };
  const native = write({ tools: [search] }, "gpt-4o-search-preview");
  assert.deepEqual(native.body["web_search_options"], {
    user_location: { type: "approximate", approximate: place },
    search_context_size: "high",
  });
  assert.equal(native.body["tools"], undefined);
  assert.deepEqual(native.losses, ["tools[0].allowed_domains=dropped"]);
  const beside = write({ tools: [{ kind: "function", name: "f" }, search] }, "gpt-4o");
  assert.deepEqual(beside.losses, ["tools[1]=dropped"]);
  assert.deepEqual(write({ tools: [search] }, "gpt-4o").losses, [
    "tools[0]=dropped",
    "tools=hosted tools of another provider",
  ]);
});

test("web_search_options of a Chat client is such a search, and stays what it is for its own server", () => {
  const body = { model: "m", messages: [{ role: "user", content: "q" }], web_search_options: { x: 1 } };
  const request = readRequest(body, {});
  assert.deepEqual(request.tools, [
    { kind: "hosted", dialect: "openai", type: "web_search_options", value: { x: 1 }, twin: "web_search" },
  ]);
  assert.deepEqual(written(request).body, { ...body, model: "sent" });
});

test("Gemini's thought signatures: back to Gemini, to nobody else, and a word for calls that never had one", () => {
  const state = { dialect: "gemini", kind: "signature", value: "sig" } as const;
  const signed = turn(call({ kind: "function", arguments: "{}", state }));
  const inside = { google: { thought_signature: "sig" } };
  const named = { id: "a", type: "function", function: { name: "patch", arguments: "{}" } };
  assert.deepEqual(callsOf(write(signed, "gemini-3-pro").body), [{ ...named, extra_content: inside }]);
  assert.deepEqual(callsOf(write(signed, "llama").body), [named]);
  assert.deepEqual(write(signed, "llama").losses, ["messages[0].tool_calls (thought signature)=dropped"]);
  const unsigned = turn(
    call({ kind: "function", arguments: "{}" }),
    call({ id: "b", kind: "function", arguments: "{}" }),
  );
  assert.deepEqual(callsOf(write(unsigned, "google/gemini-3-pro").body), [
    { ...named, extra_content: { google: { thought_signature: "skip_thought_signature_validator" } } },
    { ...named, id: "b" },
  ]);
  const body = {
    model: "m",
    messages: [{ role: "assistant", content: null, tool_calls: [{ ...named, extra_content: inside }] }],
  };
  const read = readRequest(body, {});
  assert.deepEqual(read.messages[0]?.parts, [call({ kind: "function", arguments: "{}", state })]);
  assert.deepEqual(written(read).body["messages"], body.messages);
});
