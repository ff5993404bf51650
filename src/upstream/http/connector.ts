import { type LookupFunction, Socket } from "node:net";
import type { ProxyPlace, Way } from "../way.ts";
import { codeOf } from "./failure-of.ts";
import { buildConnector, Client } from "./undici.ts";

/** Like undici's, but the first socket comes back at once, to be closed when nobody waits for it any more. */
export type Connector = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket | undefined;

/**
 * Makes the connections of one way. Certificates are always verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says. Timeouts are
 * the caller's: undici's is coarse, and the call's own timer closes what does not come to stand.
 */
export function connectorFor({ proxy, ca }: Way, lookup: LookupFunction): Connector {
  const safe = { allowH2: false, timeout: 0, lookup, rejectUnauthorized: true } as const;
  const direct = asConnector(buildConnector({ ...safe, ...(ca !== undefined && { ca }) }));
  if (proxy === undefined) return direct;
  const toProxy = viaProxy(proxy, asConnector(buildConnector(safe)));
  return (options, callback) =>
    options.protocol === "https:" ? tunnel(proxy, toProxy, direct)(options, callback) : toProxy(options, callback);
}

/** Its type does not tell of the socket. */
function asConnector(connect: buildConnector.connector): Connector {
  return (options, callback) => {
    const made: unknown = connect(options, callback);
    return made instanceof Socket ? made : undefined;
  };
}

/** To the proxy, wherever the request is for. */
function viaProxy(proxy: ProxyPlace, connect: Connector): Connector {
  const { protocol, hostname, host, port } = new URL(proxy.origin);
  const place = { protocol, hostname: hostname.replace(/^\[|\]$/g, ""), host, port };
  return (_options, callback) =>
    connect(place, (...[error, socket]) => {
      if (error) callback(proxyError(proxy, "cannot be reached", error), null);
      else callback(null, socket);
    });
}

/** The proxy is asked for a connection to the provider (CONNECT), and TLS is spoken through it: the proxy sees no key. */
function tunnel(proxy: ProxyPlace, toProxy: Connector, direct: Connector): Connector {
  return (options, callback) => {
    const host = options.hostname.includes(":") ? `[${options.hostname}]` : options.hostname;
    const path = `${host}:${options.port || 443}`;
    const headers = { host: path, ...(proxy.authorization && { "proxy-authorization": proxy.authorization }) };
    let first: Socket | undefined;
    const asking = new Client(proxy.origin, {
      headersTimeout: 0,
      connect: (own, done) => {
        first = toProxy(own, done);
      },
    });
    asking.connect({ path, headers }, (error, answer) => {
      if (error) return callback(proxyError(proxy, `gives no connection to ${path}`, error), null);
      const { statusCode, socket } = answer;
      if (first && statusCode >= 200 && statusCode < 300) {
        // The socket is the tunnel's now; its client has no more to do.
        direct({ ...options, httpSocket: first }, callback);
        return;
      }
      socket.on("error", () => undefined).destroy();
      callback(new ProxyError(`the proxy ${proxy.origin} ${refusalOf(statusCode)} (to ${path})`), null);
    });
    return first;
  };
}

/** What a proxy means that answers so itself. */
export function refusalOf(status: number): string {
  if (status === 407) return "wants a user and a password, or others (status 407): http://USER:PASSWORD@… in `proxy`";
  return `refuses the connection with status ${status}`;
}

class ProxyError extends Error {
  readonly code: string;
  constructor(message: string, code = "ERR_PROXY", cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

function proxyError(proxy: ProxyPlace, what: string, cause: Error): Error {
  if (cause instanceof ProxyError) return cause;
  const code = codeOf(cause);
  // undici takes this code for a reason to connect again, without end.
  const own = code === "UND_ERR_SOCKET" ? undefined : code;
  return new ProxyError(`the proxy ${proxy.origin} ${what}: ${cause.message || code}`, own, cause);
}
