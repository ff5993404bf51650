import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../core/clock.ts";
import { type JsonObject, objectsOf } from "../core/json.ts";
import { BoundedMemory } from "./memory.ts";
import type { Remembered } from "./remembered.ts";
import { ResponseMemory } from "./responses.ts";

const ME = { owner: "me" };

function fresh(ttlMs = 1000) {
  const time = { ms: 0 };
  const clock = { ...systemClock, nowMs: () => time.ms };
  const memory = new BoundedMemory<Remembered>({ maxBytes: 1e6, maxEntries: 100, ttlMs }, clock);
  return { responses: new ResponseMemory(memory), memory, time };
}

const message = (id: string, text: string): JsonObject => ({
  id,
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text }],
});
const answer = (id: string, ...output: JsonObject[]): JsonObject => ({ id, object: "response", output });

/** A conversation of three turns; what each said. */
function three() {
  const made = fresh();
  const { responses } = made;
  responses.remember(ME, { input: "1" }, answer("r1", message("m1", "2")));
  responses.remember(ME, { input: "3", previous_response_id: "r1" }, answer("r2", message("m2", "4")));
  return made;
}

const texts = (body: JsonObject | undefined) =>
  body && objectsOf(body["input"]).map(({ content }) => JSON.stringify(content));

test("a chain is written out, oldest first, without what only the answers had", () => {
  const { responses } = three();
  const body = responses.expand(ME, { model: "m", input: "5", previous_response_id: "r2" });
  deepEqual(
    texts(body)?.map((text) => /\d/.exec(text)?.[0]),
    ["1", "2", "3", "4", "5"],
  );
  equal(body?.["previous_response_id"], undefined);
  equal(body?.["model"], "m");
  deepEqual(
    objectsOf(body?.["input"]).filter((item) => "id" in item || "status" in item),
    [],
  );
});

test("a body that points at nothing, or at nothing known, is left alone", () => {
  const { responses } = three();
  for (const body of [
    { input: "x" },
    { input: [{ role: "user", content: "x" }] },
    { input: "x", previous_response_id: "unheard-of" },
    { input: [{ type: "item_reference", id: "unheard-of" }] },
  ])
    equal(responses.expand(ME, body), undefined, JSON.stringify(body));
  equal(responses.expand({ owner: "you" }, { input: "x", previous_response_id: "r2" }), undefined);
  equal(fresh().responses.expand(ME, { input: "x", previous_response_id: "r2" }), undefined);
});

test("items are found by their id, reasoning nobody can read is an empty item", () => {
  const { responses } = fresh();
  const sealed = { id: "rs_2", type: "reasoning", summary: [], encrypted_content: "e" };
  responses.remember(
    ME,
    { input: "1" },
    answer("r", { id: "rs_1", type: "reasoning", summary: [] }, sealed, message("m", "2")),
  );
  const input = ["rs_1", "rs_2", "m"].map((id) => ({ id }));
  deepEqual(
    objectsOf(responses.expand(ME, { input })?.["input"]).map((item) => [item["type"], item["encrypted_content"]]),
    [
      ["reasoning", undefined],
      ["reasoning", "e"],
      ["message", undefined],
    ],
  );
});

test("a chain that lost a link is not known any more, and using it keeps all its links", () => {
  const { responses, time } = three();
  time.ms = 900;
  const body = { input: "5", previous_response_id: "r2" };
  equal(texts(responses.expand(ME, body))?.length, 5);
  time.ms = 1800;
  equal(texts(responses.expand(ME, body))?.length, 5);
  equal(responses.delete(ME, "r1"), true);
  equal(responses.expand(ME, body), undefined);
  equal(responses.get(ME, "r2")?.response["id"], "r2");
  time.ms = 3000;
  equal(responses.get(ME, "r2"), undefined);
});

test("deleting takes the items along; what a provider keeps is known by its keeper only", () => {
  const { responses, memory } = three();
  responses.delete(ME, "r1");
  responses.delete(ME, "r2");
  equal(memory.size, 0);
  responses.rememberKeeper(ME, "k", { provider: "p", model: "m" });
  equal(responses.keeper(ME, { previous_response_id: "k" })?.provider, "p");
  equal(responses.expand(ME, { input: "x", previous_response_id: "k" }), undefined);
  deepEqual([responses.get(ME, "k"), responses.delete(ME, "k")], [undefined, false]);
});
