import type { Socket } from "node:net";
import { TOKEN } from "./characters.ts";
import { InvalidRequest } from "./http-error.ts";

/** Larger bodies are not copied behind their head, but written as they are with it. */
const MAX_COPIED_BYTES = 16 * 1024;
const NO_PATH = /[^\x21-\xff]/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Where a request ends is the client's to say, and what it never asks for. */
const NOT_TO_BE_SAID: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "keep-alive",
  "upgrade",
  "expect",
]);

/** A request as it goes over a connection. */
export interface RequestBytes {
  readonly method: string;
  /** With the body, where that is copied; else as latin1. */
  readonly head: Buffer | string;
  readonly body: Buffer | undefined;
}

/** `lines`: the headers, each with its end. Throws `InvalidRequest`. */
export function requestBytes(
  method: string,
  path: string,
  lines: string,
  body: string | Buffer | undefined,
): RequestBytes {
  if (NO_PATH.test(path)) throw new InvalidRequest("its path has a character that none may have");
  const length = body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.length;
  const size = body !== undefined || method === "POST" ? `content-length: ${length}\r\n` : "";
  const head = `${method} ${path} HTTP/1.1\r\n${lines}${size}\r\n`;
  if (body === undefined) return { method, head, body };
  if (typeof body !== "string" && length > MAX_COPIED_BYTES) return { method, head, body };
  const bytes = Buffer.allocUnsafe(head.length + length);
  bytes.write(head, "latin1");
  if (typeof body === "string") bytes.write(body, head.length);
  else body.copy(bytes, head.length);
  return { method, head: bytes, body: undefined };
}

/** Throws `InvalidRequest`; the value may be a secret. */
export function headerLine(name: string, value: string): string {
  if (!isToken(name)) throw new InvalidRequest("a header has a name that none may have");
  if (NOT_TO_BE_SAID.has(name.toLowerCase())) throw new InvalidRequest(`the header ${name} is not to be set`);
  if (NO_VALUE.test(value)) throw new InvalidRequest(`the header ${name} has a character that none may have`);
  return `${name}: ${value}\r\n`;
}

function isToken(name: string): boolean {
  for (let at = 0; at < name.length; at++) if (TOKEN[name.charCodeAt(at)] !== 1) return false;
  return name !== "";
}

/** In one packet where that can be. */
export function writeRequest(socket: Socket, { head, body }: RequestBytes): void {
  if (body === undefined) {
    socket.write(head, "latin1");
    return;
  }
  socket.cork();
  socket.write(head, "latin1");
  socket.write(body);
  socket.uncork();
}
