import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { pathOf } from "../../conformance/requests.ts";
import { post, type RawClient, rawClient } from "../../support/raw-client.ts";
import { until } from "../../support/until.ts";
import { type Bench, MAX_BODY_MB } from "../bench.ts";
import type { Call, Part } from "../call.ts";
import { bodyOf, freshModel } from "../expect.ts";
import { body, hang, head, inTurn } from "../parts.ts";
import type { Row } from "../row.ts";
import type { Variant } from "../variants.ts";

/** Sends the variant's request over a connection of its own, and waits until the first target has it. */
async function sent(bench: Bench, variant: Variant, play: Part) {
  const { client, stream } = variant;
  const model = freshModel(variant);
  bench.upstream.script(model, "one", { play });
  bench.upstream.script(model, "two", { play: hang });
  const said = client === "gemini" ? bodyOf(variant) : { model, ...bodyOf(variant), stream };
  const from = await rawClient(bench.url, post(pathOf(client, model, stream), JSON.stringify(said)));
  await until(() => bench.upstream.asked(model).length > 0, "the first target to be asked");
  const [call] = bench.upstream.asked(model, "one");
  ok(call, "the first target was not asked");
  return { model, from, call };
}

/** Leaves, and tells after how many ms the provider's connection was closed. */
async function leave(bench: Bench, model: string, from: RawClient, call: Call): Promise<number> {
  const leftMs = performance.now();
  from.socket.destroy();
  await until(() => call.closedMs !== undefined, "the provider's connection to be closed");
  const event = await bench.complete(model);
  equal(event.outcome, "client-gone");
  deepEqual(
    event.attempts.map(({ outcome }) => outcome),
    ["cancelled"],
  );
  equal(bench.upstream.asked(model).length, 1, "nobody is asked for a client that is gone");
  bench.upstream.forget(model);
  return (call.closedMs ?? Number.POSITIVE_INFINITY) - leftMs;
}

const GONE: Row[] = [
  {
    number: 22,
    fault: "client gone before the first byte",
    async check(bench, variant) {
      const { model, from, call } = await sent(bench, variant, hang);
      return leave(bench, model, from, call);
    },
  },
  {
    number: 23,
    fault: "client gone in the middle",
    async check(bench, variant) {
      const { model, from, call } = await sent(bench, variant, inTurn(head(), body("half")));
      if (variant.stream) await from.hears("Targ");
      return leave(bench, model, from, call);
    },
  },
];

const ENDLESS_BYTES = 96 * 1024 * 1024;
/** What sockets hold on the way is the system's: some megabytes for each of the two. */
const HELD_BYTES = 32 * 1024 * 1024;

/** One delta over and over: many times what may be on the way to a client that does not read. */
const flood: Part = inTurn(head(), body("half"), async (call) => {
  // The text begins with the word Target.
  const delta = call.frames.content.find((frame) => frame.includes("Targ")) ?? "";
  const many = Buffer.from(delta.repeat(Math.ceil(65_536 / delta.length)));
  while (call.sent < ENDLESS_BYTES) await call.send(many);
});

const STALLED: Row = {
  number: 24,
  fault: "client that does not read",
  only: "stream",
  heavy: true,
  async check(bench, variant) {
    const { model, from, call } = await sent(bench, variant, flood);
    from.socket.pause();
    for (let before = -1; before !== call.sent; ) {
      before = call.sent;
      await delay(400);
    }
    ok(call.sent < HELD_BYTES, `the provider could send ${call.sent} bytes`);
    await leave(bench, model, from, call);
  },
};

/** These never get as far as a provider. */
const oncePerClient = ({ provider, second }: Variant) => provider === "openai" && !second;

function chunked(path: string): string {
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
}

const HUGE: Row[] = [
  {
    number: 21,
    fault: "request larger than the limit, by its length",
    where: oncePerClient,
    async check({ url }, { client, stream }) {
      const path = pathOf(client, "any", stream);
      const whole = post(path, "x".repeat(MAX_BODY_MB * 1024 * 1024 + 1));
      // The head is enough to know.
      const from = await rawClient(url, whole.slice(0, 2_000));
      await from.hears(/^HTTP\/1\.1 413 /);
      from.socket.destroy();
    },
  },
  {
    number: 21,
    fault: "request larger than the limit, in chunks",
    where: oncePerClient,
    async check({ url }, { client, stream }) {
      const from = await rawClient(url, chunked(pathOf(client, "any", stream)));
      const piece = `10000\r\n${"x".repeat(65_536)}\r\n`;
      for (let at = 0; at <= MAX_BODY_MB * 16; at++) from.socket.write(piece);
      await from.hears(/^HTTP\/1\.1 413 /);
      from.socket.destroy();
    },
  },
];

/** The router's own timers, with the second in which it looks, and as much again for a machine that is busy. */
const SLOW: Row[] = [
  {
    number: 25,
    fault: "client that never ends its headers",
    where: oncePerClient,
    slow: true,
    check: ({ url }, { client, stream }) =>
      closedWithin(url, chunked(pathOf(client, "any", stream)).slice(0, -2), 13_000),
  },
  {
    number: 25,
    fault: "client that never ends its body",
    where: oncePerClient,
    slow: true,
    check: ({ url }, { client, stream }) =>
      closedWithin(url, `${chunked(pathOf(client, "any", stream))}5\r\n{"a":\r\n`, 65_000),
  },
];

async function closedWithin(url: string, bytes: string, ms: number): Promise<void> {
  const from = await rawClient(url, bytes);
  await until(from.closed, "the router to close the connection", ms);
}

export const CLIENTS: Row[] = [...SLOW, ...GONE, STALLED, ...HUGE];
