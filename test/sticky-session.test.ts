import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type JsonObject, objectsOf } from "../src/core/json.ts";
import { seededRandom } from "../src/core/seeded-random.ts";
import type { CompleteEvent, RoutedEvent } from "../src/record/events.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { type Cleanup, inProcess } from "./support/in-process.ts";

// A coding agent's session: tasks that each take a few tool calls, over three providers that are alike.

const TASKS = 15;
/** Requests of a task: three calls, then what came of them. */
const REQUESTS = 4;
const TURNS = TASKS * REQUESTS;
const SYSTEM = "You are a coding agent. Read before you write, and test what you wrote. ".repeat(70);
const TOOL = { type: "function", function: { name: "read_file", parameters: { type: "object", properties: {} } } };

interface Session {
  turns: CompleteEvent[];
  routed: RoutedEvent[];
  /** Moves between the call of a tool and its result, and all moves. */
  inLoops: number;
  moves: number;
  /** Of all tokens of prompts, those that a cache had. */
  cached: number;
}

function fleet(names: readonly string[], rule: string, routing = ""): string {
  const providers = names.map(
    (name) =>
      `[[providers]]\nname = "${name}"\nformat = "simulated"\nprompt_cache = true\nlatency_ms = 100\nprices = { input = 3, output = 15, cached_read = 0.3 }`,
  );
  return [...providers, `[[routers]]\n${rule}`, `[routing]\n${routing}`].join("\n\n");
}

/** Plays it, a minute between two requests. */
async function play(t: Cleanup, toml: string, count = TURNS): Promise<Session> {
  const clock = new FakeClock();
  const router = await inProcess(t, toml, { clock, random: seededRandom(10) });
  const messages: JsonObject[] = [{ role: "system", content: SYSTEM }];
  for (let turn = 0; turn < count; turn++) {
    if (turn % REQUESTS === 0) {
      const content = `Task ${turn / REQUESTS}: call tool read_file {"path":"src/${turn}.ts"} in ${REQUESTS - 1} rounds`;
      messages.push({ role: "user", content });
    }
    const body = JSON.stringify({ model: "m", messages, tools: [TOOL] });
    const response = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body });
    const [choice] = objectsOf(JSON.parse(await response.text()).choices);
    const message: JsonObject = JSON.parse(JSON.stringify(choice?.["message"]));
    messages.push(message);
    for (const { id } of objectsOf(message["tool_calls"]))
      messages.push({ role: "tool", tool_call_id: String(id), content: `export const x = ${turn};\n`.repeat(8) });
    clock.advance(60_000);
  }
  const turns = await router.completed(count);
  const routed = router.events.filter((event) => event.type === "routed");
  await router.close();
  return summed(turns, routed);
}

function summed(turns: CompleteEvent[], routed: RoutedEvent[]): Session {
  const moved = turns.map(({ provider }, turn) => turn > 0 && provider !== turns[turn - 1]?.provider);
  const sum = (of: "input_tokens" | "cached_read_tokens") =>
    turns.reduce((total, { usage }) => total + (usage?.[of] ?? 0), 0);
  // What is told of moves is what happened.
  for (const [turn, { switched }] of turns.entries()) assert.equal(switched !== undefined, moved[turn]);
  return {
    turns,
    routed,
    inLoops: moved.filter((one, turn) => one && turn % REQUESTS !== 0).length,
    moves: moved.filter(Boolean).length,
    cached: sum("cached_read_tokens") / sum("input_tokens"),
  };
}

const THREE = ["one", "two", "three"];
const EXPLORING = "explore = 0.3";

describe("a session of 60 turns over three equal providers", () => {
  let alone = 0;
  test("one provider alone has most of it cached, and calls tools in each task", async (t) => {
    const session = await play(t, fleet(["one"], `type = "fallback"`));
    alone = session.cached;
    assert.ok(alone > 0.9, `${alone}`);
    const calls = session.turns.filter(({ response }) => (response?.tool_calls.length ?? 0) > 0);
    assert.equal(calls.length, TASKS * (REQUESTS - 1));
  });

  for (const [name, rule, routing = ""] of [
    ["random, sticky", `type = "random"\nsticky = true`],
    ["fallback", `type = "fallback"`],
    ["price", `type = "price"`],
    ["latency, trying out others", `type = "latency"`, EXPLORING],
  ] as const) {
    test(`${name}: no move, and as much is cached as by one alone`, async (t) => {
      const { cached, moves } = await play(t, fleet(THREE, rule, routing));
      assert.equal(moves, 0);
      assert.ok(cached >= 0.95 * alone, `${cached} of ${alone}`);
    });
  }

  for (const [name, rule, routing] of [
    ["random", `type = "random"`, ""],
    ["latency, trying out others, with sticky off", `type = "latency"`, `${EXPLORING}\nsticky = "off"`],
  ] as const) {
    test(`${name}: no move inside a tool loop, but between, and that costs`, async (t) => {
      const { cached, moves, inLoops, turns } = await play(t, fleet(THREE, rule, routing));
      assert.equal(inLoops, 0);
      assert.ok(moves > 2 && cached < 0.95 * alone, `${moves} moves, ${cached} of ${alone}`);
      const told = turns.flatMap(({ switched }) => switched ?? []);
      assert.ok(told.every(({ uncached_tokens, usd }) => uncached_tokens > 1_000 && (usd ?? 0) > 0));
      const stays = turns.filter(({ decision }) => decision[0]?.["reason"] === "stays: a tool call's result");
      assert.equal(stays.length, TASKS * (REQUESTS - 1));
    });
  }
});

test("a provider that fails is left, which the end of the request tells, and not come back to when it is well again", async (t) => {
  const toml = fleet(["one", "two"], `type = "price"`).replace(
    'name = "one"',
    'name = "one"\noutage = { every_s = 1200, lasts_s = 600 }',
  );
  const { turns, routed } = await play(t, `[failover]\nmax_attempts = 2\n${toml}`, 24);
  const places = turns.map(({ provider }) => provider);
  assert.deepEqual(places, [...Array(10).fill("one"), ...Array(14).fill("two")]);
  assert.ok(routed.every(({ switched }) => switched === undefined));
  const { switched, decision } = turns[10] ?? {};
  assert.deepEqual(
    [switched?.from, switched?.to],
    ["one", "two"].map((provider) => ({ provider, model: "m" })),
  );
  assert.equal(decision?.[0]?.["reason"], "stays: a tool call's result");
});
