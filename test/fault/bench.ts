import type { CompleteEvent } from "../../src/record/events.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import type { Canaries } from "./canaries.ts";
import type { FaultUpstream } from "./upstream.ts";
import { secondFormat } from "./variants.ts";

/** How the first target is reached, and with which timers. */
export const WAYS = ["plain", "first", "idle", "total", "refused", "hole", "unknown", "selfsigned", "nottls"] as const;
export type Way = (typeof WAYS)[number];

const LONG = "connect_ms = 30000, first_byte_ms = 30000, idle_ms = 30000, total_ms = 60000";
const TIMERS: Partial<Record<Way, string>> = {
  first: "connect_ms = 30000, first_byte_ms = 150, idle_ms = 30000, total_ms = 60000",
  idle: "connect_ms = 30000, first_byte_ms = 30000, idle_ms = 150, total_ms = 60000",
  total: "connect_ms = 30000, first_byte_ms = 30000, idle_ms = 30000, total_ms = 800",
  hole: "connect_ms = 150, first_byte_ms = 30000, idle_ms = 30000, total_ms = 60000",
};

export const MAX_BODY_MB = 4;

/** A router under test and the fault server behind it. */
export interface Bench {
  url: string;
  upstream: FaultUpstream;
  /** Where a redirect would lead: must never be asked. */
  elsewhere: FaultUpstream;
  /** The record of the request for this model, once it is complete. */
  complete(model: string): Promise<CompleteEvent>;
  canaries: Canaries;
  /** What the router has printed. */
  printed(): string;
}

/** The addresses behind the ways. */
export interface Origins {
  upstream: FaultUpstream;
  tls: FaultUpstream;
  /** Nobody listens there, or nobody ever takes a connection. */
  refused: string;
  hole: string;
}

/** A config in which a model's name says where it goes: `FORMAT.WAY.1.…`, or `.2.` for a rule with a second target. */
export function benchToml(origins: Origins, more: { server?: string; rest?: string } = {}): string {
  const providers = UPSTREAM_FORMATS.flatMap((format) => [
    ...WAYS.map((way) => providerToml(`${format}-${way}`, format, baseOf(origins, way, format), "ONE_KEY", way)),
    providerToml(`${format}-second`, format, origins.upstream.base("two", format), "TWO_KEY"),
  ]);
  const rules = UPSTREAM_FORMATS.flatMap((format) =>
    WAYS.flatMap((way) => [ruleToml(format, way, false), ruleToml(format, way, true)]),
  );
  return [
    `[server]\nport = 0\nmax_body_mb = ${MAX_BODY_MB}\n${more.server ?? ""}`,
    // Longer waits than this one are told to the client: no test waits for them.
    "[failover]\nmax_attempts = 3\nmax_wait_ms = 1500\nretry_share = 1",
    "[breaker]\nenabled = false",
    "[discovery]\nrefresh_s = 100000",
    more.rest ?? "",
    ...providers,
    '[[providers]]\nname = "filler"\nformat = "simulated"\nttft_ms = 0\ntokens_per_s = 100000',
    ...rules,
    '[[routers]]\ntype = "prefix"\nmodel_prefix = "filler"\nprovider = "filler"',
  ].join("\n\n");
}

/** Each name is asked for once, so that nothing is left of the requests before. */
export function modelName(format: UpstreamFormat, way: Way, second: boolean, serial: number): string {
  return `${format}.${way}.${second ? 2 : 1}.n${serial}`;
}

function baseOf({ upstream, tls, refused, hole }: Origins, way: Way, format: UpstreamFormat): string {
  const base = upstream.base("one", format);
  switch (way) {
    case "refused":
      return base.replace(upstream.origin, refused);
    case "hole":
      return base.replace(upstream.origin, hole);
    case "unknown":
      return base.replace(upstream.origin, "http://nobody.invalid:80");
    case "selfsigned":
      return tls.base("one", format);
    case "nottls":
      return base.replace("http:", "https:");
    default:
      return base;
  }
}

function providerToml(name: string, format: UpstreamFormat, base: string, key: string, way?: Way): string {
  const timeout = (way && TIMERS[way]) ?? LONG;
  return `[[providers]]\nname = "${name}"\nformat = "${format}"\nbase_url = "${base}"\napi_key_env = "${key}"\ntimeout = { ${timeout} }`;
}

function ruleToml(format: UpstreamFormat, way: Way, second: boolean): string {
  const rule = `[[routers]]\ntype = "prefix"\nmodel_prefix = "${modelName(format, way, second, 0).slice(0, -1)}"\nprovider = "${format}-${way}"`;
  return second ? `${rule}\nfallbacks = [{ provider = "${secondFormat(format)}-second" }]` : rule;
}

/** The `complete` events by the model that was asked for. */
export class Completes {
  readonly #events = new Map<string, CompleteEvent>();
  readonly #waiting = new Map<string, (event: CompleteEvent) => void>();

  take(event: CompleteEvent): void {
    const waiting = this.#waiting.get(event.requested_model);
    if (waiting) waiting(event);
    else this.#events.set(event.requested_model, event);
  }

  of(model: string): Promise<CompleteEvent> {
    const event = this.#events.get(model);
    if (event) return Promise.resolve(event);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(model);
        reject(new Error(`no record of the request for ${model} within 15 s`));
      }, 15_000);
      this.#waiting.set(model, (came) => {
        clearTimeout(timer);
        this.#waiting.delete(model);
        resolve(came);
      });
    });
  }
}
