import { isLoopback } from "../../../../core/loopback.ts";
import type { OpenConfig } from "../../../open-config.ts";
import { type Finding, ok, warning } from "../../finding.ts";

/** Who can use the router, and with it its providers' keys. */
export function exposure({ config }: OpenConfig): Finding {
  const { host, port, api_key_env: variable } = config.server;
  if (isLoopback(host)) return ok("exposure", `${host}: only this machine can reach the router`);
  if (variable !== undefined)
    return ok("exposure", `${host}: other machines can reach it, and need the key of ${variable}`);
  return warning(
    "exposure",
    `everyone who can reach ${host} port ${port} can use the router and its providers' keys: it asks for no key`,
    'set api_key_env under [server], or host = "127.0.0.1"',
  );
}
