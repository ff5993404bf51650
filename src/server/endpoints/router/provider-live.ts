import type { ProviderLive } from "../../../api/providers.ts";
import type { Clock } from "../../../core/clock.ts";
import type { ProviderHealth } from "../../../resilience/health.ts";
import type { Resilience } from "../../../resilience/resilience.ts";
import type { Provider } from "../../../upstream/provider.ts";

const MAX_NAMES = 1_000;

/** How a provider is right now. */
export function liveState(
  provider: Provider,
  health: ProviderHealth | undefined,
  resilience: Resilience,
  clock: Clock,
): ProviderLive {
  const { name } = provider;
  return {
    state: health?.state ?? "closed",
    reason: health?.reason ?? null,
    pause_ms: Math.round(health?.pauseMs ?? 0),
    ...troubles(health),
    last_errors: lastErrors(name, resilience, clock),
    ...loadOf(provider, resilience),
    ...measured(name, resilience),
    discovery: {
      models: provider.models.size,
      names: [...provider.models.keys()].slice(0, MAX_NAMES),
      ago_ms: provider.discoveredAt === undefined ? null : Math.round(clock.nowMs() - provider.discoveredAt),
    },
  };
}

function troubles(health: ProviderHealth | undefined): Pick<ProviderLive, "alarms" | "troubled_models"> {
  return {
    alarms: (health?.alarms ?? []).map(({ kind, model, reason, times, agoMs }) => ({
      alarm: kind,
      model,
      reason,
      times,
      ago_ms: Math.round(agoMs),
    })),
    troubled_models: (health?.models ?? []).map(({ model, state, reason, pauseMs, holdMs }) => ({
      model,
      state,
      reason,
      pause_ms: Math.round(pauseMs),
      hold_ms: Math.round(holdMs),
    })),
  };
}

function lastErrors(name: string, { health }: Resilience, clock: Clock): ProviderLive["last_errors"] {
  const offsetMs = clock.wallMs() - clock.nowMs();
  return health.failures(name).map(({ model, kind, status, message, atMs }) => ({
    ts_ms: Math.round(offsetMs + atMs),
    model,
    kind,
    status: status ?? null,
    message,
  }));
}

function loadOf(
  provider: Provider,
  { limiter, health }: Resilience,
): Pick<ProviderLive, "in_flight" | "queued" | "load"> {
  const { name } = provider;
  const line = limiter.limits(provider) ? (limiter.state(name) ?? { in_flight: 0, queued: 0 }) : undefined;
  return {
    in_flight: health.inFlight(name),
    queued: line?.queued ?? 0,
    load: line ? { in_flight: line.in_flight, queued: line.queued, mean_ms: line.mean_ms ?? null } : null,
  };
}

function measured(
  name: string,
  { latencies, speeds, errors }: Resilience,
): Pick<ProviderLive, "time_to_first_token" | "output_tokens_per_sec" | "error_rates"> {
  return {
    time_to_first_token: latencies.measured(name).map(({ model, samples, p50Ms, p95Ms }) => ({
      model,
      samples,
      p50_ms: Math.round(p50Ms),
      p95_ms: p95Ms === undefined ? null : Math.round(p95Ms),
    })),
    output_tokens_per_sec: speeds
      .measured(name)
      .map(({ p50, ...rest }) => ({ ...rest, p50: Math.round(p50 * 10) / 10 })),
    error_rates: errors.measured(name).map(({ value, ...rest }) => ({ ...rest, share: Math.round(value * 1e3) / 1e3 })),
  };
}
