import type { JsonObject } from "../core/json.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ClientHalf, Headers, PathModel } from "../wire/format.ts";

/**
 * What the client asked: its bytes, and what was read of them. Once the bytes are on their way as they are, and no log will tell of them,
 * nobody needs the objects any more: they are let go, and read again when asked for all the same. 64 prompts of 60 KB in flight are 7 MB
 * less for every garbage collection to copy.
 */
export class Prompt {
  readonly raw: Buffer;
  readonly #client: ClientHalf;
  readonly #headers: Headers;
  readonly #path: PathModel | undefined;
  /** The body with the earlier answers written out that it only points at; the request is read from this one. */
  readonly expanded: JsonObject | undefined;
  #body: JsonObject | undefined;
  #request: ChatRequest | undefined;

  /** `body` is what `JSON.parse` made of `raw`. Throws `RouterError` when the client's dialect takes no such body. */
  constructor(
    client: ClientHalf,
    headers: Headers,
    raw: Buffer,
    body: JsonObject,
    path?: PathModel,
    expanded?: JsonObject,
  ) {
    this.raw = raw;
    this.#client = client;
    this.#headers = headers;
    this.#path = path;
    this.#body = body;
    this.expanded = expanded;
    this.#request = client.readRequest(expanded ?? body, headers, path);
  }

  get body(): JsonObject {
    if (!this.#body) {
      const body: JsonObject = JSON.parse(this.raw.toString("utf8"));
      this.#body = body;
    }
    return this.#body;
  }

  get request(): ChatRequest {
    this.#request ??= this.#client.readRequest(this.expanded ?? this.body, this.#headers, this.#path);
    return this.#request;
  }

  release(): void {
    this.#body = undefined;
    this.#request = undefined;
  }
}
