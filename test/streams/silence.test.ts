import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { Plugin } from "../../src/plugins/plugin.ts";
import { PLAIN } from "../conformance/feature.ts";
import { pathOf, plainBody } from "../conformance/requests.ts";
import { ASK } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat } from "../support/clients/heard.ts";
import { type Cleanup, inProcess } from "../support/in-process.ts";
import { post, rawClient } from "../support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, type TcpScript, tcpUpstream } from "../support/tcp-upstream.ts";

const line = (object: string, choice: object) =>
  `data: ${JSON.stringify({ id: "c", object, created: 1, model: "m", choices: [{ index: 0, finish_reason: null, ...choice }] })}\n\n`;
const DONE = "data: [DONE]\n\n";
const says = (content: string) => line("chat.completion.chunk", { delta: { content } });
const HEAD =
  chunkedHead("text/event-stream") +
  chunk(line("chat.completion.chunk", { delta: { role: "assistant", content: "" } }));
const END = chunk(line("chat.completion.chunk", { delta: {}, finish_reason: "stop" }) + DONE) + LAST_CHUNK;

/** What a provider of Chat says, or of the older Completions where those pass through: its head, this text, its end. */
function telling(client: ClientFormat): { head: string; says: (text: string) => string; end: string } {
  if (client !== "openai-completions") return { head: HEAD, says: (text) => chunk(says(text)), end: END };
  const piece = (text: string, finish: string | null) => line("text_completion", { text, finish_reason: finish });
  return {
    head: chunkedHead("text/event-stream") + chunk(": comment\n\n"),
    says: (text) => chunk(piece(text, null)),
    end: chunk(piece("", "stop") + DONE) + LAST_CHUNK,
  };
}

/** Three times as long as clients of these routers are left without a sign. */
const SILENCE_MS = 450;
const KEEP_ALIVE = "[server]\nkeep_alive_s = 0.15";

const SIGNS: Record<Exclude<ClientFormat, "gemini">, RegExp> = {
  openai: /: ping\n\n/,
  "openai-completions": /: ping\n\n/,
  "openai-responses": /: ping\n\n/,
  anthropic: /event: ping\ndata: {"type":"ping"}\n\n/,
  ollama: /{"model":"m".*"content":"".*"done":false}\n/,
  "ollama-generate": /{"model":"m".*"response":"".*"done":false}\n/,
};
const CLIENTS = CLIENT_FORMATS.filter((client) => client !== "gemini");

/** What is written one after the other, each after a silence. */
function slowly(...pieces: string[]): TcpScript {
  return (socket) => {
    pieces.forEach((piece, index) => {
      const timer = setTimeout(() => socket.write(piece), SILENCE_MS * (index + 1));
      socket.once("close", () => clearTimeout(timer));
    });
  };
}

const broken = httpAnswer(500, "application/json", `{"error":{"message":"it broke"}}`);

/** Providers `a`, `b`, … of Chat behind one rule. */
async function routed(t: Cleanup, scripts: readonly TcpScript[], more = KEEP_ALIVE, plugins: readonly Plugin[] = []) {
  const upstreams = await Promise.all(scripts.map((script) => tcpUpstream(t, script)));
  const providers = upstreams.map(
    ({ origin }, index) => `[[providers]]\nname = "${"ab"[index]}"\nformat = "openai"\nbase_url = "${origin}/v1"`,
  );
  const failover = `[failover]\nmax_attempts = ${scripts.length}`;
  return inProcess(t, [more, failover, ...providers, `[[routers]]\ntype = "fallback"`].join("\n\n"), { plugins });
}

