import { deepEqual, equal, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { type Cleanup, type InProcessRouter, inProcess } from "../support/in-process.ts";
import {
  chunk,
  chunkedHead,
  httpAnswer,
  LAST_CHUNK,
  startTcpUpstream,
  type TcpScript,
  type TcpUpstream,
  tcpUpstream,
} from "../support/tcp-upstream.ts";
import { until } from "../support/until.ts";

// What a rule keeps at home stays at home, whatever breaks there, with everything turned on that asks other targets.

const CANARY = "canary-4711 is private";
const SSE = "text/event-stream";
const json = (body: object) => httpAnswer(200, "application/json", JSON.stringify(body));
const frame = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const HALF = chunkedHead(SSE) + chunk(frame({ role: "assistant", content: "half" }));

const answers: TcpScript = (socket, { body }) => {
  if (body.includes('"stream":true'))
    return void socket.write(HALF + chunk(`${frame({}, "stop")}data: [DONE]\n\n`) + LAST_CHUNK);
  const choices = [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }];
  socket.write(json({ id: "c", object: "chat.completion", created: 1, model: "m", choices }));
};
const fails =
  (status: number, headers: string[] = []): TcpScript =>
  (socket) =>
    void socket.write(httpAnswer(status, "application/json", `{"error":{"message":"no"}}`, headers));
const writes =
  (text: string, then?: (socket: Socket) => void): TcpScript =>
  (socket) =>
    void socket.write(text, () => then?.(socket));

/** The other one counts tokens too, and would answer everything. */
const cloudAnswers: TcpScript = (socket, { head }) =>
  void socket.write(
    head[0]?.includes("count_tokens")
      ? json({ input_tokens: 7 })
      : json({
          id: "m",
          type: "message",
          role: "assistant",
          model: "m",
          content: [{ type: "text", text: "from the cloud" }],
          stop_reason: "end_turn",
          stop_sequence: null,
          usage: { input_tokens: 1, output_tokens: 1 },
        }),
  );

interface Options {
  home?: string;
  failover?: string;
  rule?: string;
  cloud?: string;
}

interface Rig {
  router: InProcessRouter;
  cloud: TcpUpstream;
}

/** A rule that keeps what is private at `home`, and one that sends all else to `cloud`. */
async function rig(t: Cleanup, origin: string, options: Options = {}): Promise<Rig> {
  const cloud = await tcpUpstream(t, cloudAnswers);
  const toml = `[failover]
hedge = true
hedge_share = 1.0
continue_stream = true
${options.failover ?? ""}

[classifiers.keyword]
enabled = true
tags = { private = ["canary-4711"] }

[[providers]]
name = "home"
format = "openai"
base_url = "${origin}/v1"
${options.home ?? ""}

[[providers]]
name = "cloud"
format = "${options.cloud ?? "anthropic"}"
base_url = "${cloud.origin}/v1"
quality = 99

[[routers]]
type = "tag"
tag = "private"
provider = "home"
${options.rule ?? ""}

[[routers]]
type = "fallback"`;
  return { router: await inProcess(t, toml, { random: () => 0 }), cloud };
}

const MESSAGES = [{ role: "user", content: CANARY }];

function ask({ router }: Rig, stream: boolean) {
  const body = JSON.stringify({ model: "m", stream, max_tokens: 9, messages: MESSAGES });
  return exchange(`${router.url}/v1/chat/completions`, { body });
}

/** Not one request, and so not one byte of the prompt. */
function stayedHome({ cloud }: Rig): void {
  deepEqual(
    cloud.requests.map(({ head, body }) => `${head[0]} ${body}`),
    [],
  );
}

/** What can go wrong at home. */
const FAULTS: Record<string, TcpScript> = {
  "a 500": fails(500),
  "an overload": fails(503),
  "a refused key": fails(401),
  "a forbidden one": fails(403),
  "an empty account": fails(402),
  "no such model": fails(404),
  "a rate limit": fails(429),
  "a rate limit with a long pause": fails(429, ["retry-after: 50"]),
  "a request it does not take": fails(400),
  "a connection that breaks": (socket) => void socket.destroy(),
  "no HTTP": writes("what?\r\n\r\n"),
  "a web page": writes(httpAnswer(200, "text/html", "<p>hello</p>")),
  "an error inside a 200": writes(json({ error: { message: "no" } })),
  "an empty stream": writes(chunkedHead(SSE) + LAST_CHUNK),
  "half an answer": writes(HALF, (socket) => socket.destroy()),
  "half an answer, ended as if it were whole": writes(HALF + LAST_CHUNK),
  "an error in mid-stream": writes(`${HALF}${chunk(`data: {"error":{"message":"no"}}\n\n`)}${LAST_CHUNK}`),
};

