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
  return digest(presented(headers, queryKey));
}

/** What a client presents, as it is: for making digests of. No header has a line end, so no two lists are the same text. */
export function presented(headers: Headers, queryKey = ""): string {
  let text = "";
  for (const name of CREDENTIALS) text += `${String(headers[name] ?? "")}\n`;
  return text + queryKey;
}

/** The turns of a conversation, and all requests of a client, ask for the same ones again: looking up takes a quarter of the time. */
const MAX_KEPT = 500;
const MAX_CHARS = 1_000;
let recent = new Map<string, string>();
let older = new Map<string, string>();

/** A key in memory: no two lists of words make the same. */
export function digest(...words: readonly string[]): string {
  let text = "";
  for (const word of words) text += `${word.length}:${word}`;
  if (text.length > MAX_CHARS) return digestOf(text);
  const known = recent.get(text);
  if (known !== undefined) return known;
  const made = older.get(text) ?? digestOf(text);
  if (recent.size >= MAX_KEPT) {
    older = recent;
    recent = new Map();
  }
  recent.set(text, made);
  return made;
}

/** All of it: what is cut out of a text makes records that hold it slow to write (see `inOnePiece`). */
function digestOf(text: string): string {
  return hash("sha256", text, "hex");
}
