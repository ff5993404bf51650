import { type Json, type JsonObject, objectsOf } from "../../../src/core/json.ts";

/** The APIs a client can speak to the router. */
export const CLIENT_FORMATS = [
  "openai",
  "openai-responses",
  "anthropic",
  "ollama",
  "openai-completions",
  "ollama-generate",
  "gemini",
] as const;
export type ClientFormat = (typeof CLIENT_FORMATS)[number];

/** What a client got, as its own SDK decoded it, in no API's words. */
export interface Heard {
  status: number;
  headers: Headers;
  /** The body as it came over the wire. */
  raw: string;
  bytes: Uint8Array;
  /** The connection broke before the body was whole. */
  broken: boolean;
  text: string;
  thinking: string;
  /** Signature or encrypted content, where the API carries one. */
  state?: string;
  toolCalls: { id: string; name: string; args: string }[];
  refusal: string;
  citations: { url: string; title: string }[];
  /** The tokens of the text. */
  logprobs: HeardToken[];
  /** The API's own word: `stop`, `max_tokens`, `incomplete:max_output_tokens`, … */
  finish?: string;
  usage?: { input: number; output: number; cachedRead?: number; cacheWrite?: number; reasoning?: number };
  /** Set when the SDK raised: the answer is an error, or broke. */
  error?: { status: number | undefined; message: string };
}

export interface HeardToken {
  token: string;
  logprob: number;
  top: [token: string, logprob: number][];
}

/** Tokens as OpenAI's API and Ollama's have them. */
export function heardTokens(value: Json | undefined): HeardToken[] {
  return objectsOf(value).map(({ token, logprob, top_logprobs }) => ({
    token: String(token),
    logprob: Number(logprob),
    top: objectsOf(top_logprobs).map((choice) => [String(choice["token"]), Number(choice["logprob"])]),
  }));
}

export type Ask = (base: string, body: JsonObject, stream: boolean) => Promise<Heard>;

/** One exchange as seen on the wire, kept while an SDK decodes it. */
export interface Tap {
  fetch: typeof fetch;
  heard(): Heard;
}

/** A `fetch` for an SDK that keeps status, headers and body. */
export function tap(): Tap {
  const heard: Heard = {
    status: 0,
    headers: new Headers(),
    raw: "",
    bytes: new Uint8Array(),
    broken: false,
    text: "",
    thinking: "",
    toolCalls: [],
    refusal: "",
    citations: [],
    logprobs: [],
  };
  return {
    heard: () => heard,
    async fetch(input, init) {
      const response = await fetch(input, init);
      heard.status = response.status;
      heard.headers = response.headers;
      const chunks: Uint8Array[] = [];
      let failure: unknown;
      try {
        for await (const chunk of response.body ?? []) chunks.push(chunk);
      } catch (error) {
        failure = error;
      }
      const bytes = Buffer.concat(chunks);
      heard.bytes = bytes;
      heard.raw = bytes.toString();
      heard.broken = failure !== undefined;
      if (failure === undefined) return new Response(bytes, { status: response.status, headers: response.headers });
      return new Response(broken(bytes, failure), { status: response.status, headers: response.headers });
    },
  };
}

/** A body that gives these bytes and then breaks, as the one that was read did. */
function broken(bytes: Uint8Array, failure: unknown): ReadableStream {
  let given = false;
  return new ReadableStream({
    pull(controller) {
      if (given) controller.error(failure);
      else controller.enqueue(bytes);
      given = true;
    },
  });
}

/** The SDK's own type for a body written as JSON: what a caller of the SDK asserts by using it. */
export function sdkParams<T>(body: JsonObject): T {
  return JSON.parse(JSON.stringify(body));
}

/** The JSON an SDK object stands for, to read fields its types do not have. */
export function asJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value));
}

export function noteError(heard: Heard, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const status = heard.status >= 400 ? heard.status : undefined;
  heard.error = { status, message };
}

/** The JSON of each `data:` line but `[DONE]`. */
export function dataLines(raw: string): JsonObject[] {
  const result: JsonObject[] = [];
  for (const line of raw.split(/\r?\n/)) {
    if (line.startsWith("data: ") && line !== "data: [DONE]") result.push(JSON.parse(line.slice(6)));
  }
  return result;
}
