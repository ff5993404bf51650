import { createHash, timingSafeEqual } from "node:crypto";
import type { Headers } from "../wire/format.ts";

/** Checks the router's own key. Compares digests in constant time, so neither length nor content can be felt out. */
export class Guard {
  readonly #digest: Buffer | undefined;

  /** `key` undefined: every route is open. */
  constructor(key: string | undefined) {
    this.#digest = key === undefined ? undefined : digestOf(key);
  }

  /** True when the request carries the key: as `Authorization: Bearer`, `x-api-key`, `x-goog-api-key`, `?api_key=` or (Gemini) `?key=`. */
  admits(headers: Headers, search: URLSearchParams | undefined): boolean {
    if (!this.#digest) return true;
    const expected = this.#digest;
    return presented(headers, search).some((key) => timingSafeEqual(digestOf(key), expected));
  }
}

function presented(headers: Headers, search: URLSearchParams | undefined): string[] {
  const bearer = /^bearer\s+(.+)$/i.exec(text(headers["authorization"]) ?? "")?.[1]?.trim();
  const inHeaders = [bearer, text(headers["x-api-key"]), text(headers["x-goog-api-key"])];
  const candidates = [...inHeaders, search?.get("api_key"), search?.get("key")];
  return candidates.filter((key): key is string => typeof key === "string" && key !== "");
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? undefined : value;
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
