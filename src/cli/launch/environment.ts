import type { Env } from "../../config/check/providers.ts";
import { isLoopback } from "../../core/loopback.ts";
import type { Plan } from "./agent.ts";

/** Of the plan's variables those that change something here. */
export function changesOf(plan: Plan, base: string, env: Env): Pick<Plan, "set" | "unset"> {
  return {
    set: { ...besideProxy(base, env), ...plan.set },
    unset: plan.unset.filter((name) => env[name] !== undefined && !Object.hasOwn(plan.set, name)),
  };
}

/** The environment with those changes. */
export function changed(env: Env, { set, unset }: Pick<Plan, "set" | "unset">): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !unset.includes(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...set };
}

const PROXIES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS = ["NO_PROXY", "no_proxy"];

/** No proxy finds a router that only this machine can reach. Both spellings, since each program reads another. */
function besideProxy(base: string, env: Env): Record<string, string> {
  const host = new URL(base).hostname.replace(/^\[|\]$/g, "");
  if (!isLoopback(host) || !PROXIES.some((name) => env[name])) return {};
  const missing = EXCEPTIONS.filter((name) => !exceptionsOf(env[name]).some((one) => one === "*" || one === host));
  return Object.fromEntries(missing.map((name) => [name, [...exceptionsOf(env[name]), host].join(",")]));
}

function exceptionsOf(list: string | undefined): string[] {
  return (list ?? "").split(/[\s,]+/).filter((one) => one !== "");
}
