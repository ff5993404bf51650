import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Losses } from "../../core/loss.ts";
import type { Part } from "../../core/part.ts";
import type { Message } from "../../core/request.ts";
import { support } from "../openai/support.ts";
import { pairTools } from "./pair-tools.ts";

const text = (value: string): Part => ({ type: "text", text: value });
const call = (id: string): Part => ({ type: "tool-call", id, name: `f${id}`, arguments: "{}", kind: "function" });
const result = (callId: string, value = `r${callId}`): Part => ({
  type: "tool-result",
  callId,
  parts: [text(value)],
  isError: false,
});
const says = (...parts: Part[]): Message => ({ role: "assistant", parts });
const tool = (...parts: Part[]): Message => ({ role: "tool", parts });
const user = (...parts: Part[]): Message => ({ role: "user", parts });

function pair(...messages: Message[]) {
  const losses = new Losses(support);
  return { messages: pairTools(messages, losses), losses: losses.list.map(({ treatment }) => treatment) };
}

test("a history that is in order stays the same object, results in any order", () => {
  const messages = [user(text("a")), says(text("b"), call("1"), call("2")), tool(result("2"), result("1")), says()];
  assert.equal(pairTools(messages, new Losses(support)), messages);
});

test("a call without a result gets one, a result without a call is what the user says", () => {
  const { messages, losses } = pair(says(call("1"), call("2")), tool(result("1"), result("9")), user(text("x")));
  assert.deepEqual(messages, [
    says(call("1"), call("2")),
    tool(result("1"), { ...result("2", "(no result)"), name: "f2" } as Part),
    user(text("r9")),
    user(text("x")),
  ]);
  assert.deepEqual(losses, [
    'tool call 2 has no result: sent as "(no result)"',
    "result of unknown tool call 9 sent as user content",
  ]);
});

test("a call at the very end, interrupted", () => {
  const { messages } = pair(user(text("a")), says(call("1")));
  assert.equal(messages.at(-1)?.role, "tool");
});

test("results that come later are moved up behind their calls, without a loss", () => {
  const { messages, losses } = pair(
    says(call("1")),
    says(call("2")),
    { role: "system", parts: [text("s")] },
    tool(result("1"), result("2")),
  );
  assert.deepEqual(messages, [
    says(call("1")),
    tool(result("1")),
    says(call("2")),
    tool(result("2")),
    { role: "system", parts: [text("s")] },
  ]);
  assert.deepEqual(losses, []);
});

test("a second result for one call", () => {
  const { messages } = pair(says(call("1")), tool(result("1", "a"), result("1", "b")));
  assert.deepEqual(messages, [says(call("1")), tool(result("1", "a")), user(text("b"))]);
});

test("one id used by two turns", () => {
  const before = [says(call("1")), tool(result("1", "a")), says(call("1")), tool(result("1", "b"))];
  assert.deepEqual(pair(...before, says(call("2"))).messages.slice(0, 4), before);
});

test("whatever the history, each call is answered directly, by its own result, and nothing is lost", () => {
  const part = fc.constantFrom("1", "2", "3");
  const history = fc.array(
    fc.oneof(
      fc.uniqueArray(part, { maxLength: 3 }).map((ids) => says(...ids.map(call))),
      fc.uniqueArray(part, { minLength: 1, maxLength: 3 }).map((ids) => tool(...ids.map((id) => result(id)))),
      fc.constant(user(text("u"))),
    ),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(history, (messages) => {
      const paired = pairTools(messages, new Losses(support));
      paired.forEach((entry, at) => {
        const ids = (wanted: Message | undefined, type: Part["type"]) =>
          (wanted?.parts ?? []).flatMap((one) =>
            one.type !== type
              ? []
              : one.type === "tool-call"
                ? [one.id]
                : one.type === "tool-result"
                  ? [one.callId]
                  : [],
          );
        const calls = ids(entry, "tool-call");
        const next = paired[at + 1];
        if (calls.length > 0) assert.deepEqual(ids(next, "tool-result").sort(), calls.sort());
        if (entry.role === "tool") assert.ok(ids(paired[at - 1], "tool-call").length > 0);
      });
      const texts = (list: Message[]) => JSON.stringify(list).match(/"r\d"/g)?.length ?? 0;
      assert.equal(texts(paired), texts(messages));
    }),
  );
});
