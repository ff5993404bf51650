import { deepEqual, equal, notEqual } from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import type { JsonObject } from "../core/json.ts";
import { emptyRequest } from "../core/request.ts";
import { BoundedMemory } from "./memory.ts";
import { PrefixWatch, sessionOf, type Watched } from "./prefix-watch.ts";
import type { Origin, Remembered } from "./remembered.ts";

const ME = { owner: "me" };
const HERE: Origin = { provider: "p", model: "m" };

function answered(watched: Watched | undefined): Watched | undefined {
  watched?.remember();
  return watched;
}

function watching() {
  const clock = new FakeClock();
  const memory = new BoundedMemory<Remembered>({ maxBytes: 1e6, maxEntries: 100, ttlMs: 1000 }, clock);
  const watch = new PrefixWatch(memory);
  return {
    memory,
    /** Where a turn is broken. */
    turn: (asked: JsonObject, sent?: JsonObject, target = HERE, session = "s") =>
      answered(watch.watch(ME, session, asked, sent, target))?.broken?.message,
    hash: (asked: JsonObject, sent?: JsonObject) => answered(watch.watch(ME, "h", asked, sent, HERE))?.prefixHash,
  };
}

const user = (content: string) => ({ role: "user", content });
const said = (content: string) => ({ role: "assistant", content });
const chat = (...messages: JsonObject[]): JsonObject => ({ system: "Be brief.", tools: [{ name: "t" }], messages });
const FIRST = chat(user("1"));
const SECOND = chat(user("1"), said("2"), user("3"));

describe("a prompt that goes on from the one before", () => {
  test("at the same place, as it was: nothing to tell", () => {
    const { turn } = watching();
    deepEqual([turn(FIRST), turn(SECOND), turn(SECOND)], [undefined, undefined, undefined]);
  });

  test("at another provider, or as another model, it is another cache, which is none of its business", () => {
    for (const elsewhere of [
      { ...HERE, provider: "q" },
      { ...HERE, model: "n" },
    ]) {
      const { turn } = watching();
      deepEqual([turn(FIRST), turn(SECOND, undefined, elsewhere)], [undefined, undefined]);
    }
  });

  test("written otherwise: in the messages, or in what stands before them", () => {
    const { turn } = watching();
    turn(SECOND, SECOND);
    const third = chat(user("1"), said("2"), user("3"), said("4"), user("5"));
    equal(turn(third, chat(user("1"), said("two"), user("3"), said("4"), user("5"))), 1);
    equal(turn(third, { ...third, system: "Be kind." }), 0);
    equal(turn(third, chat(user("1"))), 0, "the head is another again");
    equal(turn(third, third), undefined);
    equal(turn(third, chat(user("1"))), 1, "a prompt that got shorter");
  });

  test("another user's words joined to the last message are no break", () => {
    const { turn } = watching();
    const joined = (...texts: string[]) => ({ role: "user", content: texts.map((text) => ({ type: "text", text })) });
    turn(FIRST, chat(joined("1")));
    equal(turn(chat(user("1"), user("2")), chat(joined("1", "2"))), undefined);
  });

  test("cache marks move on, and texts become lists", () => {
    const { turn } = watching();
    const marked = { role: "user", content: [{ type: "text", text: "1", cache_control: { type: "ephemeral" } }] };
    turn(chat(marked));
    equal(turn(SECOND), undefined);
  });
});

test("a client that changes its own prompt has a new one", () => {
  const { turn } = watching();
  turn(SECOND);
  const rewritten = { ...FIRST, system: "Rewritten." };
  equal(turn(chat(user("1"), said("changed"), user("3")), rewritten), undefined);
  turn(SECOND);
  equal(turn({ ...FIRST, system: "Another." }, rewritten), undefined);
  turn(SECOND);
  equal(turn(FIRST, rewritten, HERE, "another session"), undefined);
});

test("sub-agents in one session do not get in each other's way", () => {
  const { turn } = watching();
  const other = (...messages: JsonObject[]) => ({ ...chat(...messages), system: "A sub-agent." });
  deepEqual(
    [turn(FIRST), turn(other(user("x")), undefined, { ...HERE, model: "small" }), turn(SECOND)],
    [undefined, undefined, undefined],
  );
});

test("the hash is of what stands before the messages", () => {
  const { hash } = watching();
  equal(hash(FIRST), hash(SECOND));
  notEqual(hash(FIRST), hash(FIRST, { ...FIRST, tools: [] }));
});

test("the other APIs: items of Responses, contents of Gemini; a bare prompt is not watched", () => {
  for (const key of ["input", "contents"]) {
    const { turn } = watching();
    const item = (text: string) => ({ role: "user", [key === "input" ? "content" : "parts"]: [{ text }] });
    turn({ [key]: [item("1")] });
    equal(turn({ [key]: [item("1"), item("2")] }, { [key]: [item("one"), item("2")] }), 0);
  }
  const { turn, memory } = watching();
  turn({ input: "hi" });
  turn({ prompt: "hi" });
  equal(memory.size, 0);
});

test("what a client calls its session", () => {
  const request = emptyRequest("openai", "m");
  request.identity.user = "u";
  equal(sessionOf(request), undefined);
  equal(sessionOf({ ...request, dialect: "anthropic" }), "u");
  request.cache.key = "k";
  equal(sessionOf(request), "k");
  request.identity.session = "s";
  equal(sessionOf(request), "s");
});
