import assert from "node:assert/strict";
import { test } from "node:test";
import { testProvider } from "../../../test/support/provider.ts";
import { systemClock } from "../../core/clock.ts";
import { tryParseJson } from "../../core/json.ts";
import { emptyRequest } from "../../core/request.ts";
import { simulatedProvider } from "../../wire/simulated/provider.ts";
import type { UpstreamCall, UpstreamRequest } from "../transport.ts";
import { SimulatedServer } from "./server.ts";
import { isDown, simulatedSettings } from "./settings.ts";

const server = new SimulatedServer({ clock: systemClock, random: () => 0.5 });

interface Heard {
  status: number;
  headers: Record<string, unknown>;
  pieces: string[];
  ended: boolean;
}

function listen(config: object, request: Partial<UpstreamRequest>, onPiece?: (call: UpstreamCall) => void) {
  const heard: Heard = { status: 0, headers: {}, pieces: [], ended: false };
  const { promise, resolve } = Promise.withResolvers<Heard>();
  const call = server.send(
    testProvider({ name: `s${JSON.stringify(config)}`, ...config }),
    { method: "POST", path: "/simulate", headers: {}, ...request },
    {
      onHead(status, headers) {
        Object.assign(heard, { status, headers });
      },
      onData(chunk) {
        heard.pieces.push(chunk.toString());
        onPiece?.(call);
        return true;
      },
      onEnd() {
        heard.ended = true;
        resolve(heard);
      },
      onFailure: () => assert.fail("the simulated provider has no connection to lose"),
    },
  );
  return { heard, call, done: promise };
}

function prompt(text: string, stream: boolean): string {
  const messages = [{ role: "user" as const, parts: [{ type: "text" as const, text }] }];
  return JSON.stringify({ ...emptyRequest("openai", "m"), messages, stream });
}

test("its wire is the one its half reads, streamed and whole", async () => {
  for (const order of ["hello", "simulate an error midway", "simulate a cut"]) {
    const streamed = await listen({}, { body: prompt(order, true) }).done;
    const whole = await listen({}, { body: prompt(order, false) }).done;
    const events: ReturnType<typeof simulatedProvider.readResponse> = [];
    const reader = simulatedProvider.readStream();
    for (const piece of streamed.pieces) reader.push(Buffer.from(piece), events);
    reader.end(events);
    const read = simulatedProvider.readResponse(tryParseJson(whole.pieces.join("")) ?? null);
    assert.equal(events.at(-1)?.type, read.at(-1)?.type);
    assert.equal(events.at(-1)?.type, order === "hello" ? "end" : "error");
    assert.equal(streamed.headers["content-type"], "application/x-ndjson");
  }
});

test("an error status comes with a body its half reads, and says when to come back", async () => {
  const { status, pieces, headers } = await listen({ errors: [503] }, { body: prompt("x", true) }).done;
  assert.equal(headers["retry-after"], "1");
  const failure = simulatedProvider.readError(status, tryParseJson(pieces.join("")), "");
  assert.deepEqual([failure.kind, failure.upstreamStatus], ["overloaded", 503]);
});

test("nothing is heard before send returns, and nothing after abort", async () => {
  const { heard, call } = listen({}, { body: prompt("x", true) });
  assert.equal(heard.status, 0);
  call.abort();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(heard, { status: 0, headers: {}, pieces: [], ended: false });

  const paced = listen({ tokens_per_s: 500 }, { body: prompt("x", true) }, (one) => one.abort());
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.deepEqual([paced.heard.pieces.length, paced.heard.ended], [1, false]);
});

test("paced: pieces come one by one at about the speed asked for", async () => {
  const began = performance.now();
  const { pieces } = await listen({ ttft_ms: 30, tokens_per_s: 200 }, { body: prompt("x", true) }).done;
  const took = performance.now() - began;
  assert.ok(pieces.length > 8, `${pieces.length} pieces`);
  assert.ok(took > 80 && took < 1000, `${took} ms`);
});

test("faster than timers go: batches, and still the whole answer", async () => {
  const { pieces } = await listen({ tokens_per_s: 100_000 }, { body: prompt("word ".repeat(500), true) }).done;
  assert.ok(pieces.length < 60, `${pieces.length} pieces`);
  assert.match(pieces.join(""), /"type":"end"}\n$/);
});

test("a paused answer waits, and loses nothing", async () => {
  let paused = false;
  const { heard, call, done } = listen({}, { body: prompt("word ".repeat(700), true) }, (one) => {
    if (!paused) one.pause();
    paused = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([heard.pieces.length, heard.ended], [1, false]);
  call.resume();
  assert.match((await done).pieces.join(""), /"type":"end"}\n$/);
});

test("lists its models and embeds; elsewhere it answers 404", async () => {
  const listed = await listen({ models: ["a", "b"] }, { method: "GET", path: "/models" }).done;
  assert.deepEqual(tryParseJson(listed.pieces.join("")), { models: [{ id: "a" }, { id: "b" }] });
  const body = JSON.stringify({ model: "e", input: ["red cat", "red dog", "1"], dimensions: 300, encoding: "float" });
  const embedded = JSON.parse((await listen({}, { path: "/embed", body }).done).pieces.join(""));
  assert.deepEqual(
    embedded.vectors.map((vector: number[]) => [vector.length, Math.round(Math.hypot(...vector) * 1e6) / 1e6]),
    [
      [300, 1],
      [300, 1],
      [300, 1],
    ],
  );
  const near = (one: number[], two: number[]) => one.reduce((sum, value, at) => sum + value * (two[at] ?? 0), 0);
  assert.ok(near(embedded.vectors[0], embedded.vectors[1]) > near(embedded.vectors[0], embedded.vectors[2]));
  assert.equal((await listen({}, { path: "/else" }).done).status, 404);
});

test("an outage: every request fails at the end of each round, counted from its first; it is as it was afterwards", () => {
  const settings = simulatedSettings(testProvider({ name: "s", outage: { every_s: 30, lasts_s: 10 } }).config);
  const down = [0, 19_999, 20_000, 29_999, 30_000, 50_001, 60_000].map((ms) => isDown(settings, ms));
  assert.deepEqual(down, [false, false, true, true, false, true, false]);
  assert.equal(isDown(simulatedSettings(testProvider({ name: "s" }).config), 29_999), false);
});

test("while it is out it answers 502, and still lists its models", async () => {
  const out = { outage: { every_s: 1000, lasts_s: 1000 }, models: { a: "b" } };
  assert.equal((await listen(out, { body: prompt("x", true) }).done).status, 502);
  assert.equal(
    (await listen(out, { path: "/embed", body: JSON.stringify({ model: "e", input: [] }) }).done).status,
    502,
  );
  const listed = await listen(out, { method: "GET", path: "/models" }).done;
  assert.deepEqual(tryParseJson(listed.pieces.join("")), { models: [{ id: "b" }] });
});
