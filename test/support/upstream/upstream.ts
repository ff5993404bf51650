import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isObject, type JsonObject, tryParseJson } from "../../../src/core/json.ts";
import type { Answer, UpstreamDialect, UpstreamFormat } from "./answer.ts";
import { anthropic } from "./anthropic.ts";
import { deliver, sendJson } from "./delivery.ts";
import { gemini } from "./gemini.ts";
import { generate, ollama } from "./ollama.ts";
import { completions, openai } from "./openai.ts";
import { responses } from "./responses.ts";

/** What one server answers under one address: a chat endpoint, and the older one beside it where the API has one. */
const DIALECTS: Record<UpstreamFormat, UpstreamDialect[]> = {
  openai: [openai, completions],
  "openai-responses": [responses],
  anthropic: [anthropic],
  gemini: [gemini],
  ollama: [ollama, generate],
};

/** A request as it arrived. */
export interface Received {
  method: string;
  /** Behind the base: `/chat/completions`. */
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  raw: Buffer;
  body: JsonObject;
  /** The connection was closed by the other side before the answer was complete. */
  aborted: boolean;
}

export type Script = Answer | ((request: Received, serial: number) => Answer);

/** A provider under test control, on loopback. */
export interface Upstream {
  format: UpstreamFormat;
  /** What goes into `base_url`. */
  url: string;
  /** Chat requests, in order of arrival; other routes are in `others`. */
  requests: Received[];
  others: Received[];
  /** How it answers from now on. Also forgets the requests so far. */
  answer(script: Script): void;
  last(): Received;
  close(): Promise<void>;
}

export async function startUpstream(format: UpstreamFormat): Promise<Upstream> {
  const dialects = DIALECTS[format];
  const base = dialects[0]?.base ?? "";
  const state: { script: Script; serial: number } = { script: { text: "hello" }, serial: 0 };
  const requests: Received[] = [];
  const others: Received[] = [];
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(599);
      outgoing.end(String(error));
    });
  });
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const received = await receive(incoming, base);
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) received.aborted = true;
    });
    const { path, body, method } = received;
    const dialect = dialects.find(({ asks, chat }) => method === "POST" && (asks ? asks(path) : chat === path));
    if (!dialect) {
      others.push(received);
      const answer = dialects[0]?.other(method, path, body);
      return sendJson(outgoing, answer ? 200 : 404, answer ?? { error: { message: `no route ${path}` } });
    }
    requests.push(received);
    const serial = ++state.serial;
    const { script } = state;
    const answer = typeof script === "function" ? script(received, serial) : script;
    const { model, stream } = dialect.asks?.(path) ?? {
      model: String(body["model"]),
      stream: dialect.wantsStream(body),
    };
    await deliver(outgoing, dialect, answer, { model, serial, body }, stream);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = addressOf(server.address());
  return {
    format,
    url: `http://127.0.0.1:${port}${base}`,
    requests,
    others,
    answer(script) {
      state.script = script;
      requests.length = 0;
      others.length = 0;
    },
    last() {
      const request = requests.at(-1);
      if (!request) throw new Error(`the ${format} upstream was not asked`);
      return request;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function receive(incoming: IncomingMessage, base: string): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const raw = Buffer.concat(chunks);
  const url = new URL(incoming.url ?? "/", "http://upstream");
  const parsed = tryParseJson(raw.toString());
  return {
    method: incoming.method ?? "",
    path: url.pathname.startsWith(base) ? url.pathname.slice(base.length) : url.pathname,
    query: url.search,
    headers: incoming.headers,
    raw,
    body: isObject(parsed) ? parsed : {},
    aborted: false,
  };
}

export function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("the server has no TCP address");
  return address;
}

/** What a server of this format says at its chat endpoint. */
export function chatDialect(format: UpstreamFormat): UpstreamDialect {
  const [dialect] = DIALECTS[format];
  if (!dialect) throw new Error(`no dialect for ${format}`);
  return dialect;
}
