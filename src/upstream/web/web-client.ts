import { lookup as dnsLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import type { Agent, buildConnector, Dispatcher } from "undici";
import type { Clock } from "../../core/clock.ts";
import type { Json } from "../../core/json.ts";
import type { HttpAnswer, HttpRequest } from "../../core/stage-tools.ts";
import { isPublicAddress } from "./public-address.ts";

const MAX_BYTES = 2 * 1024 * 1024;
const KEEP_ALIVE_MS = 10_000;

/**
 * HTTP to what is no provider: search backends, classifier services, pages. No redirect is followed: it would carry headers to
 * another origin, and lead anywhere. Where an address came from outside it is looked at when the connection is made, since a name
 * may lead somewhere else each time it is asked for.
 */
export class WebClient {
  readonly #clock: Clock;
  readonly #lookup: LookupFunction;
  #agents: Record<HttpRequest["reach"], Agent> | undefined;

  constructor(clock: Clock, lookup: LookupFunction = dnsLookup) {
    this.#clock = clock;
    this.#lookup = lookup;
  }

  /** Resolves whatever the status. Rejects with an `Error` that names the address without its query, and what went wrong. */
  async fetch(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const url = urlIn(request);
    const late = new AbortController();
    const { timeoutMs } = request;
    const timer = timeoutMs === undefined ? undefined : this.#clock.after(timeoutMs, () => late.abort());
    try {
      return await this.#fetch(url, request, AbortSignal.any([signal, late.signal]));
    } catch (cause) {
      const why = late.signal.aborted
        ? `no answer within ${timeoutMs} ms`
        : signal.aborted
          ? "given up: nobody waits for it any more"
          : messageOf(cause);
      throw new Error(`${url.origin}${url.pathname}: ${why}`, { cause });
    } finally {
      timer?.cancel();
    }
  }

  async close(): Promise<void> {
    const agents = Object.values(this.#agents ?? {});
    this.#agents = undefined;
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  async #fetch(url: URL, request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const { method = request.body === undefined ? "GET" : "POST", headers = {}, body, maxBytes = MAX_BYTES } = request;
    const type: Record<string, string> = body === undefined ? {} : { "content-type": "application/json" };
    const undici = await import("undici");
    const answer = await undici.request(url, {
      method,
      headers: { ...type, "accept-encoding": "identity", "user-agent": "opensourcellmrouter", ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
      dispatcher: this.#agent(undici, request.reach),
    });
    const text = await textOf(answer, maxBytes);
    return { status: answer.statusCode, headers: answer.headers, text, json: () => jsonIn(text) };
  }

  /** Made when first used, and what makes them loaded then: most routers never do. */
  #agent({ Agent, buildConnector }: typeof import("undici"), reach: HttpRequest["reach"]): Agent {
    this.#agents ??= {
      configured: new Agent({
        connect: { lookup: this.#lookup, rejectUnauthorized: true },
        keepAliveTimeout: KEEP_ALIVE_MS,
      }),
      public: new Agent({ connect: guarded(buildConnector, this.#lookup), keepAliveTimeout: KEEP_ALIVE_MS }),
    };
    return this.#agents[reach];
  }
}

function urlIn({ url: text, reach }: HttpRequest): URL {
  const url = URL.parse(text);
  if (!url) throw new Error("the address is no URL");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Error(`${url.protocol} is neither http: nor https:`);
  if (reach === "public" && (url.username !== "" || url.password !== ""))
    throw new Error(`${url.host}: an address with a user name in it is not asked`);
  return url;
}

/** Connects to public addresses only, whatever their names say. */
function guarded(connectorOf: typeof buildConnector, lookup: LookupFunction): buildConnector.connector {
  const connect = connectorOf({ lookup: publicOnly(lookup), rejectUnauthorized: true });
  return (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, "");
    // A bare address is not looked up.
    if (isIP(host) !== 0 && !isPublicAddress(host)) callback(notPublic(host), null);
    else connect(options, callback);
  };
}

function publicOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = typeof found === "string" ? [{ address: found, family: isIP(found) }] : found;
      const [first] = addresses;
      const wrong = addresses.find(({ address }) => !isPublicAddress(address));
      if (wrong || !first) return callback(notPublic(hostname), []);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function notPublic(host: string): Error {
  return new Error(`${host} is no address on the public internet: not asked`);
}

async function textOf({ headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const encoding = headers["content-encoding"] ?? "identity";
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (encoding !== "identity")
      throw new Error(`the answer is encoded (${String(encoding)}), which was not asked for`);
    for await (const chunk of body) {
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
      chunks.push(piece);
    }
  } catch (error) {
    body.on("error", () => undefined).destroy();
    throw error;
  }
  return decoderFor(headers["content-type"]).decode(Buffer.concat(chunks));
}

function decoderFor(type: string | string[] | undefined): TextDecoder {
  const charset = /charset="?([\w-]+)/i.exec(String(type ?? ""))?.[1];
  try {
    return new TextDecoder(charset ?? "utf-8");
  } catch {
    // A name nobody knows.
    return new TextDecoder();
  }
}

function jsonIn(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch (cause) {
    // Not what it is: it may repeat a prompt, and errors go into logs.
    throw new Error(`the answer is no JSON (${text.length} characters)`, { cause });
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Where several addresses were tried the error has no message of its own.
  return error.message || ("code" in error ? String(error.code) : error.name);
}
