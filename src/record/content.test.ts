import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../core/json.ts";
import type { Part } from "../core/part.ts";
import { emptyRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import { reportedUsage } from "../core/usage.ts";
import { loggedMessages, loggedResponse, loggedSystem } from "./content.ts";

function logged(...parts: Part[]): JsonObject[] | undefined {
  return loggedMessages({ ...emptyRequest("openai", "m"), messages: [{ role: "user", parts }] })[0]?.content;
}

const base64 = { kind: "base64", mediaType: "image/png", data: "aGVsbG8=" } as const;

/** Every kind of part, and what the log makes of it. */
const PARTS: [string, Part, JsonObject[]][] = [
  ["text", { type: "text", text: "hi", cache: {} }, [{ type: "text", text: "hi" }]],
  ["refusal", { type: "refusal", text: "no" }, [{ type: "text", text: "no" }]],
  ["image data", { type: "image", source: base64 }, [{ type: "image", media_type: "image/png", base64_chars: 8 }]],
  [
    "image address",
    { type: "image", source: { kind: "url", url: "https://a.test/b.png" } },
    [{ type: "image", url: "https://a.test/b.png" }],
  ],
  [
    "image file",
    { type: "image", source: { kind: "file", dialect: "anthropic", id: "file_1" } },
    [{ type: "image", file_id: "file_1" }],
  ],
  ["document text", { type: "document", source: { kind: "text", text: "long" } }, [{ type: "document" }]],
  [
    "document data",
    { type: "document", source: { ...base64, mediaType: "application/pdf" } },
    [{ type: "document", media_type: "application/pdf", base64_chars: 8 }],
  ],
  ["audio", { type: "audio", data: "AAAA", format: "wav" }, [{ type: "audio", format: "wav", base64_chars: 4 }]],
  [
    "tool call",
    { type: "tool-call", id: "t1", name: "f", arguments: '{"a":[1]}', kind: "function" },
    [{ type: "tool_use", id: "t1", name: "f", input: { a: [1] } }],
  ],
  [
    "tool call whose arguments are no JSON",
    { type: "tool-call", id: "t1", name: "f", arguments: '{"a":', kind: "function" },
    [{ type: "tool_use", id: "t1", name: "f", input: '{"a":' }],
  ],
  [
    "tool call with nothing",
    { type: "tool-call", id: "t1", name: "f", arguments: "", kind: "function" },
    [{ type: "tool_use", id: "t1", name: "f", input: "" }],
  ],
  [
    "tool result",
    {
      type: "tool-result",
      callId: "t1",
      parts: [
        { type: "text", text: "a" },
        { type: "image", source: base64 },
        { type: "text", text: "b" },
      ],
      isError: false,
    },
    [{ type: "tool_result", tool_use_id: "t1", content: "a\nb" }],
  ],
  [
    "tool result, failed",
    { type: "tool-result", callId: "t1", parts: [], isError: true },
    [{ type: "tool_result", tool_use_id: "t1", content: "", is_error: true }],
  ],
  ["reasoning", { type: "reasoning", text: "hm" }, [{ type: "reasoning", text: "hm" }]],
  ["reasoning without text", { type: "reasoning", text: "" }, []],
  [
    "opaque",
    { type: "opaque", dialect: "anthropic", what: "server_tool_use", value: { secret: 1 } },
    [{ type: "server_tool_use" }],
  ],
];

describe("requests", () => {
  for (const [name, part, expected] of PARTS) test(name, () => deepEqual(logged(part), expected));

  test("image data never gets in", () => {
    const text = JSON.stringify(PARTS.map(([, part]) => logged(part)));
    ok(!text.includes("aGVsbG8="));
  });

  test("arguments nested deeper than JSON.stringify can go stay text", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const content = logged({ type: "tool-call", id: "t", name: "f", arguments: deep, kind: "function" });
    equal(content?.[0]?.["input"], deep);
    ok(JSON.stringify(content).length > deep.length);
  });

  test("system: text parts joined, null when there is none", () => {
    const request = emptyRequest("openai", "m");
    equal(loggedSystem(request), null);
    const system: Part[] = [
      { type: "text", text: "be brief" },
      { type: "text", text: "be kind" },
    ];
    equal(loggedSystem({ ...request, system }), "be brief\n\nbe kind");
  });

  test("roles and order stay", () => {
    const messages = loggedMessages({
      ...emptyRequest("openai", "m"),
      messages: [
        { role: "system", parts: [{ type: "text", text: "s" }] },
        { role: "user", parts: [] },
        { role: "assistant", parts: [{ type: "text", text: "a" }] },
        { role: "tool", parts: [] },
      ],
    });
    deepEqual(
      messages.map(({ role, content }) => [role, content.length]),
      [
        ["system", 1],
        ["user", 0],
        ["assistant", 1],
        ["tool", 0],
      ],
    );
  });
});

describe("responses", () => {
  const response: ChatResponse = {
    id: "r1",
    model: "m",
    parts: [
      { type: "reasoning", text: "hidden" },
      { type: "text", text: "one " },
      { type: "tool-call", id: "t1", name: "f", arguments: '{"a":1}', kind: "function" },
      { type: "tool-call", id: "t2", name: "g", arguments: "free text", kind: "custom" },
      { type: "refusal", text: "two" },
    ],
    finish: { reason: "tool_calls" },
    usage: reportedUsage({ input: 21, output: 9 }),
  };

  test("the shape 0.7.0's readers know", () => {
    deepEqual(loggedResponse(response, ["tag"]), {
      id: "r1",
      model: "m",
      content: "one two",
      stop_reason: "tool_use",
      tool_calls: [
        { id: "t1", name: "f", arguments: { a: 1 } },
        { id: "t2", name: "g", arguments: "free text" },
      ],
      usage: { input_tokens: 21, output_tokens: 9 },
      tags: ["tag"],
    });
  });

  test("stop reasons are the four 0.7.0 had", () => {
    const reasons = {
      stop: "end_turn",
      stop_sequence: "end_turn",
      length: "max_tokens",
      context: "max_tokens",
      tool_calls: "tool_use",
      refusal: "other",
      pause: "other",
      other: "other",
    } as const;
    for (const reason of [
      "stop",
      "stop_sequence",
      "length",
      "context",
      "tool_calls",
      "refusal",
      "pause",
      "other",
    ] as const)
      equal(loggedResponse({ ...response, finish: { reason } }, []).stop_reason, reasons[reason], reason);
  });

  test("no usage is zero", () => {
    const { usage: _, ...bare } = response;
    deepEqual(loggedResponse(bare, []).usage, { input_tokens: 0, output_tokens: 0 });
  });
});
