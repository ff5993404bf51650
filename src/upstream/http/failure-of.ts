import type { Failure } from "../../core/failure.ts";
import type { Timeouts } from "../timeouts.ts";
import type { Expiry } from "./call-timers.ts";
import { ConnectionError, InvalidRequest, MalformedAnswer } from "./http-error.ts";

/** OpenSSL's and Node's words for a certificate or handshake that will not do: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const TLS_FAULT =
  /^(?:ERR_SSL_|ERR_TLS_|CERT_|CRL_|UNABLE_TO_|ERROR_IN_C|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|PATH_LENGTH_|HOSTNAME_|EPROTO$)/;

/**
 * What a connection error means. `connecting`: nothing of the request was sent. Codes are Node's, https://nodejs.org/api/errors.html, or our own.
 */
export function failureOf(error: unknown, connecting: boolean): Failure {
  const code = codeOf(error);
  const text = messageOf(error);
  if (error instanceof InvalidRequest)
    return { kind: "caller", message: `the request cannot be sent: ${text}`, code: error.code };
  const coded = code !== undefined && { code };
  if (connecting) {
    if (code !== undefined && TLS_FAULT.test(code))
      return { kind: "tls", message: `no secure connection: ${text} (${code})`, code };
    return { kind: "connect", message: `no connection: ${text}`, ...coded };
  }
  if (error instanceof MalformedAnswer)
    return { kind: "malformed", message: `the answer is not HTTP as it should be: ${text}` };
  return { kind: "cut", message: `the connection broke: ${text}`, ...coded };
}

/** True when the other side, or somebody on the way, closed the connection. */
export function isBroken(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  const code = codeOf(error);
  return code === "ECONNRESET" || code === "EPIPE" || code === "ECONNABORTED";
}

export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Of several addresses tried Node says nothing but the code. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}

/** What it means that a timer ran out; `limits` are those of the call. */
export function failureOfTimer(which: Expiry, limits: Timeouts): Failure {
  switch (which) {
    case "connect":
      return { kind: "connect", message: `no connection within timeout.connect_ms (${limits.connect_ms} ms)` };
    case "first_byte":
      return { kind: "timeout", message: `no answer within timeout.first_byte_ms (${limits.first_byte_ms} ms)` };
    case "idle":
      return { kind: "timeout", message: `the answer stalled for longer than timeout.idle_ms (${limits.idle_ms} ms)` };
    case "total":
      return { kind: "timeout", message: `the whole answer took longer than ${Math.round(limits.total_ms)} ms` };
  }
}
