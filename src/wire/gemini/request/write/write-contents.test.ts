import { deepEqual, equal, match } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Json, JsonObject } from "../../../../core/json.ts";
import type { OpaqueState, Part, ToolCallPart, ToolResultPart } from "../../../../core/part.ts";
import type { ChatRequest, Message } from "../../../../core/request.ts";
import { NO_SIGNATURE } from "../../thought-signature.ts";
import { USER, written } from "../testing.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const OWN: OpaqueState = { dialect: "gemini", kind: "signature", value: "c2ln" };
const FOREIGN: OpaqueState = { dialect: "anthropic", kind: "signature", value: "Zm9yZWlnbg==" };

const text = (value: string): Part => ({ type: "text", text: value });
const call = (id: string, more: Partial<ToolCallPart> = {}): ToolCallPart => ({
  type: "tool-call",
  id,
  name: "look",
  arguments: '{"b":1,"a":2}',
  kind: "function",
  ...more,
});
const result = (callId: string, parts: Part[], isError = false): ToolResultPart => ({
  type: "tool-result",
  callId,
  parts,
  isError,
});
const says = (...parts: Part[]): Message => ({ role: "assistant", parts });
const tells = (...parts: Part[]): Message => ({ role: "tool", parts });

function contents(messages: Message[], model?: string, more: Partial<ChatRequest> = {}): Json {
  return written({ ...more, messages }, model).body["contents"] ?? null;
}

describe("Gemini: roles and turns", () => {
  test("assistant is model, neighbours of one role become one turn, empty text goes", () => {
    const messages = [USER, { ...USER, parts: [text(""), text("again")] }, says(text("")), USER];
    deepEqual(contents(messages), [{ role: "user", parts: [{ text: "hi" }, { text: "again" }, { text: "hi" }] }]);
    deepEqual(contents([USER, says(text("yes")), USER]), [
      { role: "user", parts: [{ text: "hi" }] },
      { role: "model", parts: [{ text: "yes" }] },
      { role: "user", parts: [{ text: "hi" }] },
    ]);
  });

  test("system parts are the system instruction; a later system message is a reminder of the user's", () => {
    const { body, losses } = written({
      system: [text("be kind"), text("be brief")],
      messages: [USER, says(text("yes")), { role: "system", parts: [text("be loud")] }],
    });
    deepEqual(body["systemInstruction"], { parts: [{ text: "be kind" }, { text: "be brief" }] });
    const last = { role: "user", parts: [{ text: "<system-reminder>\nbe loud\n</system-reminder>" }] };
    deepEqual(Array.isArray(body["contents"]) && body["contents"].at(-1), last);
    deepEqual(losses, ["messages[2]=system message sent as a <system-reminder> of the user"]);
  });

  test("Gemma has no system instruction", () => {
    const { body, losses } = written({ system: [text("be kind")] }, "gemma-3-27b-it");
    equal(body["systemInstruction"], undefined);
    deepEqual(body["contents"], [{ role: "user", parts: [{ text: "be kind" }, { text: "hi" }] }]);
    deepEqual(losses, ["system=sent as text of the user"]);
  });

  test("the user opens and closes the conversation", () => {
    const { body, losses } = written({ messages: [says(text("I begin")), USER, says(text("and I end"))] });
    const roles = JSON.stringify(body["contents"]).match(/"role":"\w+"/g);
    deepEqual(roles?.join(), '"role":"user","role":"model","role":"user","role":"model","role":"user"');
    deepEqual(losses, [
      "messages=user turn inserted before the first",
      "messages=prefill of the answer replaced by an instruction to continue",
    ]);
  });

  test("contents are the end of the body, and what was there before is a prefix of what is now", () => {
    const first = [USER, says(call("1")), tells(result("1", [text("a")]))];
    const bytes = (messages: Message[]) => JSON.stringify(written({ messages, maxOutputTokens: 9 }).body);
    const before = bytes(first);
    const kept = before.slice(0, before.lastIndexOf("]}"));
    equal(bytes([...first, says(text("done")), USER]).startsWith(kept), true);
  });
});

