import type {
  AttemptRecord,
  CompleteEvent,
  LoggedUsage,
  ProviderEvent,
  RouterEvent,
  Switch,
  Warning,
} from "../events.ts";
import type { Sink } from "../recorder.ts";
import { operationOf } from "../telemetry/gen-ai.ts";
import { EXCHANGE, LIVE } from "./definitions.ts";
import { labelValue, lossField, ModelNames, outcomeClass, type Target } from "./labels.ts";
import { Family } from "./registry.ts";

type Families<D extends object> = { readonly [Name in keyof D]: Family };
export type LiveFamilies = Families<typeof LIVE>;

/** The parts of the router that know how things stand. */
export interface LiveParts {
  /** Some provider lists this model, or the config names it. */
  isKnown(provider: string, model: string): boolean;
  /** `gen_ai.provider.name`; undefined: it is no provider of the config. */
  system(provider: string): string | undefined;
  /** Sets what was cleared before. */
  look(live: LiveFamilies): void;
}

const NOBODY: LiveParts = {
  isKnown: () => false,
  system: () => undefined,
  look: () => undefined,
};
/** Of a request that was never sent. */
const NONE = "none";
const WARNINGS: readonly Warning["warning"][] = [
  "reasoning_stripped",
  "prompt_cache_broken",
  "plugin",
  "plugin_failed",
];
const TYPES: ReadonlySet<RouterEvent["type"]> = new Set(["complete", "provider", "config"]);

/**
 * What the router measures, over all versions of its config: counted here once, and read by Prometheus and by whoever sends
 * it to an OpenTelemetry collector. As a sink it is told what happens; how things stand is looked up when somebody reads.
 */
export class Metrics implements Sink {
  readonly active = true;
  readonly completeOnly = false;
  readonly types = TYPES;
  readonly ignoresJson = true;
  readonly #counts: Families<typeof EXCHANGE>;
  readonly #live: LiveFamilies;
  readonly #names = new ModelNames();
  #parts: LiveParts = NOBODY;

  constructor(wallMs: () => number = Date.now) {
    this.#counts = familiesOf(EXCHANGE, wallMs);
    this.#live = familiesOf(LIVE, wallMs);
    // What may never happen is 0 from the start: a first time is seen as a rise then.
    this.#counts.reloadOk.set(1);
    for (const result of ["ok", "failed", "rolled_back"]) this.#counts.reloads.add(0, result);
    for (const warning of WARNINGS) this.#counts.warnings.add(0, warning);
  }

  /** Who is asked from now on. */
  follow(parts: LiveParts): void {
    this.#parts = parts;
  }

  take(event: RouterEvent): void {
    if (event.type === "complete") this.#completed(event);
    else if (event.type === "provider") this.#provider(event);
    else if (event.type === "config") {
      // What the file says answers only after a reload of it that was taken.
      const isBack = event.source === "rollback";
      this.#counts.reloads.add(1, event.ok ? (isBack ? "rolled_back" : "ok") : "failed");
      this.#counts.reloadOk.set(event.ok && !isBack ? 1 : 0);
    }
  }

  /** A timer was so late. */
  delayed(ms: number): void {
    this.#counts.eventLoopDelay.observe(Math.max(0, ms) / 1000);
  }

