import { isLoopback } from "../core/loopback.ts";
import type { Headers } from "../wire/format.ts";

/**
 * Keeps web pages out: a page open in a browser on this machine can reach every port of it, and would spend the owner's keys.
 * Programs send no `Origin`, no `Sec-Fetch-*` and an honest `Host`, so they notice nothing.
 */
export class PageGuard {
  readonly #names: ReadonlySet<string>;
  /** Only a router for this machine knows under which names it may be called. */
  readonly #checksHost: boolean;

  /** `host`: what the router listens on. `allowed`: further names, without port. */
  constructor(host: string, allowed: readonly string[]) {
    this.#names = new Set([host, ...allowed].map((name) => name.toLowerCase()));
    this.#checksHost = isLoopback(host) || allowed.length > 0;
  }

  /** Why the request is refused; undefined when it is not a foreign page's. */
  refusal(method: string, headers: Headers): string | undefined {
    const { host, origin } = headers;
    if (this.#checksHost && typeof host === "string" && !this.#knows(hostName(host))) {
      // A page whose own name was made to resolve to this machine: to the browser that is the page's own origin.
      return `the router does not answer to the name '${host}': if it is yours, add it to [server] allowed_hosts`;
    }
    if (typeof origin === "string" && hostOf(origin) !== host) return `pages of '${origin}' may not use the router`;
    const site = headers["sec-fetch-site"];
    if (typeof site !== "string" || site === "same-origin" || site === "none") return undefined;
    // A link followed from another page opens the dashboard, and sends nothing of that page's.
    if (method === "GET" && headers["sec-fetch-mode"] === "navigate") return undefined;
    return "other pages may not use the router";
  }

  #knows(name: string): boolean {
    return isLoopback(name) || name.endsWith(".localhost") || this.#names.has(name);
  }
}

/** The name or address in a `Host` header, without port and brackets, in lower case. */
function hostName(host: string): string {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : host.replace(/:\d*$/, "");
  return name.toLowerCase();
}

/** `host:port` of an origin; undefined for `null` and whatever else is no address. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host || undefined;
}
