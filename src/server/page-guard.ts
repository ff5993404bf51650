import { RouterError } from "../core/errors.ts";
import { isLoopback } from "../core/loopback.ts";
import type { Headers } from "../wire/format.ts";

export interface PageRules {
  /** What the router listens on. */
  readonly host: string;
  /** Further names, without port. */
  readonly allowed_hosts: readonly string[];
  /** Pages of these origins may use what is for clients. */
  readonly cors_origins: readonly string[];
}

/** A name or an address (IPv6 in brackets), and maybe a port. Two `Host` headers are joined by a comma, and are none. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([^\s[\]:@/?#,\\]+))(?::\d*)?$/i;

/**
 * Keeps web pages out: a page open in a browser on this machine can reach every port of it, and would spend the owner's keys.
 * Programs send no `Origin`, no `Sec-Fetch-Site` and an honest `Host`, so they notice nothing.
 */
export class PageGuard {
  readonly #names: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** Only a router for this machine knows under which names it may be called. */
  readonly #checksHost: boolean;
  /** Most requests come with the `Host` of the one before. */
  #lastKnown: string | undefined;

  constructor({ host, allowed_hosts, cors_origins }: PageRules) {
    this.#names = new Set([host, ...allowed_hosts].map((name) => name.toLowerCase()));
    this.#origins = new Set(cors_origins);
    this.#checksHost = isLoopback(host) || allowed_hosts.length > 0;
  }

  /** Why the request is refused; undefined when it is not a foreign page's. `owners`: it is for what is the owner's. */
  refusal(method: string, headers: Headers, owners: boolean): RouterError | undefined {
    const { host, origin } = headers;
    if (typeof host === "string" && host !== this.#lastKnown) {
      if (!this.#knows(hostName(host))) return unknownName(host);
      this.#lastKnown = host;
    }
    const site = headers["sec-fetch-site"];
    if (origin === undefined && site === undefined) return undefined;
    if (!owners && this.shares(origin)) return undefined;
    if (typeof origin === "string" && hostOf(origin) !== host) return foreign(`pages of '${origin}'`);
    // A link followed from another page opens the dashboard, and sends nothing of that page's. In a frame it would be shown inside it.
    const isOpened = headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
    const isFollowed = method === "GET" && isOpened;
    if (site !== undefined && site !== "same-origin" && site !== "none" && !isFollowed) return foreign("other pages");
    return method === "POST" ? notJson(headers["content-type"]) : undefined;
  }

  /** Whether pages of this origin may use the router as programs may, and read its answers. */
  shares(origin: string | string[] | undefined): boolean {
    return typeof origin === "string" && this.#origins.has(origin);
  }

  #knows(name: string | undefined): boolean {
    if (name === undefined) return false;
    if (!this.#checksHost) return true;
    return isLoopback(name) || name.endsWith(".localhost") || this.#names.has(name);
  }
}

/** The name or address in a `Host` header, without port and brackets, in lower case; undefined: it is none. */
function hostName(host: string): string | undefined {
  const found = HOST.exec(host);
  return (found?.[1] ?? found?.[2])?.toLowerCase();
}

/** `host:port` of an origin; undefined for `null` and whatever else is no address. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host || undefined;
}

/** A page whose own name was made to resolve to this machine: to the browser that is the page's own origin. */
function unknownName(host: string): RouterError {
  const remedy = "if it is yours, add it to [server] allowed_hosts";
  return new RouterError("foreign_page", `the router does not answer to the name '${host}': ${remedy}`);
}

function foreign(pages: string): RouterError {
  return new RouterError("foreign_page", `${pages} may not use the router`);
}

/** What forms can send is asked of no browser beforehand; JSON is. The router's own page sends nothing else. */
function notJson(type: string | string[] | undefined): RouterError | undefined {
  if (typeof type === "string" && type.toLowerCase().startsWith("application/json")) return undefined;
  return new RouterError("not_json", "a page has to send its body with content-type: application/json");
}