describe("Gemini: calls, results, signatures", () => {
  const step = [
    USER,
    says(call("1"), call("2", { name: "now" })),
    tells(result("2", [text("b")]), result("1", [text("a")])),
  ];

  test("results name their tool and stand in the order of their calls, keys in their own", () => {
    deepEqual(contents(step), [
      { role: "user", parts: [{ text: "hi" }] },
      {
        role: "model",
        parts: [
          { functionCall: { id: "1", name: "look", args: { b: 1, a: 2 } }, thoughtSignature: NO_SIGNATURE },
          { functionCall: { id: "2", name: "now", args: { b: 1, a: 2 } } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "1", name: "look", response: { result: "a" } } },
          { functionResponse: { id: "2", name: "now", response: { result: "b" } } },
        ],
      },
    ]);
  });

  test("models before Gemini 3 get neither ids nor the sentinel", () => {
    const sent = JSON.stringify(contents(step, "gemini-2.5-flash"));
    equal(/"id"|thoughtSignature/.test(sent), false, sent);
    match(sent, /"result":"a".*"result":"b"/);
  });

  test("Gemini's own signature goes back where it was; nobody else's ever does", () => {
    const signed = [USER, says(call("1", { state: OWN }), call("2")), tells(result("1", []), result("2", []))];
    const sent = JSON.stringify(contents(signed));
    deepEqual(sent.match(/"thoughtSignature":"[^"]*"/g), ['"thoughtSignature":"c2ln"']);
    const foreign = written({ messages: [USER, says(call("1", { state: FOREIGN })), tells(result("1", []))] });
    equal(JSON.stringify(foreign.body).includes(FOREIGN.value), false);
    match(JSON.stringify(foreign.body), new RegExp(NO_SIGNATURE));
    deepEqual(foreign.losses, ["messages[1].content[0]=dropped"]);
  });

  test("each step of a turn begins with a signed call, or the sentinel", () => {
    const steps = ["1", "2", "3"].flatMap((id) => [says(call(id)), tells(result(id, [text("r")]))]);
    equal(JSON.stringify(contents([USER, ...steps])).split(NO_SIGNATURE).length - 1, 3);
  });

  test("a signature without a call goes back on the text before it, or alone", () => {
    const state: Part = { type: "reasoning", text: "", state: OWN };
    const parts = (...said: Part[]) => JSON.stringify(contents([USER, says(...said), USER]));
    match(parts(text("yes"), state), /\{"text":"yes","thoughtSignature":"c2ln"\}/);
    match(parts(state, text("yes")), /\{"text":"","thoughtSignature":"c2ln"\},\{"text":"yes"\}/);
  });

  test("thoughts of others are left out, signed ones with a word", () => {
    const thoughts: Part[] = [
      { type: "reasoning", text: "hm", state: FOREIGN },
      { type: "reasoning", text: "hm" },
    ];
    const { body, losses, classes } = written({ messages: [USER, says(...thoughts, text("yes")), USER] });
    equal(JSON.stringify(body).includes("hm"), false);
    deepEqual(losses, ["messages[1].content[0]=dropped", "messages[1].content[1]=dropped"]);
    deepEqual(classes, ["report", "silent"]);
  });

  test("an error is told by its key", () => {
    const failed = contents([USER, says(call("1")), tells(result("1", [text("no")], true))]);
    match(JSON.stringify(failed), /"response":\{"error":"no"\}/);
  });

  test("an image is inside the result for Gemini 3, beside it for others", () => {
    const parts: Part[] = [
      text("see"),
      { type: "image", source: { kind: "base64", mediaType: "image/jpg", data: PNG } },
    ];
    const messages = [USER, says(call("1")), tells(result("1", parts))];
    const inlineData = { mimeType: "image/png", data: PNG };
    const last = (model: string): JsonObject[] => JSON.parse(JSON.stringify(contents(messages, model)))[2].parts;
    deepEqual(last("gemini-3-pro-preview")[0]?.["functionResponse"], {
      id: "1",
      name: "look",
      response: { result: "see" },
      parts: [{ inlineData }],
    });
    deepEqual(last("gemini-2.5-pro")[1], { inlineData });
  });

  test("arguments that are no object are repaired or kept whole, with a word", () => {
    const broken = [USER, says(call("1", { arguments: '{"a":1' }), call("2", { arguments: "2" }))];
    const { body, losses } = written({ messages: [...broken, tells(result("1", []), result("2", []))] });
    match(JSON.stringify(body), /"args":\{"a":1\}.*"args":\{"_raw":"2"\}/);
    equal(losses.length, 2);
  });

  test("a call nobody answered and an answer nobody asked for", () => {
    const { body, losses } = written({ messages: [USER, says(call("1")), USER, tells(result("9", [text("late")]))] });
    match(
      JSON.stringify(body),
      /"functionResponse":\{"id":"1","name":"look","response":\{"result":"\(no result\)"\}\}/,
    );
    match(JSON.stringify(body), /\{"text":"late"\}/);
    equal(losses.length, 2);
  });

  test("whatever the order of messages, the API's rules on turns hold", () => {
    const part = fc.oneof(
      fc.constantFrom("1", "2", "3").map((id) => call(id)),
      fc.constantFrom("", "x").map(text),
    );
    const message: fc.Arbitrary<Message> = fc.oneof(
      fc.array(part, { maxLength: 3 }).map((parts) => says(...parts.filter(once()))),
      fc.constantFrom("1", "2", "3").map((id) => tells(result(id, [text("r")]))),
      fc.constantFrom("", "x").map((said): Message => ({ role: "user", parts: [text(said)] })),
      fc.constant<Message>({ role: "system", parts: [text("s")] }),
    );
    fc.assert(fc.property(fc.array(message, { maxLength: 8 }), (messages) => expectLegal(contents(messages))));
  });
});