describe("a prompt that a rule keeps at home never reaches the other provider", () => {
  for (const [name, script] of Object.entries(FAULTS)) {
    test(name, async (t) => {
      const home = await tcpUpstream(t, script);
      const it = await rig(t, home.origin);
      for (const stream of [false, true]) await ask(it, stream);
      await it.router.settled();
      ok(home.requests.every(({ body }) => body.includes(CANARY)) && home.requests.length > 0);
      stayedHome(it);
    });
  }

  test("a connection that cannot be had", async (t) => {
    const gone = await startTcpUpstream(answers);
    await gone.close();
    const it = await rig(t, gone.origin);
    for (let turn = 0; turn < 6; turn++) equal((await ask(it, turn % 2 === 0)).status, 502);
    ok(it.router.events.some((event) => event.type === "provider" && event.state === "open"));
    stayedHome(it);
  });

  test("no answer at all", async (t) => {
    const home = await tcpUpstream(t, () => undefined);
    const it = await rig(t, home.origin, { home: "timeout = { first_byte_ms = 50 }" });
    const statuses = await Promise.all([ask(it, false), ask(it, true)]);
    deepEqual(
      statuses.map(({ status }) => status),
      [504, 504],
    );
    stayedHome(it);
  });

  test("a redirect to the other one", async (t) => {
    let elsewhere = "";
    const home = await tcpUpstream(t, (socket, request, serial) =>
      fails(307, [`location: ${elsewhere}/v1/chat/completions`])(socket, request, serial),
    );
    const it = await rig(t, home.origin);
    elsewhere = it.cloud.origin;
    for (const stream of [false, true]) await ask(it, stream);
    stayedHome(it);
  });

  test("a breaker that is open", async (t) => {
    const home = await tcpUpstream(t, fails(500));
    const it = await rig(t, home.origin, { failover: "retry_share = 1.0" });
    for (let turn = 0; turn < 6; turn++) equal((await ask(it, turn % 2 === 0)).status, 502);
    ok(it.router.events.some((event) => event.type === "provider" && event.state === "open"));
    stayedHome(it);
  });

  test("its own limit, and nobody may wait", async (t) => {
    const open: Socket[] = [];
    const home = await tcpUpstream(t, (socket) => void open.push(socket));
    const it = await rig(t, home.origin, { home: "max_concurrency = 1\nmax_queue = 0" });
    const first = ask(it, false);
    await until(() => open.length === 1, "the first to be sent");
    for (const stream of [false, true]) equal((await ask(it, stream)).status, 429);
    for (const socket of open) answers(socket, { head: [], body: Buffer.of() }, 0);
    equal((await first).status, 200);
    stayedHome(it);
  });

  test("a stream so slow that it would get company", async (t) => {
    let isSlow = false;
    const home = await tcpUpstream(t, (socket, request, serial) => {
      if (isSlow) setTimeout(() => answers(socket, request, serial), 300);
      else answers(socket, request, serial);
    });
    const it = await rig(t, home.origin);
    for (let turn = 0; turn < 20; turn++) equal((await ask(it, true)).status, 200);
    isSlow = true;
    equal((await ask(it, true)).headers["x-router-provider"], "home");
    stayedHome(it);
  });
});

/** Every way a prompt goes to a provider; what is counted or embedded is a prompt as well. */
const WAYS: Record<string, object> = {
  "/v1/chat/completions": { messages: MESSAGES },
  "/v1/completions": { prompt: CANARY },
  "/v1/responses": { input: CANARY },
  "/v1/responses/input_tokens": { input: CANARY },
  "/v1/responses/compact": { input: CANARY },
  "/v1/messages": { max_tokens: 9, messages: MESSAGES },
  "/v1/messages/count_tokens": { messages: MESSAGES },
  "/v1/embeddings": { input: ["harmless", CANARY] },
  "/v1beta/models/m:generateContent": { contents: [{ parts: [{ text: CANARY }] }] },
  "/v1beta/models/m:streamGenerateContent": { contents: [{ parts: [{ text: CANARY }] }] },
  "/v1beta/models/m:countTokens": { contents: [{ parts: [{ text: CANARY }] }] },
  "/v1beta/models/m:embedContent": { content: { parts: [{ text: CANARY }] } },
  "/v1beta/models/m:batchEmbedContents": {
    requests: [{ model: "models/m", content: { parts: [{ text: CANARY }] } }],
  },
  "/api/chat": { messages: MESSAGES },
  "/api/generate": { prompt: CANARY },
  "/api/embed": { input: CANARY },
  "/api/embeddings": { prompt: CANARY },
};

describe("nor by any other way", () => {
  for (const cloud of ["anthropic", "openai", "openai-responses", "gemini", "ollama"]) {
    test(`to one of the format ${cloud}`, async (t) => {
      const home = await tcpUpstream(t, fails(500));
      const it = await rig(t, home.origin, { cloud, failover: "max_attempts = 2" });
      for (const [path, body] of Object.entries(WAYS)) {
        await exchange(it.router.url + path, { body: JSON.stringify({ model: "m", ...body }) });
        stayedHome(it);
      }
    });
  }
});

describe("where its owner lets it go", () => {
  for (const [name, options] of [
    ["to a fallback named in the rule", { rule: `fallbacks = [{ provider = "cloud" }]` }],
    ["with the scope chain for all rules", { failover: `scope = "chain"` }],
    ["with failover = chain in the rule", { rule: `failover = "chain"` }],
  ] as const) {
    test(`${name}, it goes`, async (t) => {
      const home = await tcpUpstream(t, fails(500));
      const it = await rig(t, home.origin, options);
      equal((await ask(it, false)).headers["x-router-provider"], "cloud");
      ok(it.cloud.requests[0]?.body.includes(CANARY));
    });
  }

  test("and back home again where the rule says so, whatever holds for others", async (t) => {
    const home = await tcpUpstream(t, fails(500));
    const it = await rig(t, home.origin, { failover: `scope = "chain"`, rule: `failover = "rule"` });
    equal((await ask(it, false)).status, 502);
    stayedHome(it);
  });
});
