import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { systemClock } from "../core/clock.ts";
import type { Part, ReasoningPart } from "../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import { legalToolId } from "../wire/tools/ids.ts";
import { BoundedMemory } from "./memory.ts";
import { ReasoningMemory } from "./reasoning.ts";
import type { Remembered, StateTarget } from "./remembered.ts";

const CLAUDE: StateTarget = { provider: "claude", model: "opus", dialect: "anthropic" };
const ME = { owner: "me" };

const thought = (value: string, dialect = CLAUDE.dialect): ReasoningPart => ({
  type: "reasoning",
  text: `thought ${value}`,
  state: { dialect, kind: "signature", value },
});
const text = (words: string): Part => ({ type: "text", text: words });
const call = (id: string): Part => ({ type: "tool-call", id, name: "f", arguments: "{}", kind: "function" });
const result = (callId: string): Part => ({ type: "tool-result", callId, parts: [], isError: false });

function fresh(ttlMs = 1000) {
  const time = { ms: 0 };
  const clock = { ...systemClock, nowMs: () => time.ms };
  const memory = new BoundedMemory<Remembered>({ maxBytes: 1e6, maxEntries: 100, ttlMs }, clock);
  return { reasoning: new ReasoningMemory(memory), memory, time };
}

function asking(...messages: Message[]): ChatRequest {
  return { ...emptyRequest("openai", "m"), messages };
}
const user = (words = "question"): Message => ({ role: "user", parts: [text(words)] });
const said = (...parts: Part[]): Message => ({ role: "assistant", parts });
const results = (...ids: string[]): Message => ({ role: "tool", parts: ids.map(result) });

function answer(...parts: Part[]): ChatResponse {
  return { id: "r", model: "opus", parts, finish: { reason: "tool_calls" } };
}

const HOW = { carried: false, withText: false };

/** Remembers an answer of Claude's to `question`, and what a second turn becomes. */
function secondTurn(parts: Part[], replayed: Part[], target = CLAUDE, how = HOW) {
  const { reasoning } = fresh();
  reasoning.remember(ME, asking(user()), answer(...parts), CLAUDE, how);
  const request = asking(user(), said(...replayed), results("1"));
  const restored = reasoning.restore(ME, request, target);
  return { parts: restored.request.messages[1]?.parts, losses: restored.losses, same: restored.request === request };
}

describe("put back", () => {
  test("before the text or behind it, before the call it led to", () => {
    const whole = [thought("a"), text("x"), thought("b"), call("1"), thought("c"), call("2")];
    deepEqual(secondTurn(whole, [text("x"), call("1"), call("2")]).parts, whole);
  });

  test("in place of the text of it that the client kept", () => {
    const kept: Part = { type: "reasoning", text: "thought a" };
    deepEqual(secondTurn([thought("a"), call("1")], [kept, text("x"), call("1")]).parts, [
      thought("a"),
      text("x"),
      call("1"),
    ]);
  });

  test("into the call itself", () => {
    const signed = { ...call("1"), state: { dialect: "gemini", kind: "signature", value: "s" } } as Part;
    const gemini: StateTarget = { provider: "claude", model: "opus", dialect: "gemini" };
    deepEqual(secondTurn([signed, call("2")], [call("1"), call("2")], gemini).parts, [signed, call("2")]);
  });

  test("not when the client brought it", () => {
    const brought = [thought("mine"), call("1")];
    deepEqual(secondTurn([thought("a"), call("1")], brought), { parts: brought, losses: [], same: true });
    equal(secondTurn([thought("a"), call("1")], [call("1")], CLAUDE, { ...HOW, carried: true }).same, true);
  });

  test("unsigned reasoning only for who wants it back", () => {
    const plain: Part = { type: "reasoning", text: "plain" };
    equal(secondTurn([plain, call("1")], [call("1")]).same, true);
    deepEqual(secondTurn([plain, call("1")], [call("1")], CLAUDE, { ...HOW, withText: true }).parts, [
      plain,
      call("1"),
    ]);
  });

  test("long ids are found again when the client got them shortened", () => {
    const long = "x".repeat(90);
    const { reasoning } = fresh();
    reasoning.remember(ME, asking(user()), answer(thought("a"), call(long)), CLAUDE, HOW);
    const key = (id: string) =>
      reasoning.restore(ME, asking(user(), said(call(id))), CLAUDE).request.messages[1]?.parts;
    const short = legalToolId(long, { pattern: /^[\s\S]+$/, max: 64 });
    equal(short.length, 64);
    equal(key(short)?.length, 2);
    equal(key(long)?.length, 2);
  });
});

