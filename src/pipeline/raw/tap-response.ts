import type { ClientResponse } from "../../core/client-call.ts";
import { setOwn } from "../../core/json.ts";
import type { RawAnswer } from "./raw-body.ts";

/**
 * Keeps what is written to a client, whoever writes it: streams, whole answers, errors and signs of life do so in five places,
 * and none of them pays for this when nobody looks on.
 */
export function tapResponse(res: ClientResponse, answer: RawAnswer): void {
  const { writeHead, write, end, addTrailers } = res;
  res.writeHead = function tapped(this: ClientResponse, status: number, ...rest: unknown[]) {
    answer.status = status;
    const headers = rest.findLast((value) => typeof value === "object");
    if (Array.isArray(headers)) keepPairs(answer, headers);
    return Reflect.apply(writeHead, this, [status, ...rest]);
  };
  res.write = function tapped(this: ClientResponse, chunk: unknown, ...rest: unknown[]) {
    keepPiece(answer, chunk, rest[0]);
    return Reflect.apply(write, this, [chunk, ...rest]);
  };
  res.end = function tapped(this: ClientResponse, chunk?: unknown, ...rest: unknown[]) {
    keepPiece(answer, chunk, rest[0]);
    return Reflect.apply(end, this, [chunk, ...rest]);
  };
  res.addTrailers = function tapped(this: ClientResponse, trailers) {
    if (Array.isArray(trailers)) keepPairs(answer, trailers.flat());
    return Reflect.apply(addTrailers, this, [trailers]);
  };
}

/** Names and values in turn. */
function keepPairs({ headers }: RawAnswer, flat: readonly unknown[]): void {
  for (let at = 0; at + 1 < flat.length; at += 2) {
    setOwn(headers, String(flat[at]).toLowerCase(), String(flat[at + 1]));
  }
}

function keepPiece({ body }: RawAnswer, chunk: unknown, encoding: unknown): void {
  if (typeof chunk === "string") body.add(chunk, encoding === "latin1" ? "latin1" : "utf8");
  else if (chunk instanceof Uint8Array) body.add(chunk);
}
