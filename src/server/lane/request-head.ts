import type { IncomingHttpHeaders } from "node:http";
import { setOwn } from "../../core/json.ts";

/** The head of a request that the lane takes. */
export interface RequestHead {
  readonly target: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the body. */
  readonly length: number;
}

const MOST_HEADERS = 256;
const START = "POST /";
const VERSION = " HTTP/1.1";
/** What paths and queries are made of (RFC 3986), and nothing that readers of addresses differ on. */
const TARGET = /^\/[\w\-.~!$&'()*+,;=:@%/?]*$/;
/** Bytes that have no place in a head, and line ends that are not both of CR and LF. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ODD = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
/** What names of headers are made of (RFC 9110, 5.6.2). */
export const TOKEN = /^[\w!#$%&'*+\-.^`|~]+$/;
const DIGITS = /^\d{1,15}$/;
/** What they ask for `node:http` does: chunks, other protocols, leave to send the body, connections that are closed. */
const NOT_HERE = new Set(["transfer-encoding", "upgrade", "expect", "trailer", "set-cookie", "__proto__"]);

/** Names that came before, in lower case: there are few of them. */
const known = new Map<string, string>();
const MOST_KNOWN = 1_000;

/**
 * Reads a head (RFC 9112), given without the empty line behind it. Undefined for all but the plain case: a POST with a length, in HTTP/1.1, whose
 * connection is kept, each header once, nothing that two readers could read in two ways. What it takes it reads as `node:http` does.
 */
export function readHead(text: string): RequestHead | undefined {
  if (!text.startsWith(START) || ODD.test(text)) return undefined;
  const lines = text.split("\r\n");
  const [first = ""] = lines;
  if (lines.length > MOST_HEADERS || !first.endsWith(VERSION)) return undefined;
  const target = first.slice(START.length - 1, -VERSION.length);
  if (!TARGET.test(target)) return undefined;
  const headers = readHeaders(lines);
  if (headers === undefined) return undefined;
  const { host, connection, "content-length": length = "" } = headers;
  if (host === undefined || !DIGITS.test(length)) return undefined;
  if (connection !== undefined && connection.toLowerCase() !== "keep-alive") return undefined;
  return { target, headers, length: Number(length) };
}

function readHeaders(lines: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const colon = line.indexOf(":");
    const name = nameOf(line.slice(0, Math.max(colon, 0)));
    if (name === undefined || Object.hasOwn(headers, name)) return undefined;
    setOwn(headers, name, trimmed(line, colon + 1));
  }
  return headers;
}

/** In lower case; undefined: it is none, or one that the lane leaves to others. */
function nameOf(name: string): string | undefined {
  const before = known.get(name);
  if (before !== undefined) return before;
  const lower = name.toLowerCase();
  if (!TOKEN.test(name) || NOT_HERE.has(lower)) return undefined;
  if (known.size < MOST_KNOWN) known.set(name, lower);
  return lower;
}

/** Without the white space around it. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (start < end && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
