import { equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { after, before, describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { type RunningRouter, startRouter, type Weakening } from "../support/router.ts";
import { until } from "../support/until.ts";
import { addressOf } from "../support/upstream/upstream.ts";

// The other half of S17: what a provider, or who sits in its place, sends without an end, or so that reading it takes long. The router
// takes so much of it and no more, closes the connection, and says what was wrong. (Answers that inflate: S16.)

const MIB = 1024 * 1024;

/** What the system takes for the router before the router does, at most: the buffers of both ends. */
const UNDER_WAY = ["tcp_rmem", "tcp_wmem"].map(bufferOf).reduce((sum, bytes) => sum + bytes);

function bufferOf(setting: string): number {
  if (process.platform !== "linux") return 4 * MIB;
  return Number(readFileSync(`/proc/sys/net/ipv4/${setting}`, "utf8").trim().split(/\s+/).at(-1));
}

const GUARDS: Weakening[] = [
  { file: "pipeline/answer/answer-reader.ts", from: "this.#bytes > limit &&", to: "false &&" },
  { file: "pipeline/answer/live-stream.ts", from: "this.#padding <= MAX_PADDING_BYTES", to: "true" },
  { file: "wire/bytes/lines.ts", from: "this.#pendingChars > MAX_LINE_CHARS", to: "false" },
  { file: "wire/bytes/stream.ts", from: "this.#data.length > MAX_LINE_CHARS", to: "false" },
  { file: "wire/bytes/stream.ts", from: "bare.length > MAX_LINE_CHARS", to: "false" },
  { file: "upstream/json-sink.ts", from: "this.#bytes <= MAX_JSON_BYTES", to: "true" },
  { file: "upstream/http/response-parser.ts", from: "this.#text.length > MAX_HEAD_BYTES", to: "false" },
  { file: "upstream/http/answer-head.ts", from: "++count > MAX_HEADERS", to: "false" },
  { file: "core/json-shape.ts", from: "own > MAX_KEYS", to: "false" },
  { file: "core/json-shape.ts", from: "open.push(0) > MAX_DEPTH + 1", to: "open.push(0) < 0" },
];

interface Played {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: Record<string, string>;
  readonly begin?: string;
  /** Again and again, until `upTo` bytes were taken. */
  readonly again?: string;
  readonly upTo?: number;
}

interface Attack extends Played {
  readonly name: string;
  /** What a client asks; else it is the list of models that is asked for. */
  readonly ask?: { path: string; json: string };
  /** The router takes no more than this. `upTo` and this are meant on top of what is under way in the buffers of the system. */
  readonly most: number;
}

const CHAT = { path: "/v1/chat/completions", json: '{"model":"m","messages":[{"role":"user","content":"hi"}]}' };
const STREAM = { ...CHAT, json: `${CHAT.json.slice(0, -1)},"stream":true}` };
const LOCAL = { ...CHAT, json: CHAT.json.replace('"m"', '"local"') };
const LOCAL_STREAM = { ...STREAM, json: STREAM.json.replace('"m"', '"local"') };
const EMBEDDINGS = { path: "/v1/embeddings", json: '{"model":"m","input":"hi"}' };
const SSE = "text/event-stream";
const X = "x".repeat(MIB);

const keys = `{${Array.from({ length: 200_000 }, (_, at) => `"k${at}":1`).join()}}`;
const deep = "[".repeat(100_000) + "]".repeat(100_000);
/** A good answer, but for one more field. */
const whole = (more: string) =>
  `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"more":${more}}`;
const event = (more: string) =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}],"more":${more}}\n\ndata: [DONE]\n\n`;
const line = (more: string) =>
  `{"model":"m","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"ok"},"done":true,"more":${more}}\n`;

const LARGE = { most: 66 * MIB, upTo: 80 * MIB };
const LINE = { most: 34 * MIB, upTo: 40 * MIB };
const SHAPED = { most: 40 * MIB };

const list: Attack[] = [
  { name: "an answer without end", ask: CHAT, begin: whole('"').slice(0, -1), again: X, ...LARGE },
  {
    name: "an error without end",
    ask: CHAT,
    status: 400,
    begin: '{"error":{"message":"',
    again: X,
    most: 3 * MIB,
    upTo: 10 * MIB,
  },
  {
    name: "a page without end in the place of a stream",
    ask: STREAM,
    status: 503,
    type: "text/html",
    again: X,
    most: 3 * MIB,
    upTo: 10 * MIB,
  },
  { name: "a head of 1 MB", ask: CHAT, headers: { "x-long": X.slice(1) }, begin: whole("1"), most: 2 * MIB },
  {
    name: "2,000 headers",
    ask: CHAT,
    headers: Object.fromEntries(Array.from({ length: 1_900 }, (_, at) => [`h${at}`, "1"])),
    begin: whole("1"),
    most: MIB,
  },
  { name: "an event without a line end", ask: STREAM, type: SSE, begin: "data: ", again: X, ...LINE },
  { name: "an event of lines without end", ask: STREAM, type: SSE, again: `data: ${X}\n`, ...LINE },
  { name: "bare JSON of lines without end", ask: STREAM, type: SSE, begin: "{\n", again: ` "${X}\n`, ...LINE },
  { name: "comments without end", ask: STREAM, type: SSE, again: `: ${X}\n\n`, most: 10 * MIB, upTo: 20 * MIB },
  {
    name: "a line of NDJSON without end",
    ask: LOCAL_STREAM,
    type: "application/x-ndjson",
    begin: '{"message":"',
    again: X,
    ...LINE,
  },
  {
    name: "embeddings without end",
    ask: EMBEDDINGS,
    begin: '{"data":[{"embedding":[',
    again: "1,".repeat(MIB / 2),
    ...LARGE,
  },
  { name: "a list of models without end", begin: '{"data":[', again: `{"id":"${X}"},`, ...LARGE },
  { name: "an answer with an object of 200,000 keys", ask: CHAT, begin: whole(keys), ...SHAPED },
  { name: "an event with an object of 200,000 keys", ask: STREAM, type: SSE, begin: event(keys), ...SHAPED },
  { name: "a line with an object of 200,000 keys", ask: LOCAL, begin: line(keys), ...SHAPED },
  { name: "an answer of 100,000 lists in one another", ask: CHAT, begin: whole(deep), ...SHAPED },
  { name: "an event of 100,000 lists in one another", ask: STREAM, type: SSE, begin: event(deep), ...SHAPED },
];

/** A provider that says what it is told to, to the question that is meant. */
class Provider {
  readonly #server = createServer((request, response) => {
    request.resume();
    const isMeant = this.#now !== undefined && (request.method === "GET") === (this.#now.ask === undefined);
    if (isMeant && this.#now) return void this.#play(this.#now, response);
    response.end('{"data":[],"models":[]}');
  });
  #now: Attack | undefined;
  sent = 0;
  /** How the attack ended: taken whole, or cut off by the router. */
  ended: "whole" | "cut" | undefined;

  async listen(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${addressOf(this.#server.address()).port}`;
  }

  set(attack: Attack | undefined): void {
    this.#now = attack;
    this.sent = 0;
    this.ended = undefined;
  }

  async #play(
    { status = 200, type = "application/json", headers, begin = "", again, upTo = 0 }: Attack,
    response: ServerResponse,
  ): Promise<void> {
    // Once is enough.
    this.#now = undefined;
    const closed = once(response, "close");
    void closed.then(() => {
      this.ended = response.writableFinished ? "whole" : "cut";
    });
    response.writeHead(status, { "content-type": type, ...headers });
    const send = async (text: string) => {
      this.sent += text.length;
      if (!response.write(text)) await Promise.race([once(response, "drain").catch(() => undefined), closed]);
    };
    await send(begin);
    while (again !== undefined && this.sent < upTo + UNDER_WAY && !response.destroyed) await send(again);
    response.end();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

const config = (url: string) => `[server]
port = 0
[failover]
max_attempts = 1
[breaker]
enabled = false
[discovery]
refresh_s = 0.5
[[providers]]
name = "up"
format = "openai"
base_url = "${url}"
[[providers]]
name = "local"
format = "ollama"
base_url = "${url}"
[[routers]]
type = "prefix"
model_prefix = "local"
provider = "local"
[[routers]]
type = "fallback"
providers = ["up"]
`;

interface Field {
  readonly provider: Provider;
  readonly router: RunningRouter;
}

/** Says what the attacker got; undefined: nothing. */
async function got(attack: Attack, { provider, router }: Field): Promise<string | undefined> {
  provider.set(attack);
  const { ask, status = 200, again, most } = attack;
  const asked = ask && exchange(router.url + ask.path, { body: ask.json });
  await until(() => provider.ended !== undefined, "the end of the attack", 60_000);
  const taken = provider.sent;
  if (taken > most + UNDER_WAY) return `${taken} bytes were taken`;
  if (again !== undefined && provider.ended === "whole") return "nobody closed the connection";
  const answer = await asked;
  if (!answer) return undefined;
  const said = answer.body.toString("utf8", 0, 4_096);
  if (status === 200 && answer.status !== 502) return `status ${answer.status}: ${said.slice(0, 200)}`;
  return answer.status >= 400 ? undefined : `status ${answer.status}`;
}

function against(title: string, weakenings: readonly Weakening[], define: (field: () => Field) => void): void {
  describe(title, () => {
    const field: { provider?: Provider; router?: RunningRouter } = {};
    before(async () => {
      field.provider = new Provider();
      field.router = await startRouter(config(await field.provider.listen()), {}, { weakenings });
    });
    after(async () => {
      await field.router?.close();
      await field.provider?.close();
    });
    define(() => {
      const { provider, router } = field;
      ok(provider && router);
      return { provider, router };
    });
  });
}

describe("S17: answers without end, or dear to read", () => {
  against("as it is", [], (field) => {
    for (const attack of list)
      test(`repelled: ${attack.name}`, async () => {
        equal(await got(attack, field()), undefined);
      });
    // What one of 64 MiB takes, in bytes and as text, on top of the router itself.
    test("and it never needed 640 MB", { skip: process.platform !== "linux" }, () => {
      const status = readFileSync(`/proc/${field().router.pid}/status`, "utf8");
      const [line = "", kb] = /VmHWM:\s+(\d+) kB/.exec(status) ?? [];
      ok(Number(kb) < 640_000, line);
    });
  });
  against("without its guards", GUARDS, (field) => {
    for (const attack of list)
      test(`succeeds without its guard: ${attack.name}`, async () => {
        ok(await got(attack, field()), "the attack failed though its guard was taken out");
      });
  });
});
