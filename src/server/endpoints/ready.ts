import type { JsonObject } from "../../core/json.ts";
import type { Health } from "../../resilience/health.ts";
import type { Fleet } from "../../upstream/provider.ts";
import { type Endpoint, sendJson } from "../call.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Overload } from "../overload.ts";

export interface ReadyParts {
  fleet: Fleet;
  overload: Overload;
  lifecycle: Lifecycle;
  /** Without it every provider counts as one that can be asked. */
  health?: Pick<Health, "snapshot">;
  inFlight: () => number;
}

/** `GET /ready`: whether requests should be sent here. Needs no key, so it names neither providers nor models. */
export function readyEndpoint(parts: ReadyParts): Endpoint {
  return ({ res }) => {
    const reasons = reasonsAgainst(parts);
    const body: JsonObject = reasons.length === 0 ? { ready: true } : { ready: false, reasons };
    sendJson(res, reasons.length === 0 ? 200 : 503, body, ["cache-control", "no-store"]);
  };
}

export function reasonsAgainst({ fleet, overload, lifecycle, health, inFlight }: ReadyParts): string[] {
  const reasons: string[] = [];
  if (lifecycle.stopping) reasons.push("stopping");
  if (overload.reason(inFlight()) !== undefined) reasons.push("overloaded");
  const known = health?.snapshot();
  const isLeftAlone = (provider: string) => (known?.get(provider)?.pauseMs ?? 0) > 0;
  if (fleet.all().every(({ name }) => isLeftAlone(name))) reasons.push("no provider can be asked");
  return reasons;
}
