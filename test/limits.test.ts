import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { inProcess } from "./support/in-process.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, type TcpUpstream, tcpUpstream } from "./support/tcp-upstream.ts";
import { until } from "./support/until.ts";

const ANSWER = JSON.stringify({
  model: "m",
  message: { role: "assistant", content: "hello" },
  done: true,
  done_reason: "stop",
});
const DELTA = `${JSON.stringify({ model: "m", message: { role: "assistant", content: "hel" }, done: false })}\n`;
const DONE = `${JSON.stringify({ model: "m", message: { role: "assistant", content: "lo" }, done: true, done_reason: "stop" })}\n`;

function body(stream: boolean): string {
  return JSON.stringify({ model: "m", max_tokens: 9, stream, messages: [{ role: "user", content: "hi" }] });
}

/** An Ollama that answers when it is told to, oldest request first. */
async function slowOllama(t: { after(run: () => Promise<void>): void }) {
  const open: Socket[] = [];
  const seen = { most: 0 };
  const upstream = await tcpUpstream(t, (socket) => {
    open.push(socket);
    socket.once("close", () => {
      if (open.includes(socket)) open.splice(open.indexOf(socket), 1);
    });
    seen.most = Math.max(seen.most, open.length);
  });
  return { upstream, open, seen, answer: () => open.shift()?.write(httpAnswer(200, "application/json", ANSWER)) };
}

function limited({ origin }: TcpUpstream, more: string, name = "local"): string {
  return `[[providers]]\nname = "${name}"\nformat = "ollama"\nbase_url = "${origin}"\n${more}\n`;
}

const RULE = '[[routers]]\ntype = "fallback"\n';

function ask(url: string, path: string, json = body(false)): Promise<Response> {
  return fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body: json });
}

/** The model is there: what is told of loading it is in the tests of the limiter. */
async function warm(url: string, { answer, open }: { answer: () => unknown; open: unknown[] }): Promise<void> {
  const first = ask(url, "/api/chat");
  await until(() => open.length === 1, "the first request");
  answer();
  equal((await first).status, 200);
}

describe("a provider with max_concurrency = 2", () => {
  test("gets two of twenty at a time, and all twenty in the end", async (t) => {
    const ollama = await slowOllama(t);
    const router = await inProcess(t, limited(ollama.upstream, "max_concurrency = 2") + RULE);
    await warm(router.url, ollama);
    const asked = Array.from({ length: 20 }, () => ask(router.url, "/v1/chat/completions"));
    for (let answered = 0; answered < 20; answered++) {
      await until(() => ollama.open.length === Math.min(2, 20 - answered), `request ${answered}`);
      ollama.answer();
    }
    deepEqual(new Set((await Promise.all(asked)).map(({ status }) => status)), new Set([200]));
    equal(ollama.seen.most, 2);
  });

  test("a stream holds its place until its end", async (t) => {
    const ollama = await slowOllama(t);
    const router = await inProcess(t, limited(ollama.upstream, "max_concurrency = 1") + RULE);
    await warm(router.url, ollama);
    const stream = await rawClient(router.url, post("/v1/chat/completions", body(true)));
    await until(() => ollama.open.length === 1, "the stream to be asked for");
    const [socket] = ollama.open;
    socket?.write(chunkedHead("application/x-ndjson") + chunk(DELTA));
    await stream.hears("hel");
    const second = ask(router.url, "/v1/chat/completions");
    await until(() => router.starts().length === 3, "the second request");
    equal(ollama.upstream.requests.length, 2);
    ollama.open.shift();
    socket?.write(chunk(DONE) + LAST_CHUNK);
    await stream.hears("[DONE]");
    await until(() => ollama.upstream.requests.length === 3, "the second to be sent");
    ollama.answer();
    equal((await second).status, 200);
  });

  test("a client that leaves the line frees its place and is never sent on", async (t) => {
    const ollama = await slowOllama(t);
    const router = await inProcess(t, limited(ollama.upstream, "max_concurrency = 1\nmax_queue = 1") + RULE);
    await warm(router.url, ollama);
    const first = ask(router.url, "/v1/chat/completions");
    await until(() => ollama.open.length === 1, "the first to be sent");
    const leaver = await rawClient(router.url, post("/v1/messages", body(false)));
    await until(() => router.starts().length === 3, "the leaver to wait");
    leaver.socket.destroy();
    await router.completed(2);
    equal(router.completes().at(-1)?.outcome, "client-gone");
    const third = ask(router.url, "/v1/chat/completions");
    await until(() => router.starts().length === 4, "the third to wait");
    ollama.answer();
    await until(() => ollama.open.length === 1, "the third to be sent");
    ollama.answer();
    deepEqual([(await first).status, (await third).status], [200, 200]);
    equal(ollama.upstream.requests.length, 3);
  });

  test("who finds the line full is told so in its own API, with Retry-After", async (t) => {
    const ollama = await slowOllama(t);
    const router = await inProcess(t, limited(ollama.upstream, "max_concurrency = 1\nmax_queue = 0") + RULE);
    await warm(router.url, ollama);
    const first = ask(router.url, "/v1/chat/completions");
    await until(() => ollama.open.length === 1, "the first to be sent");
    const shapes = [
      ["/v1/chat/completions", body(false), /"code":"rate_limit_exceeded"/],
      ["/v1/chat/completions", body(true), /"code":"rate_limit_exceeded"/],
      ["/v1/responses", '{"model":"m","input":"hi"}', /"code":"rate_limit_exceeded"/],
      ["/v1/messages", body(false), /"type":"rate_limit_error"/],
      ["/v1beta/models/m:generateContent", '{"contents":[{"parts":[{"text":"hi"}]}]}', /"status":"RESOURCE_EXHAUSTED"/],
      ["/api/chat", body(false), /^\{"error":"provider 'local': its limit max_concurrency \(1\)/],
    ] as const;
    for (const [path, json, shape] of shapes) {
      const answer = await ask(router.url, path, json);
      equal(answer.status, 429, path);
      ok(Number(answer.headers.get("retry-after")) >= 1, path);
      const text = await answer.text();
      match(text, shape);
      match(text, /provider 'local': its limit max_concurrency \(1\) is reached, and max_queue \(0\) wait already/);
    }
    equal(router.completes().at(-1)?.outcome, "busy");
    ollama.answer();
    equal((await first).status, 200);
    equal(ollama.upstream.requests.length, 2);
  });

  test("what does not fit goes to the next target of the rule", async (t) => {
    const [one, two] = [await slowOllama(t), await slowOllama(t)];
    const config = [
      "[failover]\nmax_attempts = 3\n",
      limited(one.upstream, "quality = 90\nmax_concurrency = 1\nmax_queue = 0", "one"),
      limited(two.upstream, "quality = 10", "two"),
      RULE,
    ];
    const router = await inProcess(t, config.join("\n"));
    const first = ask(router.url, "/v1/chat/completions");
    await until(() => one.open.length === 1, "the first to be sent");
    const second = ask(router.url, "/v1/chat/completions");
    await until(() => two.open.length === 1, "the second to be sent on");
    two.answer();
    const answer = await second;
    deepEqual([answer.status, answer.headers.get("x-router-provider")], [200, "two"]);
    one.answer();
    equal((await first).headers.get("x-router-provider"), "one");
  });
});
