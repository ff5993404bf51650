import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { PATHS, pathOf } from "../../../test/conformance/requests.ts";
import { CLIENT_FORMATS, type ClientFormat } from "../../../test/support/clients/heard.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import { startUpstream } from "../../../test/support/upstream/upstream.ts";

const SSE = "text/event-stream";

function frame(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices })}\n\n`;
}
const ROLE = frame({ role: "assistant", content: "" });
const HELLO = frame({ content: "hello" });
const END = `${frame({}, "stop")}data: [DONE]\n\n`;
const ERROR = `data: {"error":{"message":"it broke","type":"server_error","code":"server_error"}}\n\n`;

function bodyOf(client: ClientFormat, stream: boolean): string {
  return JSON.stringify({ model: "m", ...PLAIN[client], stream });
}

/** A sign of each dialect that a stream ended well. */
const CLEAN_END: Record<ClientFormat, RegExp> = {
  openai: /\[DONE\]/,
  "openai-completions": /\[DONE\]/,
  "openai-responses": /response\.completed/,
  anthropic: /message_stop/,
  ollama: /"done":true/,
  "ollama-generate": /"done":true/,
  gemini: /"finishReason":/,
};

for (const client of CLIENT_FORMATS) {
  describe(`${client}, streamed`, () => {
    test("nothing is written before the first content", async (t) => {
      const go = Promise.withResolvers<void>();
      const upstream = await tcpUpstream(t, (socket) => {
        socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(": a comment\n\n"));
        void go.promise.then(() => socket.write(chunk(HELLO) + chunk(END) + LAST_CHUNK));
      });
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const asking = await rawClient(router.url, post(pathOf(client, "m", true), bodyOf(client, true)));
      await until(() => upstream.requests.length === 1, "the provider to be asked");
      // A health check over the same event loop: what was to be written before would have been by now.
      equal((await exchange(`${router.url}/health`)).status, 200);
      equal(asking.heard(), "");
      go.resolve();
      match(await asking.hears("\r\n0\r\n"), CLEAN_END[client]);
      match(asking.heard(), /hello/);
      asking.socket.destroy();
    });

    test("an error before content is an HTTP error", async (t) => {
      const upstream = await tcpUpstream(t, (socket) =>
        socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(ERROR) + LAST_CHUNK),
      );
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const got = await exchange(router.url + pathOf(client, "m", true), { body: bodyOf(client, true) });
      equal(got.status, 502);
      match(String(got.headers["content-type"]), /^application\/json/);
      match(JSON.stringify(JSON.parse(got.body.toString())), /it broke/);
      const [complete] = await router.completed();
      deepEqual([complete?.outcome, complete?.status], ["target", 502]);
    });

    test("an error after content is an error in the stream, and no clean end", async (t) => {
      const upstream = await tcpUpstream(t, (socket) =>
        socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(HELLO) + chunk(ERROR) + LAST_CHUNK),
      );
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const got = await exchange(router.url + pathOf(client, "m", true), { body: bodyOf(client, true) });
      const text = got.body.toString();
      equal(got.status, 200);
      match(text, /hello/);
      match(text, /it broke/);
      ok(!CLEAN_END[client].test(text), text);
      const [complete] = await router.completed();
      deepEqual([complete?.outcome, complete?.status, complete?.response?.content], ["target", 200, "hello"]);
    });

    test("a connection that breaks after content is an error in the stream", async (t) => {
      const upstream = await tcpUpstream(t, (socket) => {
        socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(HELLO));
        setTimeout(() => socket.destroy(), 50);
      });
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const got = await exchange(router.url + pathOf(client, "m", true), { body: bodyOf(client, true) });
      match(got.body.toString(), /error/);
      ok(!CLEAN_END[client].test(got.body.toString()));
      equal((await router.completed())[0]?.outcome, "cut");
    });

    test("a whole answer to it is streamed", async (t) => {
      const choices = [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }];
      const whole = JSON.stringify({ id: "c1", object: "chat.completion", created: 1, model: "m", choices });
      const upstream = await tcpUpstream(t, (socket) => socket.write(httpAnswer(200, "application/json", whole)));
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const got = await exchange(router.url + pathOf(client, "m", true), { body: bodyOf(client, true) });
      equal(got.status, 200);
      if (client !== "openai-completions") match(got.body.toString(), /hello/);
      match(got.body.toString(), CLEAN_END[client]);
      const [complete] = await router.completed();
      deepEqual([complete?.outcome, complete?.passthrough], ["ok", false]);
    });
  });

  describe(`${client}, a client that leaves`, () => {
    for (const [name, stream, begun] of [
      ["streamed, after content", true, true],
      ["streamed, before content", true, false],
      ["whole", false, false],
    ] as const) {
      test(`${name}: the provider's connection is closed, and one complete event says why`, async (t) => {
        const upstream = await tcpUpstream(t, (socket) => {
          if (begun) socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(HELLO));
        });
        const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
        const leaving = await rawClient(router.url, post(pathOf(client, "m", stream), bodyOf(client, stream)));
        await until(() => upstream.requests.length === 1, "the provider to be asked");
        if (begun) await leaving.hears("hello");
        const before = performance.now();
        leaving.socket.destroy();
        // Connections the router asks for models over stay open, so the asked one is known by its last request.
        await until(() => upstream.cut === 1, "the provider's connection to close");
        const took = performance.now() - before;
        ok(took < 2_000, `it took ${took} ms`);
        const [complete] = await router.completed();
        deepEqual([complete?.outcome, complete?.status], ["client-gone", begun ? 200 : null]);
        equal(complete?.response?.content, begun ? "hello" : undefined);
        await router.settled();
        equal(router.completes().length, 1);
      });
    }
  });
}

