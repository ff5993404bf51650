import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isObject, type JsonObject } from "../core/json.ts";
import type { Part, ToolCallPart } from "../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../core/request.ts";
import { loggedMessages, loggedSystem } from "../record/content.ts";
import { contentOf } from "../record/content-policy.ts";
import { loggedTrace } from "../record/telemetry/logged-trace.ts";
import { loggedRequest } from "./logged-request.ts";

/** What the log has of a request, as it is read back from a file. */
function recordOf(request: ChatRequest, policy: "full" | "none" = "full", more: object = {}): JsonObject {
  const content = contentOf(policy);
  const { model, stream, dialect } = request;
  const messages = loggedMessages(request, content);
  const event = { type: "complete", requested_model: model, client: dialect, stream, messages };
  const read: unknown = JSON.parse(JSON.stringify({ ...event, ...loggedSystem(request, content), ...more }));
  ok(isObject(read));
  return read;
}

function withMessages(...messages: Message[]): ChatRequest {
  return { ...emptyRequest("anthropic", "m"), messages };
}

const textPart = fc.string().map((text): Part => ({ type: "text", text }));
const call = (args: string): ToolCallPart => ({
  type: "tool-call",
  id: "",
  name: "",
  arguments: args,
  kind: "function",
});
const callPart = fc
  .record({ id: fc.string(), name: fc.string(), args: fc.oneof(fc.json({ maxDepth: 3 }), fc.string()) })
  .map(({ id, name, args }): Part => ({ ...call(args), id, name }));
const resultPart = fc
  .record({ callId: fc.string(), text: fc.string(), isError: fc.boolean() })
  .map(
    ({ callId, text, isError }): Part => ({ type: "tool-result", callId, parts: [{ type: "text", text }], isError }),
  );
const urlPart = fc
  .webUrl()
  .chain((url) => fc.constantFrom("image", "document").map((type): Part => ({ type, source: { kind: "url", url } })));
const thoughtPart = fc.string({ minLength: 1 }).map((text): Part => ({ type: "reasoning", text }));

const messages = fc.array(
  fc.oneof(
    fc.array(fc.oneof(textPart, urlPart)).map((parts): Message => ({ role: "user", parts })),
    fc.array(fc.oneof(textPart, callPart, thoughtPart)).map((parts): Message => ({ role: "assistant", parts })),
    fc.array(resultPart).map((parts): Message => ({ role: "tool", parts })),
    fc.array(textPart).map((parts): Message => ({ role: "system", parts })),
  ),
);

const whats = (record: JsonObject) =>
  loggedRequest(record).missing.map(({ what, at }) => (at ? `${what} ${at}` : what));

