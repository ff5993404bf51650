import { getHeapStatistics } from "node:v8";
import { labelValue } from "../record/metrics/labels.ts";
import type { LiveFamilies, LiveParts } from "../record/metrics/metrics.ts";
import { factsOfProvider } from "../record/telemetry/gen-ai.ts";
import type { BreakerState } from "../resilience/breaker.ts";
import type { ProviderHealth } from "../resilience/health.ts";
import { modelInfo, type Provider } from "../upstream/provider.ts";
import type { Totals } from "./company.ts";
import type { Lasting } from "./lasting.ts";
import type { Listener } from "./listener.ts";
import type { Overload } from "./overload.ts";
import type { Version } from "./version.ts";

const BREAKER: Record<BreakerState, number> = { closed: 0, probing: 1, open: 2 };
/** It asked itself to be left alone for a while (`Retry-After`). */
const HELD = 3;
/** Of the models of one provider that are in trouble. */
const MAX_MODELS = 50;

/** How a router stands, for whoever reads its metrics: always of the version that answers. */
export class LiveMetrics implements LiveParts {
  readonly #lasting: Lasting;
  readonly #listener: Listener;
  readonly #current: () => Version;
  /** By provider, those that are gone too: what they were asked may end later. */
  readonly #systems = new Map<string, { of: Provider; system: string }>();
  #rewrites: { of: Version; models: ReadonlySet<string> } | undefined;

  constructor(lasting: Lasting, listener: Listener, current: () => Version) {
    this.#lasting = lasting;
    this.#listener = listener;
    this.#current = current;
  }

  isKnown(name: string, model: string): boolean {
    const version = this.#current();
    const provider = version.parts.fleet.get(name);
    if (!provider) return false;
    if (modelInfo(provider, model) !== undefined) return true;
    for (const alias of provider.aliases.values()) if (alias === model) return true;
    if (this.#rewrites?.of !== version) {
      const models = new Set(version.parts.chain.rewrites().map((rewrite) => rewrite.model));
      this.#rewrites = { of: version, models };
    }
    return this.#rewrites.models.has(model);
  }

  system(name: string): string | undefined {
    const provider = this.#current().parts.fleet.get(name);
    const known = this.#systems.get(name);
    if (!provider || known?.of === provider) return known?.system;
    const { system } = factsOfProvider(provider);
    this.#systems.set(name, { of: provider, system });
    return system;
  }

  look(live: LiveFamilies): void {
    const { parts, number } = this.#current();
    const { underway, resilience, startedMs, overload } = this.#lasting;
    live.inFlight.set(underway.count);
    live.configVersion.set(number);
    live.build.set(1, parts.about.version, process.version);
    const totals = this.#lasting.company.totals?.() ?? totalsOf(this.#listener, overload);
    live.connections.set(totals.connections);
    live.watchers.set(parts.feed.size);
    live.started.set(startedMs / 1000);
    for (const [reason, count] of Object.entries({ ...totals.rejected, overloaded: totals.refused }))
      live.rejected.set(count, reason);
    live.dropped.set(parts.feed.cutOff, "feed");
    if (totals.lost > 0) live.dropped.set(totals.lost, "workers");
    live.dropped.set(parts.telemetry?.lost ?? 0, "telemetry");
    if (parts.jsonl) {
      live.dropped.set(parts.jsonl.state.dropped, "log");
      live.logOk.set(parts.jsonl.state.ok ? 1 : 0);
    }
    if (parts.store) live.dropped.set(parts.store.dropped, "store");
    live.cpu.set(totals.cpuSeconds);
    live.resident.set(totals.residentBytes);
    live.heap.set(totals.heapBytes);
    live.heapLimit.set(totals.heapLimitBytes);
    const healths = resilience.health.snapshot();
    for (const provider of parts.fleet.all()) this.#provider(live, provider, healths.get(provider.name));
  }

  #provider(live: LiveFamilies, provider: Provider, health: ProviderHealth | undefined): void {
    const { resilience } = this.#lasting;
    const name = labelValue(provider.name);
    live.providerInFlight.set(resilience.health.inFlight(provider.name), name);
    live.queued.set(resilience.limiter.state(provider.name)?.queued ?? 0, name);
    live.models.set(provider.models.size, name);
    live.breaker.set(BREAKER[health?.state ?? "closed"], name, "");
    for (const { model, state } of health?.models.slice(0, MAX_MODELS) ?? [])
      live.breaker.set(state === "closed" ? HELD : BREAKER[state], name, labelValue(model));
    for (const { kind } of health?.alarms ?? []) live.alarm.set(1, name, kind);
  }
}

/** What one process comes to. */
export function totalsOf(
  listener: Pick<Listener, "sockets" | "rejected">,
  overload: Pick<Overload, "refused">,
): Totals {
  const { user, system } = process.cpuUsage();
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  return {
    connections: listener.sockets.size,
    rejected: { ...listener.rejected },
    refused: overload.refused,
    lost: 0,
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    heapBytes: used_heap_size,
    heapLimitBytes: heap_size_limit,
  };
}
