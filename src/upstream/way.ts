import { hash } from "node:crypto";
import type { ProviderConfig } from "../config/config.ts";
import { caKey } from "../config/secrets/ca-files.ts";
import { isNearby } from "./timeouts.ts";

/** How connections to a provider are made. */
export interface Way {
  readonly proxy?: ProxyPlace;
  /** PEM: only certificates these vouch for are taken. Absent: those Node trusts. */
  readonly ca?: string;
  /** Differs where one of them does. */
  readonly key: string;
}

export interface ProxyPlace {
  /** Without user and password, as errors show it. */
  readonly origin: string;
  /** The `Proxy-Authorization` header. Never logged. */
  readonly authorization?: string;
}

export const DIRECT: Way = { key: "" };

type Env = Readonly<Record<string, string | undefined>>;

/** The way a config and an environment say. Throws when the CA file was not read. */
export function wayTo(origin: string, { name, proxy: own, ca_file }: ProviderConfig, env: Env): Way {
  const ca = ca_file === undefined ? undefined : env[caKey(ca_file)];
  if (ca_file !== undefined && ca === undefined) throw new Error(`provider '${name}': ca_file was not read`);
  const url = own === undefined ? proxyOf(new URL(origin), env) : own === "none" ? undefined : own;
  const proxy = url === undefined ? undefined : proxyAt(url);
  if (proxy === undefined && ca === undefined) return DIRECT;
  const key = hash("sha256", JSON.stringify([proxy, ca]), "hex");
  return { ...(proxy && { proxy }), ...(ca !== undefined && { ca }), key };
}

/** Undefined: it is no address of a proxy the router can use. */
export function proxyAt(text: string): ProxyPlace | undefined {
  // As other programs take it: `proxy:3128` is http.
  const url = URL.parse(/^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === "") return undefined;
  const { origin, username, password } = url;
  if (username === "" && password === "") return { origin };
  try {
    const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { origin, authorization: `Basic ${Buffer.from(user).toString("base64")}` };
  } catch {
    return undefined;
  }
}

/** What the environment says, for what is not nearby: a model on this machine or the owner's network is never behind a proxy. */
function proxyOf({ protocol, hostname, port }: URL, env: Env): string | undefined {
  if (isNearby(hostname)) return undefined;
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const found = read(protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY") ?? read("ALL_PROXY");
  if (found === undefined || isExempt(hostname, port || (protocol === "https:" ? "443" : "80"), read("NO_PROXY") ?? ""))
    return undefined;
  return found;
}

/** `example.com` and `.example.com` are that name and all below it, `*` is everything; a port limits an entry to itself. */
function isExempt(hostname: string, port: string, list: string): boolean {
  const host = hostname.replace(/^\[|\]$|\.$/g, "");
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => {
      const [, own = entry, only] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
      const name = own.replace(/^\[|\]$/g, "").replace(/^\*?\./, "");
      if (name === "" || (only !== undefined && only !== port)) return false;
      return name === "*" || host === name || host.endsWith(`.${name}`);
    });
}
