import { pathOf } from "../../test/conformance/requests.ts";
import type { ClientFormat } from "../../test/support/clients/heard.ts";

/** What the upstream is to do with a request: words in its prompt, which every format carries. */
export type Deed =
  /** Answers. */
  | "ok"
  /** Says nothing at all. */
  | "hang"
  /** Begins an answer and then is silent. */
  | "begin"
  /** Answers after `slow-50` ms. */
  | `slow-${number}`
  /** Streams `big-N` bytes of text, as fast as they are taken. */
  | `big-${number}`
  /** The same, and then is silent. */
  | `flood-${number}`
  /** An answer frame by frame, `pace-N` ms apart. */
  | `pace-${number}`
  /** One word each `drip-N` ms, without end. */
  | `drip-${number}`
  /** Sends half an answer and breaks the connection. */
  | "cut"
  /** Answers with this status. */
  | `fail-${number}`
  /** The same, with 500, after `tarry-50` ms. */
  | `tarry-${number}`;

const TEXT = "the quick brown fox jumps over the lazy dog";

/** `tag` is what the upstream calls the request by when it tells of it. */
export function promptOf(tag: string, deed: Deed): string {
  return `soak:${tag}:${deed}: ${TEXT}`;
}

/** The body a client of this API sends. */
export function bodyOf(client: ClientFormat, model: string, stream: boolean, prompt: string): string {
  const messages = [{ role: "user", content: prompt }];
  switch (client) {
    case "openai":
    case "ollama":
      return JSON.stringify({ model, messages, stream });
    case "anthropic":
      return JSON.stringify({ model, messages, stream, max_tokens: 100 });
    case "openai-responses":
      return JSON.stringify({ model, input: prompt, stream });
    case "openai-completions":
    case "ollama-generate":
      return JSON.stringify({ model, prompt, stream });
    case "gemini":
      return JSON.stringify({ contents: [{ role: "user", parts: [{ text: prompt }] }] });
  }
}

export interface Ask {
  client?: ClientFormat;
  model?: string;
  stream?: boolean;
  tag?: string;
  deed?: Deed;
  headers?: Record<string, string>;
  prompt?: string;
}

/** A whole request as bytes. */
export function requestOf(ask: Ask = {}): string {
  const { client = "openai", model = "m", stream = false, tag = "x", deed = "ok", headers = {} } = ask;
  const body = bodyOf(client, model, stream, ask.prompt ?? promptOf(tag, deed));
  return postOf(pathOf(client, model, stream), body, headers);
}

export function postOf(path: string, body: string, headers: Record<string, string> = {}): string {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${more.join("")}`;
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function getOf(path: string, headers: Record<string, string> = {}): string {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${more.join("")}\r\n`;
}
