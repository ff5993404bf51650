import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import type { Cleanup } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import { anthropicClient } from "../../wire/anthropic/client.ts";
import type { ClientHalf } from "../../wire/format.ts";
import { openaiClient } from "../../wire/openai/client.ts";
import { Exchange } from "../exchange.ts";
import { Prompt } from "../prompt.ts";
import { ClientStream } from "./client-stream.ts";

const EVERY_MS = 15_000;
const PINGS = /: ping\n\n/g;

/** A stream to a client that asked for one, with time in the test's hands. */
async function streaming(t: Cleanup, client: ClientHalf = openaiClient, everyMs = EVERY_MS) {
  const clock = new FakeClock();
  const made = Promise.withResolvers<ClientStream>();
  const server = createServer((_req, res) => {
    const body = { model: "m", stream: true, max_tokens: 9, messages: [{ role: "user", content: "hi" }] };
    const prompt = new Prompt(client, {}, Buffer.from(JSON.stringify(body)), body);
    const exchange = new Exchange(
      { id: "x", client, headers: {}, path: "/v1/chat/completions", query: "", prompt },
      clock,
      1,
      "full",
    );
    made.resolve(new ClientStream(exchange, res, clock, everyMs));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const asking = await rawClient(`http://127.0.0.1:${port}`, post("/", "{}"));
  t.after(async () => {
    asking.socket.destroy();
    server.close();
  });
  const count = () => asking.heard().match(PINGS)?.length ?? 0;
  return { clock, stream: await made.promise, asking, count };
}

test("a silent stream is opened by its first sign of life, and gets one each time", async (t) => {
  const { clock, stream, asking } = await streaming(t);
  clock.advance(EVERY_MS - 1);
  equal(stream.opened, false);
  clock.advance(1);
  equal(stream.opened, true);
  equal(stream.begun, false);
  clock.advance(2 * EVERY_MS);
  await asking.hears(/(: ping\n\n[\s\S]*){3}/);
  match(asking.heard(), /^HTTP\/1.1 200 OK\r\ncontent-type: text\/event-stream/);
  stream.stop();
  equal(clock.pending, 0);
});

test("silence counts from what was heard last", async (t) => {
  const { clock, stream, asking, count } = await streaming(t);
  stream.begin([]);
  for (let turn = 0; turn < 5; turn++) {
    clock.advance(EVERY_MS - 1000);
    stream.write(`data: ${turn}\n\n`);
  }
  clock.advance(EVERY_MS - 1);
  await asking.hears("data: 4");
  equal(count(), 0);
  clock.advance(1);
  await asking.hears(": ping");
  stream.end();
  equal(clock.pending, 0);
});

test("there is none inside an event that is passed through", async (t) => {
  const { clock, stream, asking, count } = await streaming(t);
  stream.begin([]);
  stream.write(Buffer.from("data: ha"));
  clock.advance(3 * EVERY_MS);
  stream.write(Buffer.from("lf\n\n"));
  await asking.hears("lf\n\n");
  equal(count(), 0);
  clock.advance(EVERY_MS);
  await asking.hears(": ping");
  stream.end();
});

test("who failed before content is told in the stream when it was opened", async (t) => {
  const { clock, stream, asking } = await streaming(t, anthropicClient);
  clock.advance(EVERY_MS);
  stream.fail({ kind: "overloaded", message: "too busy" });
  const heard = await asking.hears("too busy");
  ok(heard.indexOf("event: ping") < heard.indexOf("event: error"));
  equal(clock.pending, 0);
});

test("0 sends none, and takes no timer", async (t) => {
  const { clock } = await streaming(t, openaiClient, 0);
  equal(clock.pending, 0);
});

test("small pieces that come at once are one chunk, large ones their own; all in order, their sizes in bytes", async (t) => {
  const { stream, asking } = await streaming(t);
  stream.begin([]);
  const large = "x".repeat(40_000);
  const pieces = [
    "data: é🎉\n\n",
    "data: 1\n\n",
    Buffer.from("data: ü\n\n"),
    Buffer.from(large),
    large,
    `é${large}`,
    "data: 2\n\n",
  ];
  for (const piece of pieces) stream.write(piece);
  await asking.hears("data: 2");
  stream.write("data: 3\n\n");
  stream.end();
  const [, body = ""] = (await asking.hears(/\r\n0\r\n/)).split(/\r\n\r\n([\s\S]*)/);
  const chunks: string[] = [];
  for (let at = 0; ; ) {
    const size = Number.parseInt(body.slice(at), 16);
    if (size === 0) break;
    const from = body.indexOf("\r\n", at) + 2;
    chunks.push(Buffer.from(body.slice(from, from + size), "latin1").toString());
    at = from + size + 2;
    equal(body.slice(at - 2, at), "\r\n");
  }
  const [emoji, one, ...rest] = pieces.map(String);
  deepEqual(chunks, [`${emoji}${one}`, ...rest, "data: 3\n\n"]);
});
