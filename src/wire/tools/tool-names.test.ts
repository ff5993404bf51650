import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyRequest } from "../../core/request.ts";
import { legalToolNames, PLAIN_TOOL_NAMES } from "./tool-names.ts";

const odd = "fs.read:file";

test("illegal names are changed alike in tools, choice, calls and results, and can be named back", () => {
  const { request, renamed } = legalToolNames(
    {
      ...emptyRequest("ollama", "m"),
      tools: [
        { kind: "function", name: odd },
        { kind: "function", name: "plain" },
      ],
      toolChoice: { mode: "allowed", names: [odd, "plain"], required: false },
      messages: [
        { role: "assistant", parts: [{ type: "tool-call", id: "1", name: odd, arguments: "{}", kind: "function" }] },
        { role: "tool", parts: [{ type: "tool-result", callId: "1", name: odd, parts: [], isError: false }] },
      ],
    },
    PLAIN_TOOL_NAMES,
  );
  const [[sent, known] = []] = [...renamed];
  assert.equal(known, odd);
  assert.match(String(sent), /^[\w-]{1,64}$/);
  assert.equal(JSON.stringify(request).split(JSON.stringify(sent)).length - 1, 4);
  assert.ok(!JSON.stringify(request).includes(odd));
});

test("a call of a tool that is no longer declared is named alike, with its result", () => {
  const { request, renamed } = legalToolNames(
    {
      ...emptyRequest("openai", "m"),
      messages: [
        { role: "assistant", parts: [{ type: "tool-call", id: "1", name: odd, arguments: "{}", kind: "function" }] },
        { role: "tool", parts: [{ type: "tool-result", callId: "1", name: odd, parts: [], isError: false }] },
      ],
    },
    PLAIN_TOOL_NAMES,
  );
  assert.deepEqual([...renamed.values()], [odd]);
  assert.ok(!JSON.stringify(request).includes(odd));
});

test("a request with legal names is the same object", () => {
  const request = { ...emptyRequest("ollama", "m"), tools: [{ kind: "function" as const, name: "plain" }] };
  assert.equal(legalToolNames(request, PLAIN_TOOL_NAMES).request, request);
});
