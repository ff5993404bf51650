import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { PATHS, pathOf } from "../../../test/conformance/requests.ts";
import { CLIENT_FORMATS, type ClientFormat } from "../../../test/support/clients/heard.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import {
  chunk,
  chunkedHead,
  httpAnswer,
  LAST_CHUNK,
  type TcpScript,
  tcpUpstream,
} from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import type { CompleteEvent } from "../../record/events.ts";

const JSON_TYPE = "application/json";
const SSE = "text/event-stream";
const FRAME = (text: string) =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}]}\n\n`;
const END = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
const WHOLE = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
});

interface Got {
  status: number;
  text: string;
  headers: Record<string, unknown>;
  complete: CompleteEvent | undefined;
}

async function ask(
  t: { after(run: () => Promise<void>): void },
  script: TcpScript,
  stream: boolean,
  client: ClientFormat = "openai",
): Promise<Got> {
  const upstream = await tcpUpstream(t, script);
  const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
  const body = JSON.stringify({ model: "m", ...PLAIN[client], stream });
  const got = await exchange(router.url + pathOf(client, "m", stream), { body });
  const [complete] = await router.completed();
  return { status: got.status, text: got.body.toString(), headers: got.headers, complete };
}

for (const stream of [false, true]) {
  describe(stream ? "to a request for a stream" : "to a request for a whole answer", () => {
    for (const status of [301, 302, 303, 307, 308]) {
      test(`a redirect (${status}) is never followed`, async (t) => {
        const elsewhere = await tcpUpstream(t, (socket) => socket.write(httpAnswer(200, JSON_TYPE, WHOLE)));
        const location = `location: ${elsewhere.origin}/v1/chat/completions`;
        const got = await ask(t, (socket) => socket.write(httpAnswer(status, JSON_TYPE, "{}", [location])), stream);
        equal(got.status, 502);
        match(got.text, /redirects \(HTTP 30\d\); redirects are never followed/);
        equal(elsewhere.accepted, 0);
        equal(got.complete?.outcome, "malformed");
      });
    }

    for (const [name, answer] of [
      ["an HTML page", httpAnswer(200, "text/html", "<html>\n<body>Welcome</body>\n</html>")],
      ["nothing", httpAnswer(200, JSON_TYPE, "")],
      ["no content", "HTTP/1.1 204 No Content\r\n\r\n"],
      ["half of its JSON", httpAnswer(200, JSON_TYPE, WHOLE.slice(0, 60))],
      ["JSON of something else", httpAnswer(200, JSON_TYPE, '{"hello":"world"}')],
      ["JSON that is no object", httpAnswer(200, JSON_TYPE, "[1]")],
    ] as const) {
      test(`200 with ${name}: 502, and recorded as the provider's fault`, async (t) => {
        const got = await ask(t, (socket) => socket.write(answer), stream);
        equal(got.status, 502, got.text);
        ok(["malformed", "cut", "target"].includes(got.complete?.outcome ?? ""), JSON.stringify(got.complete));
        ok(!/"content":"[^"]/.test(got.text), got.text);
      });
    }

    test("bytes that are not HTTP", async (t) => {
      const got = await ask(t, (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"), stream);
      deepEqual([got.status, got.complete?.outcome], [502, "malformed"]);
    });

    test("a head of 300 KB", async (t) => {
      const got = await ask(
        t,
        (socket) => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${"x".repeat(300_000)}\r\n\r\n`),
        stream,
      );
      deepEqual([got.status, got.complete?.outcome], [502, "malformed"]);
    });

    test("an error whose body never ends is told all the same", async (t) => {
      const got = await ask(
        t,
        (socket) => {
          socket.write(
            `HTTP/1.1 429 Slow\r\ncontent-type: text/plain\r\nretry-after: 7\r\ntransfer-encoding: chunked\r\n\r\n`,
          );
          const fill = (): void => {
            while (socket.writable && socket.write(chunk("slow down ".repeat(1000))));
            socket.once("drain", fill);
          };
          fill();
        },
        stream,
        "anthropic",
      );
      deepEqual([got.status, got.headers["retry-after"], got.complete?.outcome], [429, "7", "rate-limit"]);
    });

    for (const [name, lines, expected] of [
      ["milliseconds", ["retry-after-ms: 1500", "retry-after: 9"], "2"],
      ["a date", ["date: Mon, 23 Nov 2026 12:00:00 GMT", "retry-after: Mon, 23 Nov 2026 12:00:30 GMT"], "30"],
      ["a past date", ["date: Mon, 23 Nov 2026 12:00:00 GMT", "retry-after: Mon, 23 Nov 2026 11:00:30 GMT"], undefined],
      ["nonsense", ["retry-after: soon"], undefined],
      ["a negative number", ["retry-after: -1"], undefined],
    ] as const) {
      test(`retry-after as ${name}`, async (t) => {
        const answer = httpAnswer(429, JSON_TYPE, '{"error":{"message":"slow down"}}', lines);
        const got = await ask(t, (socket) => socket.write(answer), stream, "anthropic");
        deepEqual([got.status, got.headers["retry-after"]], [429, expected]);
      });
    }
  });
}

describe("a provider that gives nothing but signs of life", () => {
  const every = (head: string, piece: string): TcpScript => {
    return (socket) => {
      socket.write(head);
      const beat = setInterval(() => socket.write(piece), 40);
      socket.on("close", () => clearInterval(beat));
    };
  };
  for (const [name, format, stream, script] of [
    ["comments", "openai", true, every(chunkedHead(SSE), chunk(": ping\n\n"))],
    ["pings", "anthropic", true, every(chunkedHead(SSE), chunk('event: ping\ndata: {"type":"ping"}\n\n'))],
    ["blank lines before a whole answer", "openai", false, every(chunkedHead(JSON_TYPE), chunk("\n"))],
  ] as const) {
    test(`${name}: idle_ms runs out`, { timeout: 30_000 }, async (t) => {
      const upstream = await tcpUpstream(t, script);
      const router = await inProcess(t, oneProvider(format, `${upstream.origin}/v1`, "timeout.idle_ms = 400"));
      const got = await exchange(router.url + pathOf("openai", "m", stream), {
        body: JSON.stringify({ model: "m", ...PLAIN.openai, stream }),
      });
      equal(got.status, 504);
      match(got.body.toString(), /idle_ms/);
      await until(() => upstream.open === 0, "the connection to close");
    });
  }
});

test("a body that does not end behind the terminal event does not keep its connection", async (t) => {
  const answer = chunkedHead(SSE) + chunk(FRAME("hello")) + chunk(END);
  const upstream = await tcpUpstream(t, (socket) => socket.write(answer));
  const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
  const body = JSON.stringify({ model: "m", ...PLAIN.openai, stream: true });
  for (let turn = 0; turn < 3; turn++) equal((await exchange(router.url + PATHS.openai, { body })).status, 200);
  await until(() => upstream.cut === 3, "the connections to close");
});

test("a stream to a request for a whole answer is gathered", async (t) => {
  for (const client of ["openai", "anthropic", "ollama"] as const) {
    const script: TcpScript = (socket) =>
      socket.write(chunkedHead(SSE) + chunk(FRAME("hel")) + chunk(FRAME("lo")) + chunk(END) + LAST_CHUNK);
    const got = await ask(t, script, false, client);
    equal(got.status, 200);
    match(String(got.headers["content-type"]), /json/);
    match(JSON.stringify(JSON.parse(got.text)), /hello/);
    equal(got.complete?.passthrough, false);
  }
});

test("a whole answer larger than 64 MB is given up, streamed or not by the provider", {
  timeout: 60_000,
}, async (t) => {
  const frame = chunk(FRAME("x".repeat(1024 * 1024)));
  for (const [type, piece] of [
    [JSON_TYPE, chunk(" ".repeat(1024 * 1024))],
    [SSE, frame],
  ] as const) {
    let cut = false;
    const script: TcpScript = (socket) => {
      socket.on("close", () => {
        cut = true;
      });
      socket.write(chunkedHead(type));
      const fill = (): void => {
        while (socket.writable && socket.write(piece));
        socket.once("drain", fill);
      };
      fill();
    };
    const got = await ask(t, script, false);
    deepEqual([got.status, got.complete?.outcome], [502, "malformed"]);
    match(got.text, /larger than 67108864 bytes/);
    await until(() => cut, "the provider's connection to close");
  }
});

describe("random faults", () => {
  /** What a provider may do with a connection, one step after the other. */
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(chunk(FRAME("a")), chunk(FRAME("模型 🎉")), chunk(": ping\n\n")) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(chunk(END), LAST_CHUNK, chunk("data: {broken\n\n"), chunk("data: []\n\n")),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("junk", "\r\n", "ffffffff\r\n", chunk('data: {"error":{"message":"e"}}\n\n')),
    },
    { weight: 1, arbitrary: fc.constantFrom("RESET", "END") },
  );
  const head = fc.constantFrom(
    chunkedHead(SSE),
    chunkedHead(SSE),
    chunkedHead(JSON_TYPE),
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n",
    `HTTP/1.1 200 OK\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: 40\r\n\r\n`,
    "HTTP/1.1 500 Broken\r\ntransfer-encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n",
    "",
  );
  const scenario = fc.record({
    head,
    steps: fc.array(step, { maxLength: 8 }),
    client: fc.constantFrom(...CLIENT_FORMATS),
    stream: fc.boolean(),
    leaves: fc.boolean(),
  });

  test("one complete for every start, nothing in flight, one end for every answer", { timeout: 120_000 }, async (t) => {
    let now: { head: string; steps: string[] } = { head: "", steps: [] };
    const upstream = await tcpUpstream(t, (socket) => {
      socket.write(now.head);
      for (const one of now.steps) {
        if (one === "RESET") return void socket.resetAndDestroy();
        if (one === "END") return void socket.end();
        socket.write(one);
      }
      socket.end();
    });
    const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
    await fc.assert(
      fc.asyncProperty(scenario, async ({ head, steps, client, stream, leaves }) => {
        now = { head, steps };
        const before = router.starts().length;
        const body = JSON.stringify({ model: "m", ...PLAIN[client], stream });
        const asking = await rawClient(router.url, post(pathOf(client, "m", stream), body, ["connection: close"]));
        if (leaves) {
          await until(() => router.starts().length > before, "the request to start");
          asking.socket.destroy();
        }
        const heard = await asking.ended();
        await router.settled();
        equal(router.starts().length, before + 1);
        if (leaves) return;
        const complete = router.completes().at(-1);
        match(heard, /^HTTP\/1\.1 \d{3} /);
        equal(heard.startsWith(`HTTP/1.1 ${complete?.status} `), true);
        equal(heard.startsWith("HTTP/1.1 200"), complete?.status === 200);
        // A cut is an error, never a quiet end: the client sees one exactly when the record has one.
        if (complete?.outcome === "ok") ok(!/"error":\s*[{"]|event: error/.test(heard), heard);
        else ok(/error/.test(heard), `${complete?.outcome}: ${heard}`);
      }),
      { numRuns: 200 },
    );
    equal(router.starts().length, router.completes().length);
    equal(new Set(router.completes().map(({ id }) => id)).size, router.completes().length);
    // The next one is alone.
    now = { head: chunkedHead(SSE), steps: [chunk(FRAME("a")), chunk(END), LAST_CHUNK] };
    await exchange(router.url + PATHS.openai, { body: JSON.stringify({ model: "m", ...PLAIN.openai, stream: true }) });
    equal(router.starts().at(-1)?.in_flight, 1);
    deepEqual(
      router.log.filter((line) => line.startsWith("error")),
      [],
    );
  });
});
