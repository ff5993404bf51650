import type { Env } from "../../../../config/check/providers.ts";
import { type Finding, ok, warning } from "../../finding.ts";

const NAMES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/** Providers that are not nearby are reached through it; clients that obey it may not reach the router. */
export function proxies(env: Env): Finding {
  const set = NAMES.flatMap((name) => [name, name.toLowerCase()]).filter((name) => env[name]?.trim());
  if (set.length === 0) return ok("proxy", "no proxy variable is set");
  const exempt = `${env["NO_PROXY"] ?? ""},${env["no_proxy"] ?? ""}`;
  const sparesLocal = /(?:^|[,\s])(?:\*|localhost|127\.0\.0\.1)(?:[,\s]|$)/.test(exempt);
  const text = `${set.join(", ")} is set: providers elsewhere are reached through it, nearby ones directly`;
  const clients = "clients that obey the variable reach the router only with NO_PROXY=localhost,127.0.0.1";
  return sparesLocal ? ok("proxy", text) : warning("proxy", text, clients);
}
