import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { isObject, type JsonObject, tryParseJson } from "../../src/core/json.ts";
import type { Answer, UpstreamDialect, UpstreamFormat } from "../../test/support/upstream/answer.ts";
import { addressOf, chatDialect } from "../../test/support/upstream/upstream.ts";
import { nowMs } from "./now.ts";
import type { UpstreamNote, UpstreamOrder } from "./upstream-words.ts";

/**
 * The scripted provider, a process of its own. A base URL is `/FORMAT/DEED` and the API's own base; `-` for the deed means that
 * the prompt says what is to be done (`soak:TAG:DEED:`). It tells its parent of requests whose end matters.
 */
const state = { requests: 0, open: 0, aborted: 0, sockets: 0, text: "one two three four five six seven eight" };
let serial = 0;
const PROMPT = /soak:([\w.]+):([a-z]+)(?:-(\d+))?:/;
const BASE = /^\/([\w-]+)\/([a-z]+(?:-\d+)?|-)(\/.*)$/;

interface Job {
  dialect: UpstreamDialect;
  model: string;
  stream: boolean;
  body: JsonObject;
  raw: string;
  tag: string;
  deed: string;
  argument: number;
}

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    serve(req, res, Buffer.concat(chunks).toString()).catch((error: unknown) => {
      res.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
});

async function serve(req: IncomingMessage, res: ServerResponse, raw: string): Promise<void> {
  const job = jobOf(req, raw);
  if (!job) {
    res.writeHead(404, { "content-type": "application/json" }).end('{"error":{"message":"no such route"}}');
    return;
  }
  state.requests++;
  state.open++;
  const { tag, deed } = job;
  tell({ type: "arrived", tag, at: nowMs(), deed });
  res.on("close", () => {
    state.open--;
    if (res.writableFinished) return;
    state.aborted++;
    tell({ type: "closed", tag, at: nowMs(), deed });
  });
  await perform(job, res);
}

function jobOf(req: IncomingMessage, raw: string): Job | undefined {
  const [, format = "", ofBase = "-", rest = ""] = BASE.exec(req.url ?? "") ?? [];
  if (req.method !== "POST" || !isFormat(format)) return undefined;
  const dialect = chatDialect(format);
  const path = rest.slice(dialect.base.length).split("?")[0] ?? "";
  const parsed = tryParseJson(raw);
  const body = isObject(parsed) ? parsed : {};
  const named = dialect.asks?.(path);
  const [, tag = "", asked = "ok", argument = "0"] = PROMPT.exec(raw) ?? [];
  const [deed = asked, number = argument] = ofBase === "-" ? [] : ofBase.split("-");
  return {
    dialect,
    model: named?.model ?? String(body["model"]),
    stream: named?.stream ?? dialect.wantsStream(body),
    body,
    raw,
    tag,
    deed,
    argument: Number(number),
  };
}

function isFormat(name: string): name is UpstreamFormat {
  return ["openai", "openai-responses", "anthropic", "gemini", "ollama"].includes(name);
}

async function perform(job: Job, res: ServerResponse): Promise<void> {
  switch (job.deed) {
    case "hang":
      return;
    case "begin":
      return begin(job, res);
    case "drip":
      return drip(job, res);
    case "big":
    case "flood":
      return big(job, res);
    case "pace":
      return pace(job, res);
    case "cut":
      return cut(job, res);
    case "fail":
      return fail(job, res, job.argument);
    case "tarry":
      await delay(job.argument);
      return fail(job, res, 500);
    case "slow":
      await delay(job.argument);
  }
  if (job.stream) {
    const { content, closing } = framesOf(job);
    streamHead(job, res).end(content.join("") + closing.join(""));
  } else whole(job, res);
}

function fail(job: Job, res: ServerResponse, status: number): void {
  const text = JSON.stringify(job.dialect.error({ status, message: "scripted failure" }));
  res.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

function whole(job: Job, res: ServerResponse): void {
  const text = JSON.stringify(job.dialect.whole(answer(), contextOf(job)));
  res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
}

function begin(job: Job, res: ServerResponse): void {
  if (job.stream) streamHead(job, res).write(framesOf(job).content.slice(0, 3).join(""));
  else res.writeHead(200, { "content-type": "application/json", "content-length": 1_000 }).write('{"id":');
}

async function drip(job: Job, res: ServerResponse): Promise<void> {
  const { content } = framesOf(job);
  const word = content.at(-1) ?? "";
  streamHead(job, res).write(content.slice(0, 2).join(""));
  while (!res.destroyed) {
    await delay(job.argument);
    res.write(word);
  }
}

/** The text of a normal answer over and over, as fast as it is taken. */
async function big(job: Job, res: ServerResponse): Promise<void> {
  const { content, closing } = framesOf(job, { text: "word ".repeat(800) });
  const words = content.slice(1).join("");
  async function* pieces() {
    yield content[0] ?? "";
    for (let sent = 0; sent < job.argument; sent += words.length) yield words;
    if (job.deed === "flood") await once(res, "close");
    yield closing.join("");
  }
  streamHead(job, res);
  // A router that leaves in the middle is what this is for.
  await pipeline(Readable.from(pieces()), res).catch(() => undefined);
}

async function pace(job: Job, res: ServerResponse): Promise<void> {
  const { content, closing } = framesOf(job);
  streamHead(job, res);
  for (const frame of content) {
    res.write(frame);
    await delay(job.argument);
  }
  res.end(closing.join(""));
}

async function cut(job: Job, res: ServerResponse): Promise<void> {
  begin(job, res);
  await delay(5);
  res.destroy();
}

function streamHead(job: Job, res: ServerResponse): ServerResponse {
  return res.writeHead(200, { "content-type": job.dialect.streamType });
}

function framesOf(job: Job, more: Answer = {}) {
  return job.dialect.frames({ ...answer(), ...more }, contextOf(job));
}

function answer(): Answer {
  return { text: state.text, usage: { input: 20, output: 8 } };
}

function contextOf({ model, body }: Job) {
  return { model, serial: ++serial, body };
}

/** Only of what is not over at once: thousands of notes a second would be load of their own. */
function tell(note: UpstreamNote): void {
  if (!["ok", "fail", "slow", "tarry"].includes(note.deed)) process.send?.(note);
}

process.on("message", (order: UpstreamOrder) => {
  if (order.type === "text") state.text = order.text;
  process.send?.({ type: "counts", ...state });
});
server.on("connection", (socket) => {
  state.sockets++;
  socket.on("close", () => state.sockets--);
});
// A provider that keeps its connections: what closes them is the router or the end.
server.keepAliveTimeout = 120_000;
server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  console.log(`http://127.0.0.1:${addressOf(server.address()).port}`);
});
