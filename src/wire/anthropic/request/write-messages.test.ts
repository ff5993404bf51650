import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { asArray, asString, type Json, objectsOf } from "../../../core/json.ts";
import { Losses } from "../../../core/loss.ts";
import type { Dialect, Part } from "../../../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../../../core/request.ts";
import { anthropicSupport } from "../support.ts";
import { writeRequest } from "./write-request.ts";

const HAIKU = "claude-haiku-4-5";

function write(messages: Message[], model = HAIKU, dialect: Dialect = "openai", fields: Partial<ChatRequest> = {}) {
  const losses = new Losses(anthropicSupport);
  const request = { ...emptyRequest(dialect, "asked"), messages, ...fields };
  const body = writeRequest(request, { model, quirks: {} }, losses);
  const list = losses.list.map(
    (loss) => `${loss.field}: ${loss.treatment}${loss.class === "reject" ? " (reject)" : ""}`,
  );
  return { turns: asArray(body["messages"]) ?? [], losses: list, body };
}

const text = (value: string): Part => ({ type: "text", text: value });
const user = (...parts: Part[]): Message => ({ role: "user", parts });
const assistant = (...parts: Part[]): Message => ({ role: "assistant", parts });
const call = (id: string, args = "{}"): Part => ({
  type: "tool-call",
  id,
  name: "f",
  arguments: args,
  kind: "function",
});
const result = (callId: string, ...parts: Part[]): Message => ({
  role: "tool",
  parts: [{ type: "tool-result", callId, parts, isError: false }],
});

test("results of parallel calls and what the user adds are one turn, results first and in the order of the calls", () => {
  const { turns, losses } = write([
    user(text("go")),
    assistant(text("ok"), call("a"), call("b")),
    result("b", text("2")),
    result("a", text("1")),
    user(text("and then?")),
    user(text("")),
  ]);
  assert.deepEqual(losses, []);
  assert.deepEqual(turns.slice(1), [
    {
      role: "assistant",
      content: [
        { type: "text", text: "ok" },
        { type: "tool_use", id: "a", name: "f", input: {} },
        { type: "tool_use", id: "b", name: "f", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: "1" },
        { type: "tool_result", tool_use_id: "b", content: "2" },
        { type: "text", text: "and then?" },
      ],
    },
  ]);
});

test("results come first even where the user spoke before them", () => {
  const { turns } = write([user(text("go")), assistant(call("a")), user(text("and")), result("a", text("1"))]);
  assert.deepEqual(turns.at(-1), {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "a", content: "1" },
      { type: "text", text: "and" },
    ],
  });
});

test("a note between a call and its result does not part them", () => {
  const { turns } = write([
    user(text("go")),
    assistant(call("a")),
    { role: "system", parts: [text("be quick")] },
    result("a", text("1")),
  ]);
  assert.deepEqual(turns.at(-1), {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "a", content: "1" },
      { type: "text", text: "<system-reminder>\nbe quick\n</system-reminder>" },
    ],
  });
});

test("calls without results and results without calls are repaired, and told", () => {
  const { turns, losses } = write([
    user(text("go")),
    assistant(call("a")),
    user(text("stop")),
    result("gone", text("late")),
  ]);
  assert.deepEqual(turns.at(-1), {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "a", content: "(no result)" },
      { type: "text", text: "stop" },
      { type: "text", text: "late" },
    ],
  });
  assert.equal(losses.length, 2);
});

test("a conversation that starts with the assistant, or is empty, gets a user turn", () => {
  const first = { role: "user", content: [{ type: "text", text: "." }] };
  assert.deepEqual(write([assistant(text("hello")), user(text("hi"))]).turns[0], first);
  assert.deepEqual(write([]).turns, [first]);
  assert.deepEqual(write([user(text(""))]).losses, ["messages: user turn inserted before the first"]);
});

test("prefill is trimmed for models that take it, and replaced by an instruction for the others", () => {
  const messages = [user(text("go")), assistant(text(" The answer is  \n"))];
  const old = write(messages);
  assert.deepEqual(old.turns.at(-1), { role: "assistant", content: [{ type: "text", text: " The answer is" }] });
  assert.deepEqual(old.losses, []);
  for (const model of ["claude-opus-4-6", "claude-sonnet-5-5", "claude-haiku-5-5"]) {
    const fresh = write(messages, model);
    assert.match(JSON.stringify(fresh.turns.at(-1)), /^\{"role":"user".*Continue/, model);
    assert.deepEqual(fresh.losses, ["messages: prefill of the answer replaced by an instruction to continue"]);
  }
  assert.equal(write([user(text("go")), assistant(text("  "))]).turns.length, 1);
});

test("a system message in mid-conversation keeps its role and keys where the model takes it", () => {
  const system: Message = { role: "system", parts: [text("note")], extra: { output_config: { effort: "low" } } };
  const kept = { role: "system", content: [{ type: "text", text: "note" }], output_config: { effort: "low" } };
  assert.deepEqual(write([user(text("a")), system], "claude-opus-4-8", "anthropic").turns[1], kept);
  assert.deepEqual(write([user(text("a")), system], "my-local-model", "anthropic").turns[1], kept);
  const moved = write([user(text("a")), system], HAIKU, "anthropic");
  assert.deepEqual(moved.turns, [
    {
      role: "user",
      content: [text("a"), text("<system-reminder>\nnote\n</system-reminder>")],
    },
  ]);
  assert.deepEqual(moved.losses, ["messages[1]: system message sent as a <system-reminder> of the user"]);
});

test("signed thinking goes back byte for byte, foreign and unsigned thinking does not go at all", () => {
  const { turns, losses } = write(
    [
      user(text("a")),
      assistant(
        { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "signature", value: "EqQBCkYI+/==" } },
        { type: "reasoning", text: "", state: { dialect: "anthropic", kind: "redacted", value: "R+/=" } },
        { type: "reasoning", text: "mine" },
        { type: "reasoning", text: "s", state: { dialect: "openai-responses", kind: "encrypted", value: "x" } },
        call("a"),
      ),
      result("a"),
    ],
    HAIKU,
    "anthropic",
  );
  assert.deepEqual(turns[1], {
    role: "assistant",
    content: [
      { type: "thinking", thinking: "", signature: "EqQBCkYI+/==" },
      { type: "redacted_thinking", data: "R+/=" },
      { type: "tool_use", id: "a", name: "f", input: {} },
    ],
  });
  assert.deepEqual(turns[2], { role: "user", content: [{ type: "tool_result", tool_use_id: "a" }] });
  assert.deepEqual(losses, ["messages[1].content[2]: dropped", "messages[1].content[3]: dropped"]);
});

