import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { test } from "node:test";
import { probe } from "./probe.ts";

async function answerOf(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const startedMs = performance.now();
  const answer = await probe(`http://127.0.0.1:${port}/v1/models`);
  server.closeAllConnections();
  server.close();
  return { answer, tookMs: performance.now() - startedMs };
}

test("a JSON answer", async () => {
  const { answer } = await answerOf((_, response) => response.end('{"object":"list"}'));
  assert.deepEqual(answer, { body: { object: "list" }, isRouter: false });
});

test("a router of ours is known by its server header", async () => {
  const { answer } = await answerOf((_, response) =>
    response.setHeader("server", "opensourcellmrouter/0.8.0").end("{}"),
  );
  assert.equal(answer?.isRouter, true);
});

test("no answer, no JSON, no 200: undefined", async () => {
  assert.equal((await answerOf((_, response) => response.end("<html>"))).answer, undefined);
  assert.equal((await answerOf((_, response) => response.writeHead(404).end("{}"))).answer, undefined);
  assert.equal(
    (await answerOf((_, response) => response.writeHead(302, { location: "/x" }).end("{}"))).answer,
    undefined,
  );
  assert.equal((await answerOf((request) => request.socket.destroy())).answer, undefined);
  assert.equal(await probe("http://127.0.0.1:1/v1/models"), undefined);
});

test("who is slow or endless is not waited for", async () => {
  const silent = await answerOf(() => undefined);
  assert.equal(silent.answer, undefined);
  assert.ok(silent.tookMs < 1_500, `${silent.tookMs} ms`);
  const endless = await answerOf((_, response) => {
    const timer = setInterval(() => response.write(" ".repeat(1 << 20)), 1);
    response.on("close", () => clearInterval(timer));
  });
  assert.equal(endless.answer, undefined);
  assert.ok(endless.tookMs < 1_500, `${endless.tookMs} ms`);
});
