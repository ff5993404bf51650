import { hash } from "node:crypto";
import type { Headers } from "../wire/format.ts";

/** Everything by which a client can say who it is; what it presents decides what is its own. */
export const CREDENTIALS: readonly string[] = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];

/** Whose memory is used; worked out when it is. */
export interface Client {
  readonly owner: string;
}

/**
 * Whose memory a request may use, as a digest: nobody reaches what was remembered for a client with another key. `queryKey`:
 * the key from the URL. Clients of a router without keys that present none are one owner.
 */
export function ownerOf(headers: Headers, queryKey = ""): string {
  return digest(queryKey, ...CREDENTIALS.map((name) => String(headers[name] ?? "")));
}

/** A key in memory: no two lists of words make the same. */
export function digest(...words: readonly string[]): string {
  return hash("sha256", JSON.stringify(words), "hex").slice(0, 40);
}
