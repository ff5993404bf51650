import { isFetched } from "../../../../config/secrets/key-source.ts";
import { clientKeys } from "../../../../config/secrets/server-keys.ts";
import { isLoopback } from "../../../../core/loopback.ts";
import type { OpenConfig } from "../../../open-config.ts";
import { type Finding, ok, warning } from "../../finding.ts";

/** Who can use the router, and with it its providers' keys. */
export function exposure({ config }: OpenConfig): Finding {
  const { host, port } = config.server;
  const names = clientKeys(config.server).map(({ name, source = name }) => (isFetched(source) ? name : source));
  if (isLoopback(host)) return ok("exposure", `${host}: only this machine can reach the router`);
  if (names.length > 0)
    return ok("exposure", `${host}: other machines can reach it, and need the key of ${names.join(" or ")}`);
  return warning(
    "exposure",
    `everyone who can reach ${host} port ${port} can use the router and its providers' keys: it asks for no key`,
    'set api_key_env under [server], or host = "127.0.0.1"',
  );
}
