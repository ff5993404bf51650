import { connect, type Socket } from "node:net";
import { nowMs } from "./now.ts";

/** What came back for one request. */
export interface Answer {
  /** 0: nothing came. */
  status: number;
  head: string;
  /** Only of requests that keep it; without the chunks' framing. */
  body: string;
  sentAt: number;
  firstAt: number;
  endedAt: number;
  /** It ended as HTTP says it must: a connection that just closes did not end an answer. */
  whole: boolean;
}

export interface AskOptions {
  /** Keep the body. */
  keep?: boolean;
  /** Called when the first bytes of the body, or of the head where there is none yet, are there. */
  first?: () => void;
}

interface Pending extends Answer {
  options: AskOptions;
  received: number;
  /** Bytes of head and body, where a length was given. */
  expected: number | undefined;
  chunks: Buffer[];
  tail: string;
  resolve(answer: Answer): void;
}

/** Trailers stand behind the last chunk: as much of the end as they may take. */
const TAIL_CHARS = 1_024;
const LAST_CHUNK = /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n$/;

/**
 * One keep-alive connection of a client, one request after the other. HTTP is read only as far as the end has to be found, so
 * that the generator costs a fraction of what it measures.
 */
export class Line {
  readonly socket: Socket;
  #pending: Pending | undefined;
  #closed = false;

  constructor(url: string, localAddress?: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      ...(localAddress !== undefined && { localAddress }),
    });
    this.socket.on("data", (chunk: Buffer) => this.#data(chunk));
    this.socket.on("error", () => this.socket.destroy());
    this.socket.on("close", () => {
      this.#closed = true;
      this.#end(false);
    });
  }

  get usable(): boolean {
    return !this.#closed && this.#pending === undefined && this.socket.writable;
  }

  /** Never rejects: what went wrong is in the answer. */
  ask(request: string | Buffer, options: AskOptions = {}): Promise<Answer> {
    return new Promise((resolve) => {
      const sentAt = nowMs();
      const nothing = { status: 0, head: "", body: "", sentAt, firstAt: 0, endedAt: 0, whole: false };
      this.#pending = { ...nothing, options, received: 0, expected: undefined, chunks: [], tail: "", resolve };
      if (this.#closed) this.#end(false);
      else this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }

  #data(chunk: Buffer): void {
    const pending = this.#pending;
    if (!pending) return;
    const isFirst = pending.received === 0;
    pending.received += chunk.length;
    if (isFirst) readHead(pending, chunk);
    if (pending.options.keep) pending.chunks.push(chunk);
    if (isFirst) pending.options.first?.();
    if (pending.expected !== undefined) {
      if (pending.received >= pending.expected) this.#end(true);
      return;
    }
    pending.tail = (pending.tail + chunk.toString("latin1", Math.max(0, chunk.length - TAIL_CHARS))).slice(-TAIL_CHARS);
    if (pending.tail.endsWith("\r\n\r\n") && LAST_CHUNK.test(pending.tail)) this.#end(true);
  }

  #end(whole: boolean): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    const { status, head, sentAt, firstAt, resolve } = pending;
    const body = pending.options.keep ? bodyOf(pending) : "";
    resolve({ status, head, body, sentAt, firstAt, endedAt: nowMs(), whole });
  }
}

/** Heads of the router come in one piece. */
function readHead(pending: Pending, chunk: Buffer): void {
  pending.firstAt = nowMs();
  const text = chunk.toString("latin1", 0, 4_096);
  const end = text.indexOf("\r\n\r\n");
  pending.head = text.slice(0, end === -1 ? undefined : end);
  pending.status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
  const length = header(pending.head, "content-length");
  if (length !== undefined) pending.expected = end + 4 + Number(length);
}

/** A header's value in a head as it came. */
export function header(head: string, name: string): string | undefined {
  return new RegExp(`\r\n${name}: *([^\r\n]*)`, "i").exec(head)?.[1];
}

function bodyOf({ chunks, head, expected }: Pending): string {
  const bytes = Buffer.concat(chunks).subarray(head.length + 4);
  if (expected !== undefined) return bytes.toString();
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd === -1 ? undefined : lineEnd), 16);
    if (lineEnd === -1 || !(size > 0)) break;
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts).toString();
}