test("arguments keep their key order; broken ones are repaired or kept, and told", () => {
  const calls = ["", '{"z":1,"a":{"y":2,"b":3}}', '{"a": 1,', "[1]"].map((args, n) => call(`c${n}`, args));
  const { turns, losses } = write([user(text("a")), assistant(...calls)]);
  const inputs = objectsOf(asArray(Object(turns[1])["content"])).map((block) => JSON.stringify(block["input"]));
  assert.deepEqual(inputs, ["{}", '{"z":1,"a":{"y":2,"b":3}}', '{"a":1}', '{"_raw":"[1]"}']);
  assert.deepEqual(
    losses.filter((loss) => loss.includes("arguments")),
    [
      "messages[1].content[2].arguments: invalid JSON repaired",
      "messages[1].content[3].arguments: not a JSON object: sent as _raw",
    ],
  );
});

test("the free text of a custom call is its one input", () => {
  const custom: Part = { type: "tool-call", id: "p", name: "apply_patch", arguments: '*** "x"\n', kind: "custom" };
  const { turns } = write([user(text("a")), assistant(custom), result("p", text("ok"))]);
  assert.match(JSON.stringify(turns[1]), /"input":\{"input":"\*\*\* \\"x\\"\\n"\}/);
});

test("any tool id becomes a legal one, the same for call and result, distinct for distinct ids", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 4 }), (ids) => {
      const { turns, losses } = write([
        user(text("a")),
        assistant(...ids.map((id) => call(id))),
        ...ids.map((id) => result(id, text("r"))),
      ]);
      const blocks = (turn: Json | undefined, key: string): unknown[] =>
        objectsOf(asArray(Object(turn)["content"])).map((block) => asString(block[key]));
      const calls = blocks(turns[1], "id");
      for (const id of calls) assert.match(String(id), /^[a-zA-Z0-9_-]{1,128}$/);
      assert.deepEqual(blocks(turns[2], "tool_use_id"), calls);
      assert.equal(new Set(calls).size, ids.length);
      assert.deepEqual(losses, []);
    }),
  );
});

test("no empty text block leaves, and no lone surrogate", () => {
  const { turns } = write([
    user({ type: "text", text: "", cache: {} }, text("a\ud83d")),
    assistant(call("a")),
    result("a", text(""), text("b"), { type: "image", source: { kind: "url", url: "https://x.example/a.png" } }),
  ]);
  assert.doesNotMatch(JSON.stringify(turns), /"text":""|\\ud83d/);
  assert.match(JSON.stringify(turns[2]), /"content":\[\{"type":"text","text":"b"\},\{"type":"image"/);
});

test("images are labelled by their bytes; what cannot be carried is refused", () => {
  const jpeg = "/9j/4AAQSkZJRgABAQAAAQABAAD=";
  const { turns, losses } = write([
    user(
      { type: "image", source: { kind: "base64", mediaType: "image/png", data: jpeg }, detail: "high" },
      { type: "image", source: { kind: "file", dialect: "openai", id: "file-1" } },
      { type: "audio", data: "AAAA", format: "wav" },
      {
        type: "document",
        source: { kind: "base64", mediaType: "text/csv", data: Buffer.from("a,b").toString("base64") },
      },
      { type: "document", source: { kind: "base64", mediaType: "application/zip", data: "UEsDBA==" } },
      { type: "refusal", text: "No." },
      { type: "opaque", dialect: "openai-responses", what: "web_search_call", value: {} },
      { type: "image", source: { kind: "base64", mediaType: "image/tiff", data: "SUkqAA==" } },
    ),
  ]);
  assert.deepEqual(turns, [
    {
      role: "user",
      content: [
        { type: "image", source: { type: "base64", media_type: "image/jpeg", data: jpeg } },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "a,b" } },
        { type: "text", text: "No." },
      ],
    },
  ]);
  assert.deepEqual(losses, [
    "messages[0].content[0].detail: dropped",
    "messages[0].content[1]: a file kept at another provider: send its bytes (reject)",
    "messages[0].content[2]: audio (reject)",
    "messages[0].content[4]: no document type for application/zip (reject)",
    "messages[0].content[6] (web_search_call): dropped",
    "messages[0].content[7]: no image type for image/tiff (reject)",
  ]);
});