test("every dialect's stream is whole over a provider of its own dialect that answers whole", async (t) => {
  for (const format of ["openai", "openai-responses", "anthropic", "ollama"] as const) {
    const upstream = await startUpstream(format);
    t.after(() => upstream.close());
    const router = await inProcess(t, oneProvider(format, upstream.url));
    upstream.answer({ text: "hello" });
    const whole = await exchange(router.url + pathOf(format, "m", false), { body: bodyOf(format, false) });
    upstream.answer({ raw: { headers: { "content-type": "application/json" }, chunks: [whole.body] } });
    const got = await exchange(router.url + pathOf(format, "m", true), { body: bodyOf(format, true) });
    match(got.body.toString(), /hello|hell/, format);
    match(got.body.toString(), CLEAN_END[format], format);
  }
});

/** What the text of a stream is followed by. */
const TEXT_END = /"finish_reason":"stop"|output_text\.done|content_block_stop|"done":true/;

test("text that comes in one piece with a frame that is broken goes on before the error", async (t) => {
  for (const format of ["openai", "openai-responses", "anthropic", "ollama"] as const) {
    const upstream = await startUpstream(format);
    t.after(() => upstream.close());
    const router = await inProcess(t, oneProvider(format, upstream.url));
    const ask = async () => exchange(router.url + pathOf(format, "m", true), { body: bodyOf(format, true) });
    upstream.answer({ text: "hello" });
    const whole = await ask();
    const [blank, broken] = format === "ollama" ? ["\n", "{broken\n"] : ["\n\n", "data: {broken\n\n"];
    const frames = whole.body.toString().split(blank);
    const beginning =
      frames
        .slice(
          0,
          frames.findIndex((frame) => TEXT_END.test(frame)),
        )
        .join(blank) + blank;
    const type = String(whole.headers["content-type"]);
    upstream.answer({ raw: { headers: { "content-type": type }, chunks: [beginning + broken] } });
    const heard = (await ask()).body.toString();
    ok(heard.startsWith(beginning) && /error/.test(heard.slice(beginning.length)), `${format}: ${heard}`);
    equal((await router.completed(2))[1]?.response?.content, "hello");
  }
});