describe("while a provider is silent", { concurrency: true }, () => {
  for (const client of CLIENTS) {
    const ask = (url: string) => ASK[client](url, { model: "m", ...PLAIN[client] }, true);
    const { head, says: tells, end } = telling(client);

    describe(client, { concurrency: true }, () => {
      test("before the first byte and in the middle: signs of life, and the answer is whole", async (t) => {
        const router = await routed(t, [slowly(head, tells("hello"), tells(" there") + end)]);
        const heard = await ask(router.url);
        deepEqual([heard.status, heard.error, heard.text], [200, undefined, "hello there"]);
        equal(heard.raw.search(SIGNS[client]), 0);
        match(heard.raw.slice(heard.raw.indexOf("hello"), heard.raw.indexOf("there")), SIGNS[client]);
        // Who answers was not known when it was opened.
        equal(heard.headers.get("x-router-provider"), null);
        ok(heard.headers.get("x-router-id"));
        const [complete] = await router.completed();
        deepEqual([complete?.outcome, complete?.status, complete?.response?.content], ["ok", 200, "hello there"]);
      });

      test("a stream that was only opened goes to the next target", async (t) => {
        const router = await routed(t, [slowly(broken), (socket) => socket.write(head + tells("from b") + end)]);
        const heard = await ask(router.url);
        deepEqual([heard.error, heard.text], [undefined, "from b"]);
        equal(heard.raw.search(SIGNS[client]), 0);
      });

      test("an error of a stream that was only opened is one event, in its own words", async (t) => {
        const router = await routed(t, [slowly(broken)]);
        const heard = await ask(router.url);
        equal(heard.status, 200);
        equal(heard.raw.search(SIGNS[client]), 0);
        match(heard.error?.message ?? heard.raw, /provider 'a': it broke/);
        const [complete] = await router.completed();
        deepEqual([complete?.outcome, complete?.status], ["target", 200]);
      });
    });
  }

  test("Gemini's clients, and all when it is turned off, hear nothing before the first content", async (t) => {
    for (const [client, more] of [
      ["gemini", KEEP_ALIVE],
      ["openai", "[server]\nkeep_alive_s = 0"],
    ] as const) {
      const router = await routed(t, [slowly(broken)], more);
      const asking = await rawClient(router.url, post(pathOf(client, "m", true), plainBody(client, "m", true)));
      const heard = await asking.hears("it broke");
      match(heard, /^HTTP\/1.1 502 /);
      asking.socket.destroy();
    }
  });

  test("an event that stops in its middle is not broken into; what was learned later comes in the trailers", async (t) => {
    const hello = says("hello");
    const router = await routed(t, [
      slowly(broken),
      slowly(HEAD + chunk(hello.slice(0, 40)), chunk(hello.slice(40)) + END),
    ]);
    const asking = await rawClient(router.url, post(pathOf("openai", "m", true), plainBody("openai", "m", true)));
    const heard = await asking.hears(/\r\n0\r\n[\s\S]*X-Router-Output-Tokens/);
    asking.socket.destroy();
    const [head = "", body = ""] = heard.split(/\r\n\r\n([\s\S]*)/);
    match(head, /^HTTP\/1.1 200 /);
    match(head, /X-Router-Config: 1/);
    ok(!/X-Router-(?:Provider|Attempts|Losses)/i.test(head.replace(/^trailer:.*$/im, "")), head);
    match(body, /: ping/);
    // The chunks' own frames aside.
    ok(body.replaceAll(/\r\n[0-9a-f]+\r\n/g, "").includes(hello), body);
    match(body, /X-Router-Provider: b\r\nX-Router-Model: m\r\nX-Router-Attempts: 2\r\n/);
  });

  test("signs of life do not keep a provider alive: its own timers run out all the same", async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const router = await inProcess(
      t,
      `${KEEP_ALIVE}\n[[providers]]\nname = "a"\nformat = "openai"\nbase_url = "${upstream.origin}/v1"
timeout = { first_byte_ms = 500 }\n[[routers]]\ntype = "fallback"`,
    );
    const heard = await ASK.anthropic(router.url, { model: "m", ...PLAIN.anthropic }, true);
    match(heard.error?.message ?? "", /provider 'a'/);
    equal((await router.completed())[0]?.outcome, "timeout");
  });

  test("a plugin that needs the whole answer: signs of life until it is there", async (t) => {
    const answer = slowly(HEAD, chunk(says("hello")) + END);
    const router = await routed(t, [answer], KEEP_ALIVE, [{ id: "reader", post_response: () => "continue" }]);
    const heard = await ASK.anthropic(router.url, { model: "m", ...PLAIN.anthropic }, true);
    deepEqual([heard.error, heard.text], [undefined, "hello"]);
    equal(heard.raw.search(SIGNS.anthropic), 0);
  });

  test("a router that stops ends a stream that was only opened with an error event", async (t) => {
    const router = await routed(t, [() => undefined], `${KEEP_ALIVE}\ndrain_s = 0`);
    const asking = await rawClient(router.url, post(pathOf("openai", "m", true), plainBody("openai", "m", true)));
    await asking.hears(": ping");
    void router.close();
    match(await asking.hears(/data: {"error"/), /: ping[\s\S]*stop/);
    equal((await router.completed())[0]?.outcome, "stopping");
    asking.socket.destroy();
  });
});
