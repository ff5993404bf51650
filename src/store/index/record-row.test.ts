import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { randomRecord, seeded } from "../../../test/support/log-records.ts";
import type { CompleteEvent, LoggedMessage } from "../../record/events.ts";
import { jsonOf } from "../../record/record-json.ts";
import { rowOfBytes, rowOfRecord } from "./record-row.ts";

const LONG = "a long prompt, ".repeat(2_000);

const user = (...content: LoggedMessage["content"]) => ({ role: "user", content });
const text = (text: string) => ({ type: "text", text });
const CALL = {
  type: "tool_use",
  id: "call",
  name: "ask",
  input: { messages: [user(text("not said")), { role: "user" }] },
};

const CONVERSATIONS: Record<string, LoggedMessage[]> = {
  "none at all": [],
  "the latest is the user's": [user(text("first")), { role: "assistant", content: [text("yes")] }, user(text("last"))],
  "results of tools come after it": [
    user(text("")),
    user(text('asked "this", {and} [that]')),
    { role: "assistant", content: [CALL] },
    user({ type: "tool_result", tool_use_id: "call", content: LONG }),
    user({ type: "tool_result", tool_use_id: "call", content: '[{"role":"user","content":[]}]' }),
  ],
  "nothing of the user's": [{ role: "assistant", content: [text(LONG)] }],
  "what is not recorded": [user({ type: "text", text_chars: 30_000 })],
  "the only one": [user({ type: "image", base64_chars: 9 }, text("what is in it?"))],
};

for (const [name, messages] of Object.entries(CONVERSATIONS)) {
  test(`a long line has the row of its record: ${name}`, () => {
    const random = seeded(1);
    for (const system of [LONG, `${LONG}","messages":[],"response":{`, `${LONG}",`, "", null]) {
      const record = { ...randomRecord(random, 1_000), system, messages, trace_id: LONG, response: answer(['"', "}"]) };
      isRead(record);
      isRead({ ...record, response: null });
    }
  });
}

test("a long line has the row of its record, whatever its values have in them", () => {
  const record = { ...randomRecord(seeded(2), 1_000), system: LONG, response: answer([]) };
  const odd = { first: 1, system: "s", messages: [], response: { tags: ["inner"] } };
  isRead({ ...record, warnings: [{ warning: "plugin", message: "", details: odd }] });
  isRead({
    ...record,
    response: { ...answer(["outer"]), tool_calls: [{ id: "1", name: "n", arguments: [odd, odd] }] },
  });
});

test("a long line that was written in another order has the row of its record", () => {
  const record = { ...randomRecord(seeded(3), 1_000), system: LONG, response: answer(["tag"]) };
  const { type, id, ts_ms, messages, system, response, ...others } = record;
  for (const other of [
    { type, id, ts_ms, ...others, response, messages, system },
    { type, id, ts_ms, ...others, messages, system, response },
    { type, id, ts_ms, system, messages, response, ...others },
    { type, id, ts_ms, system, ...others, messages, response },
    { type, id, ts_ms, ...others, system: { text: system }, messages, response },
  ])
    equalRows(JSON.stringify(other));
  equal(rowOfBytes(Buffer.from(jsonOf(record).slice(0, -1))), undefined);
});

function answer(tags: string[]): NonNullable<CompleteEvent["response"]> {
  const usage = { input_tokens: 1, output_tokens: 2 };
  return { id: "r", model: "m", content: LONG, stop_reason: "end_turn", tool_calls: [], usage, tags };
}

function isRead(record: CompleteEvent): void {
  equalRows(jsonOf(record));
  equalRows(JSON.stringify(record));
}

function equalRows(line: string): void {
  deepEqual(rowOfBytes(Buffer.from(line)), rowOfRecord(JSON.parse(line)));
}
