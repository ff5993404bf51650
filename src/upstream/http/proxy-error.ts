import type { ProxyPlace } from "../way.ts";
import { codeOf } from "./failure-of.ts";

/** A proxy gives no connection. */
export class ProxyError extends Error {
  readonly code: string;
  constructor(message: string, code = "ERR_PROXY", cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** `what` it does instead, and why. */
export function proxyError(proxy: ProxyPlace, what: string, cause: Error): ProxyError {
  const code = codeOf(cause);
  return new ProxyError(`the proxy ${proxy.origin} ${what}: ${cause.message || code}`, code, cause);
}

/** What a proxy means that answers so itself. */
export function refusalOf(status: number): string {
  if (status === 407) return "wants a user and a password, or others (status 407): http://USER:PASSWORD@… in `proxy`";
  return `refuses the connection with status ${status}`;
}
