import { RouterError } from "../../src/core/errors.ts";
import { type Body, parseBody } from "../../src/server/read-body.ts";

/** Values nested deeper may use up the stack: `asRouterError` says so to the client. */
const DEEP = 1000;

/** What `run` gives; undefined when it throws what it may. `mayThrow`: the errors that are documented. */
export function unlessRefused<T>(input: Buffer, run: () => T, mayThrow: (error: unknown) => boolean): T | undefined {
  try {
    return run();
  } catch (error) {
    if (mayThrow(error) || isTooDeep(error, input)) return undefined;
    throw error;
  }
}

export function isBadRequest(error: unknown): boolean {
  return error instanceof RouterError && error.code === "bad_request";
}

/** Of what a provider cannot be asked, too. */
export function isRefused(error: unknown): boolean {
  return isBadRequest(error) || (error instanceof RouterError && error.code === "not_translatable");
}

/** Of readers of answers, whose own errors have no class: but what JavaScript throws by itself has. */
export function isOwnError(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error;
}

/** The body as the server reads it. */
export function bodyOf(input: Buffer): Body | undefined {
  return unlessRefused(input, () => parseBody(input), isBadRequest);
}

function isTooDeep(error: unknown, input: Buffer): boolean {
  if (!(error instanceof RangeError) || !/call stack/i.test(error.message)) return false;
  let opened = 0;
  for (const byte of input) if (byte === 0x5b || byte === 0x7b) opened++;
  return opened > DEEP;
}
