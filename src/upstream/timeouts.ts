import { isIPv4 } from "node:net";
import type { TimeoutConfig } from "../config/config.ts";
import { isLoopback } from "../core/loopback.ts";

/** A provider's timers, in ms; 0: none. */
export interface Timeouts {
  readonly connect_ms: number;
  /** Until the head of the answer. */
  readonly first_byte_ms: number;
  /** Between two pieces of it. */
  readonly idle_ms: number;
  readonly total_ms: number;
}

/** Whole answers come with their head at the end; the SDKs wait for ten minutes, others for five. */
const ELSEWHERE: Timeouts = {
  connect_ms: 10_000,
  first_byte_ms: 5 * 60_000,
  idle_ms: 5 * 60_000,
  total_ms: 30 * 60_000,
};

/** A model may have to be loaded first, and a long prompt read by a CPU; Ollama holds a tool call back until it is whole. */
const NEARBY: Timeouts = {
  connect_ms: 5_000,
  first_byte_ms: 15 * 60_000,
  idle_ms: 10 * 60_000,
  total_ms: 60 * 60_000,
};

/** The timers of a provider: those configured, and for the others the defaults of where it is. */
export function timeoutsOf(config: TimeoutConfig, nearby: boolean): Timeouts {
  const defaults = nearby ? NEARBY : ELSEWHERE;
  return {
    connect_ms: config.connect_ms ?? defaults.connect_ms,
    first_byte_ms: config.first_byte_ms ?? defaults.first_byte_ms,
    idle_ms: config.idle_ms ?? defaults.idle_ms,
    total_ms: config.total_ms ?? defaults.total_ms,
  };
}

/** True for hosts of this machine or of the owner's own network, by their name alone: nobody is asked. */
export function isNearby(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (isLoopback(name)) return true;
  const ipv4 = name.replace(/^::ffff:/, "");
  if (isIPv4(ipv4)) return isPrivateIPv4(ipv4);
  // Unique local and link-local addresses.
  if (name.includes(":")) return /^(?:f[cd]|fe[89ab])/.test(name);
  // One word: a container or a machine of the local network.
  return !name.includes(".") || /\.(?:local|localhost|lan|internal|home\.arpa)$/.test(name);
}

/** 100.64/10: shared address space, which private networks over the internet (Tailscale) use as well. */
function isPrivateIPv4(address: string): boolean {
  const [first = 0, second = 0] = address.split(".").map(Number);
  if (first === 10 || first === 127) return true;
  if (first === 192) return second === 168;
  if (first === 172) return second >= 16 && second <= 31;
  if (first === 169) return second === 254;
  return first === 100 && second >= 64 && second <= 127;
}
