import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../core/clock.ts";
import type { Part } from "../core/part.ts";
import { emptyRequest, type Message } from "../core/request.ts";
import { reduceEvents } from "../core/response.ts";
import { reportedUsage, type Usage } from "../core/usage.ts";
import { AffinityMemory } from "./affinity.ts";
import { BoundedMemory } from "./memory.ts";
import type { Remembered } from "./remembered.ts";
import { ToolLoops } from "./tool-loops.ts";

const A = { provider: "a", model: "m" };
const B = { provider: "b", model: "m" };
const MINUTE = 60_000;

const fresh = () => new BoundedMemory<Remembered>({ maxBytes: 1e6, maxEntries: 100, ttlMs: 1e9 }, systemClock);

/** What is known after these turns, a minute apart, and so long after the last of them. */
function after(turns: readonly [typeof A, Partial<Usage>][], laterMs = MINUTE) {
  const affinity = new AffinityMemory(fresh());
  for (const [index, [origin, usage]] of turns.entries())
    affinity.remember("c", origin, reportedUsage(usage), index * MINUTE);
  return affinity.of("c", (turns.length - 1) * MINUTE + laterMs);
}

test("nothing is known of a conversation before its first answer", () => {
  assert.equal(after([]), undefined);
  const affinity = new AffinityMemory(fresh());
  affinity.remember("c", A, reportedUsage({ input: 10 }), 0);
  assert.equal(affinity.of("d", 0), undefined);
});

test("the first turn: half of it may be cached, all of it where the provider said that it was", () => {
  const turn = { input: 900, output: 100 };
  assert.deepEqual(after([[A, turn]]), { ...A, cachedTokens: 500, outputTokens: 100 });
  assert.equal(after([[A, { ...turn, cacheWrite: 900 }]])?.cachedTokens, 1_000);
  assert.equal(after([[A, { ...turn, cachedRead: 300 }]])?.cachedTokens, 1_000);
  assert.equal(after([[A, { ...turn, reasoning: 60 }]])?.cachedTokens, 470, "what was thought is not sent again");
});

test("from the second turn on it is what was seen that counts", () => {
  const first: [typeof A, Partial<Usage>] = [A, { input: 1_000 }];
  const share = (...turns: [typeof A, Partial<Usage>][]) => (after(turns)?.cachedTokens ?? Number.NaN) / 2_000;
  assert.equal(share(first, [A, { input: 2_000, cachedRead: 1_000 }]), 0.875);
  assert.equal(share(first, [A, { input: 2_000 }]), 0.125);
  assert.equal(share(first, [A, { input: 2_000 }], [A, { input: 2_000 }]), 0.0315, "it has none, or does not tell");
  assert.equal(share(first, [B, { input: 2_000 }]), 0.5, "another target, another cache");
});

test("a cache grows cold after five minutes, a long-lived one after an hour, as long as it is used", () => {
  const cached = (turns: Parameters<typeof after>[0], minutes: number) => after(turns, minutes * MINUTE)?.cachedTokens;
  const [short, long] = [
    { input: 100, cacheWrite: 100 },
    { input: 100, cacheWrite: 100, cacheWriteLong: 100 },
  ];
  assert.deepEqual(
    [4.9, 5].map((minutes) => cached([[A, short]], minutes)),
    [100, 0],
  );
  assert.deepEqual(
    [59.9, 60].map((minutes) => cached([[A, long]], minutes)),
    [100, 0],
  );
  const read = { input: 100, cachedRead: 100 };
  assert.equal(
    cached(
      [
        [A, long],
        [A, read],
      ],
      30,
    ),
    100,
  );
  assert.equal(
    cached(
      [
        [A, long],
        [B, read],
      ],
      30,
    ),
    0,
  );
  const affinity = new AffinityMemory(fresh());
  affinity.remember("c", A, reportedUsage(short), 0);
  affinity.remember("c", A, reportedUsage({ input: 100 }), 10 * MINUTE);
  assert.equal(affinity.of("c", 11 * MINUTE)?.cachedTokens, 100, "that a cold one had nothing says nothing");
});

test("the expected answer follows those of the conversation, wherever they came from", () => {
  assert.equal(
    after([
      [A, { output: 100 }],
      [B, { output: 300 }],
    ])?.outputTokens,
    200,
  );
});

const call = (id: string): Part => ({ type: "tool-call", kind: "function", id, name: "t", arguments: "{}" });
const result = (callId: string): Part => ({ type: "tool-result", callId, parts: [], isError: false });
const answer = (...parts: Part[]) => ({ ...reduceEvents([]).response(), parts });
const request = (...messages: Message[]) => ({ ...emptyRequest("openai", "m"), messages });
const withResult = (...ids: string[]) =>
  request({ role: "assistant", parts: ids.map(call) }, { role: "tool", parts: ids.map(result) });

test("who made a call is known by its id, also when the conversation goes by another name since", () => {
  const loops = new ToolLoops(fresh());
  const me = { owner: "me" };
  loops.remember(me, "c", answer(call("1"), call("2")), A);
  assert.deepEqual(loops.maker(me, "c", withResult("2", "1"), B), A);
  assert.deepEqual(loops.maker(me, "cut", withResult("1"), undefined), A);
  assert.deepEqual(loops.maker(me, "cut", request({ role: "tool", parts: [result("1")] }), undefined), A);
  assert.equal(loops.maker({ owner: "you" }, "c", withResult("1"), undefined), undefined);
});

test("an id that counts from 0 in each conversation does not send one where the other is", () => {
  const loops = new ToolLoops(fresh());
  const me = { owner: "me" };
  loops.remember(me, "c", answer(call("t:0")), A);
  loops.remember(me, "d", answer(call("t:0")), B);
  assert.deepEqual(loops.maker(me, "c", withResult("t:0"), A), A);
  assert.deepEqual(loops.maker(me, "d", withResult("t:0"), B), B);
});

test("without new results there is nothing to wait for", () => {
  const loops = new ToolLoops(fresh());
  const me = { owner: "me" };
  loops.remember(me, "c", answer(call("1")), A);
  const { messages } = withResult("1");
  const later = request(...messages, { role: "assistant", parts: [{ type: "text", text: "done" }] });
  assert.equal(loops.maker(me, "c", later, A), undefined);
  loops.remember(me, "c", answer({ type: "text", text: "no call" }), B);
  assert.deepEqual(loops.maker(me, "c", withResult("1"), undefined), A);
});