/** Keeps the first of calls with one id. */
function once(): (part: Part) => boolean {
  const seen = new Set<string>();
  return (part) => part.type !== "tool-call" || (!seen.has(part.id) && seen.add(part.id) !== undefined);
}

function expectLegal(value: Json): void {
  const turns: { role: string; parts: JsonObject[] }[] = JSON.parse(JSON.stringify(value));
  let calls = 0;
  turns.forEach((turn, at) => {
    equal(turn.role, at % 2 === 0 ? "user" : "model");
    equal(turn.parts.length > 0, true);
    equal(turn.parts.filter((part) => part["functionResponse"]).length, calls);
    equal(
      turn.parts.some((part) => part["text"] === ""),
      false,
    );
    const called = turn.parts.filter((part) => part["functionCall"]);
    if (called[0]) equal(called[0]["thoughtSignature"], NO_SIGNATURE);
    calls = called.length;
  });
  equal(turns.length % 2, 1);
  equal(calls, 0);
}

describe("Gemini: media", () => {
  const image = (source: Extract<Part, { type: "image" }>["source"]): Message => ({
    role: "user",
    parts: [{ type: "image", source }],
  });
  const url = (address: string) => image({ kind: "url", url: address });

  test("by URL: the type is told by its ending; models before 2.5 fetch only what is Google's", () => {
    const sent = (message: Message, model?: string) => JSON.stringify(contents([message], model));
    match(sent(url("https://x.test/a.webp?b=1")), /"mimeType":"image\/webp","fileUri":"https:\/\/x.test\/a.webp\?b=1"/);
    match(sent(url("https://x.test/a")), /"mimeType":"image\/jpeg"/);
    match(sent(url("gs://bucket/a.png"), "gemini-2.0-flash"), /"fileUri":"gs:/);
    for (const [address, model] of [
      ["https://x.test/a.png", "gemini-2.0-flash"],
      ["http://x.test/a.png", "gemini-3.8-flash"],
    ] as const)
      deepEqual(written({ messages: [url(address)] }, model).classes, ["reject"]);
  });

  test("files of its own by name, of others not at all", () => {
    const file = (dialect: "gemini" | "openai") => image({ kind: "file", dialect, id: "f" });
    match(JSON.stringify(contents([file("gemini")])), /"fileData":\{"fileUri":"f"\}/);
    deepEqual(written({ messages: [file("openai")] }).classes, ["reject"]);
  });

  test("documents and audio", () => {
    const pdf = Buffer.from("%PDF-1.4").toString("base64");
    const base64 = (mediaType: string, data: string) => ({ kind: "base64" as const, mediaType, data });
    const parts: Part[] = [
      { type: "document", title: "a.pdf", source: base64("application/octet-stream", pdf) },
      { type: "document", title: "b", context: "c", source: { kind: "text", text: "all" } },
      { type: "document", source: base64("text/csv", Buffer.from("1;2").toString("base64")) },
      { type: "audio", format: "wav", data: "UklGRg==" },
    ];
    deepEqual(contents([{ role: "user", parts }]), [
      {
        role: "user",
        parts: [
          { text: "a.pdf" },
          { inlineData: { mimeType: "application/pdf", data: pdf } },
          { text: "b\nc\nall" },
          { text: "1;2" },
          { inlineData: { mimeType: "audio/wav", data: "UklGRg==" } },
        ],
      },
    ]);
    const zip: Part = { type: "document", source: base64("application/zip", "UEsDBA==") };
    deepEqual(written({ messages: [{ role: "user", parts: [zip] }] }).classes, ["reject"]);
  });
});
