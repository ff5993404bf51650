import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { JsonObject } from "../../../src/core/json.ts";
import type { Answer, AnswerContext, StreamQuirks, UpstreamDialect } from "./answer.ts";

/** Sends one scripted answer: raw, an error, whole or streamed. */
export async function deliver(
  response: ServerResponse,
  dialect: UpstreamDialect,
  answer: Answer,
  context: AnswerContext,
  stream: boolean,
): Promise<void> {
  if (answer.raw) return deliverRaw(response, answer.raw);
  if (answer.error) {
    const { status, headers, text } = answer.error;
    const type = text === undefined ? "application/json" : "text/html";
    response.writeHead(status, { "content-type": type, "x-request-id": "req_upstream", ...headers });
    response.end(text ?? JSON.stringify(dialect.error(answer.error)));
    return;
  }
  const { rewrite = asItIs } = answer;
  if (!stream) return sendText(response, 200, rewrite(JSON.stringify(dialect.whole(answer, context))));
  response.writeHead(200, { "content-type": dialect.streamType, "cache-control": "no-cache" });
  response.flushHeaders();
  const quirks = answer.stream ?? {};
  for (const write of slices(wireFrames(dialect, answer, context).map(rewrite), quirks)) {
    if (response.destroyed) return;
    response.write(write);
    if (quirks.paceMs !== undefined) await delay(quirks.paceMs);
  }
  if (quirks.cut === "reset") {
    // The bytes written have to be on the way before the connection breaks.
    await delay(20);
    response.destroy();
  } else response.end();
}

export function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  sendText(response, status, JSON.stringify(body));
}

function sendText(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": "req_upstream" });
  response.end(json);
}

function asItIs(text: string): string {
  return text;
}

function wireFrames(dialect: UpstreamDialect, answer: Answer, context: AnswerContext): string[] {
  const quirks = answer.stream ?? {};
  if (quirks.empty) return [];
  const { content, closing } = dialect.frames(answer, context);
  if (quirks.cut) return content;
  if (quirks.error !== undefined) return [...content, dialect.errorFrame(quirks.error)];
  const frames = [...content, ...closing];
  if (!quirks.noise || dialect.noise === "") return frames;
  // Between frames: what follows the terminal is read by nobody.
  return frames.map((frame, at) => ((at === 0 ? "" : dialect.noise) + frame).replaceAll("\n", "\r\n"));
}

function* slices(frames: string[], quirks: StreamQuirks): Generator<Uint8Array> {
  const size = quirks.slice;
  if (size === undefined) {
    for (const frame of frames) yield Buffer.from(frame);
    return;
  }
  const bytes = Buffer.from(frames.join(""));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function deliverRaw(response: ServerResponse, raw: NonNullable<Answer["raw"]>): void {
  response.writeHead(raw.status ?? 200, { "content-type": "application/json", ...raw.headers });
  for (const chunk of raw.chunks) response.write(chunk);
  response.end();
}