describe("not sent", () => {
  const parts = [thought("a"), call("1")];
  test("to another provider, nor to another model of Anthropic: reported in the turn under way", () => {
    for (const target of [
      { ...CLAUDE, provider: "other" },
      { ...CLAUDE, model: "haiku" },
      { ...CLAUDE, dialect: "openai" as const },
    ]) {
      const { losses, same } = secondTurn(parts, [call("1")], target);
      equal(same, true);
      deepEqual(losses, [{ field: "messages[1].reasoning", treatment: "dropped(state of claude)", class: "report" }]);
    }
  });

  test("a model changed at another dialect's provider is no matter", () => {
    const { reasoning } = fresh();
    const origin = { provider: "o", model: "big" };
    reasoning.remember(ME, asking(user()), answer(thought("a", "openai-responses"), call("1")), origin, HOW);
    const target: StateTarget = { provider: "o", model: "small", dialect: "openai-responses" };
    equal(reasoning.restore(ME, asking(user(), said(call("1"))), target).request.messages[1]?.parts.length, 2);
  });

  test("what the client carries to another provider of the same dialect is taken out, its text kept", () => {
    const { parts: sent, losses } = secondTurn(parts, parts, { ...CLAUDE, provider: "other" });
    deepEqual(sent, [{ type: "reasoning", text: "thought a" }, call("1")]);
    equal(losses.length, 1);
  });

  test("of turns that are over it is a silent loss", () => {
    const { reasoning } = fresh();
    reasoning.remember(ME, asking(user()), answer(...parts), CLAUDE, HOW);
    const request = asking(user(), said(call("1")), results("1"), said(text("done")), user("next"));
    const { losses } = reasoning.restore(ME, request, { ...CLAUDE, provider: "other" });
    deepEqual(
      losses.map((loss) => loss.class),
      ["silent"],
    );
  });
});

test("nobody else finds it: not another owner, session or conversation", () => {
  const { reasoning } = fresh();
  const asked = asking(user());
  asked.identity.session = "s";
  reasoning.remember(ME, asked, answer(thought("a"), call("1")), CLAUDE, HOW);
  const found = (owner: string, session: string, words: string) => {
    const request = asking(user(words), said(call("1")), results("1"));
    request.identity.session = session;
    equal(
      reasoning.restore({ owner }, request, CLAUDE).request !== request,
      reasoning.pending({ owner }, request) !== undefined,
    );
    return reasoning.pending({ owner }, request)?.provider;
  };
  deepEqual(
    [
      found("me", "s", "question"),
      found("you", "s", "question"),
      found("me", "t", "question"),
      found("me", "s", "other"),
    ],
    ["claude", undefined, undefined, undefined],
  );
});

test("pending while the request ends in results of the call, and no longer", () => {
  const { reasoning } = fresh();
  equal(reasoning.mayBeForeign("claude"), false);
  reasoning.remember(ME, asking(user()), answer(thought("a"), call("1")), CLAUDE, HOW);
  const pending = (...messages: Message[]) => reasoning.pending(ME, asking(user(), ...messages))?.provider;
  equal(pending(said(call("1")), results("1")), "claude");
  equal(pending(said(call("1")), results("1"), user("and a reminder")), "claude");
  equal(pending(said(call("1")), user("never mind")), undefined);
  equal(pending(said(call("1")), results("1"), said(text("done")), user("next")), undefined);
  deepEqual([reasoning.mayBeForeign("claude"), reasoning.mayBeForeign("other")], [false, true]);
});

test("the same call ids in a later answer to the same question, without state: there is none any more", () => {
  const { reasoning } = fresh();
  reasoning.remember(ME, asking(user()), answer(thought("a"), call("1")), CLAUDE, HOW);
  reasoning.supersede(ME, asking(user("another")), answer(call("1")));
  const request = asking(user(), said(call("1")), results("1"));
  equal(reasoning.pending(ME, request)?.provider, "claude");
  reasoning.supersede(ME, asking(user()), answer(call("1")));
  deepEqual(reasoning.restore(ME, request, { ...CLAUDE, provider: "other" }).losses, []);
});

test("it is over after its time, and when it is refused", () => {
  const { reasoning, memory, time } = fresh(1000);
  const request = asking(user(), said(call("1"), call("2")), results("1", "2"));
  const remember = () =>
    reasoning.remember(ME, asking(user()), answer(thought("a"), call("1"), call("2")), CLAUDE, HOW);
  remember();
  time.ms = 900;
  equal(reasoning.pending(ME, request)?.provider, "claude");
  time.ms = 1950;
  equal(reasoning.pending(ME, request), undefined);
  equal(memory.size, 0);
  remember();
  equal(memory.size, 2);
  reasoning.forget(ME, request);
  equal(memory.size, 0);
});