describe("back-pressure", () => {
  for (const [name, dialect] of [
    ["passed through", "openai"],
    ["translated", "anthropic"],
  ] as const) {
    test(`a client that does not read, ${name}: the provider is made to wait`, async (t) => {
      const total = 50 * 1024 * 1024;
      const piece = chunk(frame({ content: "x".repeat(64 * 1024) }));
      let written = 0;
      const upstream = await tcpUpstream(t, (socket) => {
        socket.write(chunkedHead(SSE) + chunk(ROLE));
        const fill = (): void => {
          while (written < total) {
            written += piece.length;
            if (!socket.write(piece)) return void socket.once("drain", fill);
          }
          socket.write(chunk(END) + LAST_CHUNK);
        };
        fill();
      });
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const stuck = await rawClient(router.url);
      stuck.socket.pause();
      stuck.socket.write(post(pathOf(dialect, "m", true), bodyOf(dialect, true)));
      await until(() => written > 0, "the provider to begin");
      let seen = -1;
      // The buffers of three sockets fill up, then nothing moves.
      await until(async () => {
        const moved = written !== seen;
        seen = written;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return !moved;
      }, "the provider to stop");
      ok(written < total / 2, `${written} bytes were taken from the provider`);
      stuck.socket.resume();
      await until(() => written >= total, "the provider to go on");
      await stuck.hears("\r\n0\r\n");
      equal((await router.completed())[0]?.outcome, "ok");
      stuck.socket.destroy();
    });
  }

  test("a client that does not read and then leaves lets go of the provider", async (t) => {
    const piece = chunk(frame({ content: "x".repeat(64 * 1024) }));
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(chunkedHead(SSE));
      const fill = (): void => {
        while (socket.writable && socket.write(piece));
        socket.once("drain", fill);
      };
      fill();
    });
    const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
    const stuck = await rawClient(router.url);
    stuck.socket.pause();
    stuck.socket.write(post(PATHS.openai, bodyOf("openai", true)));
    await until(() => upstream.requests.length === 1, "the provider to be asked");
    await new Promise((resolve) => setTimeout(resolve, 200));
    stuck.socket.destroy();
    await until(() => upstream.cut === 1, "the provider's connection to close");
    equal((await router.completed())[0]?.outcome, "client-gone");
  });
});

test("200 at once, each with its own content: nobody sees anything of another's", { timeout: 60_000 }, async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  upstream.answer((received) => {
    const said = /token-\d+-x/.exec(received.raw.toString())?.[0] ?? "none";
    return { text: `${said} `.repeat(20), stream: { slice: 97 } };
  });
  const router = await inProcess(t, oneProvider("openai", upstream.url));
  const agentless = CLIENT_FORMATS.filter((client) => client !== "openai-completions");
  await Promise.all(
    Array.from({ length: 200 }, async (_, at) => {
      const client = agentless[at % agentless.length] ?? "openai";
      const token = `token-${at}-x`;
      const stream = at % 3 !== 0;
      const body = bodyOf(client, stream).replace(/"hi"/, JSON.stringify(token));
      const got = await exchange(router.url + pathOf(client, "m", stream), { body });
      equal(got.status, 200);
      const text = got.body.toString().replaceAll(/[^0-9a-z-]/g, "");
      for (const found of text.matchAll(/token-(\d+)-x/g)) equal(Number(found[1]), at);
      notEqual(text, "");
    }),
  );
  const done = await router.completed(200);
  equal(new Set(done.map(({ id }) => id)).size, 200);
  for (const complete of done) {
    const asked = /token-\d+-x/.exec(JSON.stringify(complete.messages))?.[0] ?? "";
    equal(complete.response?.content.startsWith(`${asked} `), true);
  }
  equal(router.events.filter((event) => event.type === "start").length, 200);
});

test("agents that keep their connection get one stream after the other over it", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const router = await inProcess(t, oneProvider("openai", upstream.url));
  const client = await rawClient(router.url);
  for (let turn = 1; turn <= 30; turn++) {
    client.socket.write(post(PATHS.anthropic, bodyOf("anthropic", true)));
    await until(() => client.heard().split("message_stop").length > 2 * turn, `answer ${turn}`);
  }
  equal(client.socket.listenerCount("close") < 10, true);
  client.socket.destroy();
  equal(router.completes().length, 30);
});
