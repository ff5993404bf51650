import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../core/json.ts";
import type { Part } from "../core/part.ts";
import { emptyRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import { reportedUsage } from "../core/usage.ts";
import { loggedMessages, loggedResponse, loggedSystem, previewOf } from "./content.ts";
import { type Content, contentOf } from "./content-policy.ts";

const FULL = contentOf("full");

const logged = (...parts: Part[]) => loggedAs(FULL, ...parts);

function loggedAs(content: Content, ...parts: Part[]): JsonObject[] | undefined {
  return loggedMessages({ ...emptyRequest("openai", "m"), messages: [{ role: "user", parts }] }, content)[0]?.content;
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
    deepEqual(loggedSystem(request, FULL), { system: null });
    const system: Part[] = [
      { type: "text", text: "be brief" },
      { type: "text", text: "be kind" },
    ];
    deepEqual(loggedSystem({ ...request, system }, FULL), { system: "be brief\n\nbe kind" });
  });

  test("roles and order stay", () => {
    const messages = loggedMessages(
      {
        ...emptyRequest("openai", "m"),
        messages: [
          { role: "system", parts: [{ type: "text", text: "s" }] },
          { role: "user", parts: [] },
          { role: "assistant", parts: [{ type: "text", text: "a" }] },
          { role: "tool", parts: [] },
        ],
      },
      FULL,
    );
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
    deepEqual(loggedResponse(response, ["tag"], FULL), {
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
      equal(loggedResponse({ ...response, finish: { reason } }, [], FULL).stop_reason, reasons[reason], reason);
  });

  test("no usage is zero", () => {
    const { usage: _, ...bare } = response;
    deepEqual(loggedResponse(bare, [], FULL).usage, { input_tokens: 0, output_tokens: 0 });
  });
});

describe("when content is not recorded", () => {
  const none = contentOf("none");
  const of = (part: Part) => loggedAs(none, part)?.[0];

  test("what it is and how long it is stays", () => {
    deepEqual(of({ type: "text", text: "hello" }), { type: "text", text_chars: 5 });
    deepEqual(of({ type: "reasoning", text: "hm" }), { type: "reasoning", text_chars: 2 });
    deepEqual(of({ type: "tool-call", id: "t1", name: "f", arguments: '{"a":1}', kind: "function" }), {
      type: "tool_use",
      id: "t1",
      name: "f",
      input: null,
      input_chars: 7,
    });
    const parts: Part[] = [{ type: "text", text: "found" }];
    deepEqual(of({ type: "tool-result", callId: "t1", parts, isError: true }), {
      type: "tool_result",
      tool_use_id: "t1",
      content_chars: 5,
      is_error: true,
    });
    deepEqual(of({ type: "image", source: { kind: "url", url: "https://a.test/b" } }), {
      type: "image",
      url_chars: 16,
    });
    deepEqual(of({ type: "image", source: base64 }), { type: "image", media_type: "image/png", base64_chars: 8 });
  });

  test("of an answer likewise", () => {
    const response: ChatResponse = {
      id: "r1",
      model: "m",
      parts: [
        { type: "text", text: "one" },
        { type: "tool-call", id: "t1", name: "f", arguments: "{}", kind: "function" },
      ],
      finish: { reason: "tool_calls" },
    };
    const { content, content_chars, tool_calls } = loggedResponse(response, [], none);
    deepEqual([content, content_chars], ["", 3]);
    deepEqual(tool_calls, [{ id: "t1", name: "f", arguments: null, arguments_chars: 2 }]);
  });

  test("of the system prompt its length, of a preview nothing", () => {
    const system: Part[] = [{ type: "text", text: "be brief" }];
    deepEqual(loggedSystem({ ...emptyRequest("openai", "m"), system }, none), { system: null, system_chars: 8 });
    deepEqual(loggedSystem(emptyRequest("openai", "m"), none), { system: null });
    equal(previewOf({ ...emptyRequest("openai", "m"), messages: [{ role: "user", parts: system }] }, none), null);
  });
});

describe("when secrets are masked", () => {
  const redacted = () => contentOf("redacted");
  const call = (args: string) =>
    loggedAs(redacted(), { type: "tool-call", id: "t1", name: "f", arguments: args, kind: "function" })?.[0]?.["input"];

  test("a preview has none of a secret that reaches beyond its end", () => {
    const text = `${"x".repeat(190)} sk-ant-api03-abcdefghijklmnopqrstuvwxyz`;
    const messages = [{ role: "user" as const, parts: [{ type: "text" as const, text }] }];
    equal(previewOf({ ...emptyRequest("openai", "m"), messages }, redacted()), `${"x".repeat(190)} [key]`);
  });

  test("arguments: in any depth, in names, by the name of the field, in numbers, and where they are no JSON", () => {
    deepEqual(call('{"a":[{"to":"jo@a.test"}],"n":4111111111111111,"k":7}'), {
      a: [{ to: "[email]" }],
      n: "[card]",
      k: 7,
    });
    deepEqual(call('{"jo@a.test":1,"password":"pw","api_key":1234,"token":{"kind":"x"},"max_tokens":9}'), {
      "[email]": 1,
      password: "[secret]",
      api_key: "[secret]",
      token: { kind: "x" },
      max_tokens: 9,
    });
    equal(call("mail jo@a.test"), "mail [email]");
    equal(JSON.stringify(call('{"__proto__":{"a":"jo@a.test"}}')), '{"__proto__":{"a":"[email]"}}');
  });

  test("arguments nested deeper than JSON.stringify can go stay text", () => {
    const deep = `${"[".repeat(100_000)}"jo@a.test"${"]".repeat(100_000)}`;
    ok(String(call(deep)).includes("[email]"));
  });

  test("an event has so much text at most: what is behind it is not looked at, and not recorded", () => {
    const content = redacted();
    const text = `${"word ".repeat(300_000)}jo@a.test`;
    ok(content.text(text)?.endsWith("[451433 characters not recorded]"));
    equal(content.text("more"), "[4 characters not recorded]");
  });
});