  /** Everything, as it stands now. */
  read(): Family[] {
    const live = Object.values(this.#live);
    for (const family of live) family.clear();
    this.#parts.look(this.#live);
    return [...Object.values(this.#counts), ...live];
  }

  #completed(event: CompleteEvent): void {
    const { client, cost, attempts } = event;
    const counts = this.#counts;
    const target = this.#target(event.provider, event.sent_model, event.outcome === "ok");
    const { provider } = target;
    const outcome = outcomeClass(event);
    const error = outcome === "error" ? "true" : "false";
    const operation = operationOf(client);
    target.in(counts.requests, client, outcome, error).add(1);
    if (outcome === "error") counts.errors.add(1, provider, event.outcome);
    target.in(counts.duration, error).observe(event.duration_ms / 1000);
    if (event.usage) this.#tokens(event.usage, target, error, operation);
    if (cost.usd !== null && cost.usd > 0) target.in(counts.cost).add(cost.usd);
    if (cost.usd === null && event.usage) target.in(counts.unpriced).add(1);
    if (event.switched) this.#switched(event.switched, event.outcome === "ok");
    this.#streamed(event, target, operation);
    attempts.forEach((attempt, index) => {
      this.#attempted(attempt, attempts[index + 1], operation);
    });
    for (const { field, class: level } of event.losses) counts.losses.add(1, provider, lossField(field), level);
    for (const { warning } of event.warnings) counts.warnings.add(1, warning);
  }

  #tokens(usage: LoggedUsage, target: Target, error: string, operation: string): void {
    const { input, output, cachedRead, cacheWrite, reasoning, genAiTokens } = this.#counts;
    target.in(input, error).add(usage.input_tokens);
    target.in(output, error).add(usage.output_tokens);
    if (usage.cached_read_tokens > 0) target.in(cachedRead, error).add(usage.cached_read_tokens);
    if (usage.cache_write_tokens > 0) target.in(cacheWrite, error).add(usage.cache_write_tokens);
    if (usage.reasoning_tokens > 0) target.in(reasoning, error).add(usage.reasoning_tokens);
    // The conventions allow no estimates.
    const system = usage.reported ? this.#parts.system(target.provider) : undefined;
    if (system === undefined) return;
    target.in(genAiTokens, operation, system, "input").observe(usage.input_tokens);
    target.in(genAiTokens, operation, system, "output").observe(usage.output_tokens);
  }

  #switched({ to, uncached_tokens, usd }: Switch, answered: boolean): void {
    const { switches, uncached, switchCost } = this.#counts;
    const target = this.#target(to.provider, to.model, answered);
    target.in(switches).add(1);
    if (uncached_tokens > 0) target.in(uncached).add(uncached_tokens);
    if (usd !== null && usd > 0) target.in(switchCost).add(usd);
  }

  #streamed(event: CompleteEvent, target: Target, operation: string): void {
    const { time_to_first_token_ms: firstMs, usage, duration_ms, attempts } = event;
    if (!event.stream || firstMs === null) return;
    const { firstToken, speed, genAiFirstChunk } = this.#counts;
    target.in(firstToken).observe(firstMs / 1000);
    const restMs = duration_ms - firstMs;
    if (usage && usage.output_tokens > 1 && restMs > 0 && event.outcome === "ok")
      target.in(speed).observe((usage.output_tokens - 1) / (restMs / 1000));
    const answered = attempts.at(-1);
    const system = this.#parts.system(target.provider);
    if (!answered || answered.continued || system === undefined) return;
    const sentMs = answered.at_ms + (answered.queued_ms ?? 0);
    if (firstMs >= sentMs) target.in(genAiFirstChunk, operation, system).observe((firstMs - sentMs) / 1000);
  }

  #attempted(attempt: AttemptRecord, next: AttemptRecord | undefined, operation: string): void {
    const { attempts, retries, queueWait, genAiDuration } = this.#counts;
    const { outcome, ms, queued_ms = 0 } = attempt;
    const target = this.#target(attempt.provider, attempt.model, outcome === "ok");
    const { provider } = target;
    target.in(attempts, outcome).add(1);
    if (attempt.queued_ms !== undefined) queueWait.observe(queued_ms / 1000, provider);
    if (next) retries.add(1, provider, kindOf(attempt, next));
    const system = this.#parts.system(attempt.provider);
    // Of what was busy nothing was sent.
    if (outcome === "busy" || system === undefined) return;
    const seconds = Math.max(0, ms - queued_ms) / 1000;
    target.in(genAiDuration, operation, system, outcome === "ok" ? "" : outcome).observe(seconds);
  }

  #provider({ provider, state, alarm }: ProviderEvent): void {
    if (state === "open" && alarm === null) this.#counts.breakerOpened.add(1, labelValue(provider));
  }

  #target(provider: string | null, model: string | null, answered: boolean): Target {
    return this.#names.of(
      provider ?? NONE,
      model ?? NONE,
      answered,
      (one, other) => other === NONE || this.#parts.isKnown(one, other),
    );
  }
}

function kindOf(attempt: AttemptRecord, next: AttemptRecord): "retry" | "failover" | "hedge" | "continuation" {
  if (next.hedge) return "hedge";
  if (next.continued) return "continuation";
  return next.provider === attempt.provider && next.model === attempt.model ? "retry" : "failover";
}

function familiesOf<D extends Record<string, Family["definition"]>>(definitions: D, wallMs: () => number): Families<D>;
function familiesOf(definitions: Record<string, Family["definition"]>, wallMs: () => number): Record<string, Family> {
  return Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, new Family(one, wallMs)]));
}