describe("requests read from their record", () => {
  test("law: what is recorded comes back, and would be recorded the same again", () => {
    fc.assert(
      fc.property(messages, fc.string({ minLength: 1 }), (list, text) => {
        const request = { ...withMessages(...list), system: [{ type: "text", text } as const] };
        const record = recordOf(request);
        const { request: read, missing } = loggedRequest(record);
        deepEqual(recordOf(read), record);
        ok(missing.every(({ essential }) => !essential));
      }),
      { numRuns: 60, examples: [[[{ role: "assistant", parts: [call('"0"')] }], "system"]] },
    );
  });

  test("tools and parameters are always told to be missing; where a trace has the parameters they come back", () => {
    const request = {
      ...withMessages({ role: "user", parts: [{ type: "text", text: "hi" }] }),
      maxOutputTokens: 7,
      sampling: {
        temperature: 0,
        topP: 0.5,
        topK: 4,
        seed: 3,
        n: 2,
        stop: ["end"],
        presencePenalty: 1,
        frequencyPenalty: 2,
      },
    };
    deepEqual(whats(recordOf(request)), ["parameters", "tools"]);
    const context = { traceId: "t", spanId: "s", parentSpanId: undefined, state: undefined, flags: 1, sampled: true };
    const trace = loggedTrace(context, request, contentOf("full"));
    const record = recordOf(request, "full", { trace });
    deepEqual(whats(record), ["tools"]);
    const { sampling, maxOutputTokens } = loggedRequest(record).request;
    deepEqual({ sampling, maxOutputTokens }, { sampling: request.sampling, maxOutputTokens: 7 });
    deepEqual(whats(recordOf(request, "full", { trace: { ...trace, sampled: false } })), ["parameters", "tools"]);
  });

  test("content that is not recorded: each text is named, with its length", () => {
    const request = {
      ...withMessages(
        { role: "user", parts: [{ type: "text", text: "secret" }] },
        {
          role: "assistant",
          parts: [{ type: "tool-call", id: "1", name: "f", arguments: '{"a":1}', kind: "function" }],
        },
        {
          role: "tool",
          parts: [{ type: "tool-result", callId: "1", parts: [{ type: "text", text: "r" }], isError: false }],
        },
      ),
      system: [{ type: "text", text: "be brief" } as const],
    };
    const record = recordOf(request, "none");
    const { missing } = loggedRequest(record);
    const essential = missing.filter((one) => one.essential);
    deepEqual(
      essential.map(({ at }) => at),
      ["system", "messages[0].content[0]", "messages[1].content[0]", "messages[2].content[0]"],
    );
    equal(essential[0]?.text, 'its 8 characters are not recorded ([logging] content = "none")');
    ok(!JSON.stringify(loggedRequest(record)).includes("secret"));
  });

  test("media, files and blocks of one API are named; what stands beside them comes back", () => {
    const source = { kind: "base64", mediaType: "image/png", data: "aGVsbG8=" } as const;
    const request = withMessages({
      role: "user",
      parts: [
        { type: "image", source },
        { type: "document", source: { kind: "text", text: "long" } },
        { type: "image", source: { kind: "file", dialect: "anthropic", id: "file_1" } },
        { type: "audio", data: "AAAA", format: "wav" },
        { type: "opaque", dialect: "anthropic", what: "server_tool_use", value: {} },
        { type: "text", text: "what is that?" },
      ],
    });
    const { request: read, missing } = loggedRequest(recordOf(request));
    deepEqual(read.messages, [{ role: "user", parts: [{ type: "text", text: "what is that?" }] }]);
    deepEqual(
      missing.filter(({ essential }) => essential).map(({ at, text }) => `${at} ${text}`),
      [
        "messages[0].content[0] image (8 characters of base64): its data is not recorded",
        "messages[0].content[1] document: its data is not recorded",
        "messages[0].content[2] image: a file kept at a provider",
        "messages[0].content[3] audio (4 characters of base64): its data is not recorded",
        "messages[0].content[4] server_tool_use: only its own API knows what that is, and it is not recorded",
      ],
    );
  });

  test("a record without messages is told to be one", () => {
    for (const messages of [null, undefined, "many"])
      ok(whats({ requested_model: "m", ...(messages !== undefined && { messages }) }).includes("content messages"));
  });

  test("a text that was too long to be looked through for secrets is told to be cut", () => {
    const parts: Part[] = [{ type: "text", text: "begin[12 characters not recorded]" }];
    deepEqual(whats(recordOf(withMessages({ role: "user", parts }))).at(-1), "content messages[0].content[0]");
  });

  test("records of before: text in place of parts, results of tools in a user's message, anything at all", () => {
    const record = {
      requested_model: "m",
      messages: [
        { role: "user", content: "hi" },
        {
          role: "user",
          content: [
            { type: "text", text: "and" },
            { type: "tool_result", tool_use_id: "1", content: "r" },
          ],
        },
        { role: "who", content: [7, null, { type: "text" }] },
        null,
      ],
    };
    const { request } = loggedRequest(record);
    deepEqual(
      request.messages.map(({ role, parts }) => [role, parts.map(({ type }) => type)]),
      [
        ["user", ["text"]],
        ["tool", ["tool-result"]],
        ["user", ["text"]],
        ["user", ["text"]],
      ],
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("messages", "system", "client", "trace", "stream"), fc.jsonValue()),
        (odd) => {
          loggedRequest(JSON.parse(JSON.stringify(odd)));
        },
      ),
      { numRuns: 40 },
    );
  });
});
