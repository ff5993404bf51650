import type { z } from "zod";
import { isObject, tryParseJson } from "../core/json.ts";

/** Why a router could not be asked, in words that say what to do. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  /**
   * `unreachable`: nothing answers there. `unauthorized`: it wants another key. `absent`: it has no such thing (an older
   * router, or one without its dashboard). `failed`: it answered with an error. `strange`: its answer cannot be read.
   */
  readonly kind: "unreachable" | "unauthorized" | "absent" | "failed" | "strange";

  constructor(kind: RemoteError["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** A router that runs somewhere, asked over HTTP as any client would. */
export class RemoteRouter {
  /** Without a slash at its end. */
  readonly base: string;
  readonly #key: string | undefined;

  /** `base`: `http://localhost:8090`. `key`: what it asks of its clients, where it asks for one. */
  constructor(base: string, key: string | undefined) {
    this.base = base.replace(/\/+$/, "");
    this.#key = key;
  }

  /** Sends one request with the key. Throws a `RemoteError` unless the answer is a success; redirects are not followed. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#key !== undefined) headers.set("authorization", `Bearer ${this.#key}`);
    let response: Response;
    try {
      response = await fetch(`${this.base}${path}`, { ...init, headers, redirect: "manual" });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new RemoteError("unreachable", `no router answers at ${this.base} (${reasonOf(cause)})`);
    }
    if (response.ok) return response;
    throw errorOf(response.status, await response.text().catch(() => ""), this.base, path);
  }

  /** Gets JSON of the shape of `schema` (one of `src/api`). Throws `RemoteError`. */
  async get<T>(path: string, schema: z.ZodType<T>, signal?: AbortSignal): Promise<T> {
    const response = await this.request(path, signal ? { signal } : {});
    const read = schema.safeParse(tryParseJson(await response.text()));
    if (read.success) return read.data;
    throw new RemoteError("strange", `${this.base}${path} did not answer as a router of this version would`);
  }
}

function errorOf(status: number, body: string, base: string, path: string): RemoteError {
  if (status === 401) {
    return new RemoteError(
      "unauthorized",
      `the router at ${base} asks for a key, or for another one than it was given`,
    );
  }
  const said = messageOf(body);
  if (status === 404) return new RemoteError("absent", `${base}${path} is not there${said && `: ${said}`}`);
  return new RemoteError("failed", `${base}${path} answered with ${status}${said && `: ${said}`}`);
}

/** What an error of the router says, whichever API's shape it has. */
function messageOf(body: string): string {
  const value = tryParseJson(body);
  const error = isObject(value) ? value["error"] : undefined;
  const message = isObject(error) ? error["message"] : error;
  return typeof message === "string" ? message : "";
}

/** fetch says "fetch failed", and the reason in what caused that. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
