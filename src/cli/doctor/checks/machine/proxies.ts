import type { Env } from "../../../../config/check/providers.ts";
import { type Finding, ok, warning } from "../../finding.ts";

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/** The router opens its connections itself, whatever proxies the environment names: said, since other programs obey them. */
export function proxies(env: Env): Finding {
  const set = NAMES.flatMap((name) => [name, name.toLowerCase()]).filter((name) => env[name]?.trim());
  if (set.length === 0) return ok("proxy", "no proxy variable is set");
  const exempt = `${env["NO_PROXY"] ?? ""},${env["no_proxy"] ?? ""}`;
  const sparesLocal = /(?:^|[,\s])(?:\*|localhost|127\.0\.0\.1)(?:[,\s]|$)/.test(exempt);
  const text = `${set.join(", ")} is set, but the router uses no proxy: it connects to providers directly`;
  const direct = "where that is not allowed, point base_url at a gateway that is";
  const clients = "clients that obey the variable reach the router only with NO_PROXY=localhost,127.0.0.1";
  return warning("proxy", text, sparesLocal ? direct : `${direct}; ${clients}`);
}
