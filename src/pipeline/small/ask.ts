import { RouterError } from "../../core/errors.ts";
import { FAILURES, type Failure } from "../../core/failure.ts";
import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import type { Fallback, RoutingRequest, Target } from "../../routing/rule.ts";
import { type Provider, upstreamModel, withoutKeys } from "../../upstream/provider.ts";
import { JsonFailure, type JsonRequest } from "../../upstream/transports.ts";
import { retryAfterOf } from "../answer/retry-after.ts";
import { HealthyFirst } from "../attempts/targets.ts";
import type { DispatchParts } from "../dispatch.ts";
import { GaveUp } from "./gave-up.ts";
import { turnAt } from "./turn.ts";

export type AskParts = Pick<DispatchParts, "chain" | "transports" | "resilience" | "failover" | "clock" | "underway">;

/** A request that is answered by one JSON body, and is no client's chat. */
export interface SmallRequest<T> {
  routing: RoutingRequest;
  /** Providers to ask, named outright: no rule is. */
  forced?: readonly Fallback[];
  /** Another model may answer as well. */
  anyModel?: true;
  /** Its API has what is asked for. */
  can(target: Target): boolean;
  /** What is said when none can; `target`: the one that was decided for. */
  cannot(target: Target): string;
  write(target: Target): Pick<JsonRequest, "path" | "headers" | "body" | "timeoutMs">;
  /** Throws when the body is not what was asked for. */
  read(body: Json, target: Target): T;
  /** Errors of the provider go to the client in its own words: they speak the same dialect. */
  passesErrors?: boolean;
}

export interface SmallAnswer<T> {
  target: Target;
  /** As it was sent. */
  model: string;
  value: T;
  attempts: number;
}

interface Tried<T> {
  value?: T;
  failure?: Failure;
  passed?: JsonObject | undefined;
}

/** Nobody answers in so little time. */
const MIN_LEFT_MS = 20;
const EXCERPT_CHARS = 2048;

/**
 * Has a small request answered: by the first target that can, of those that are well first, and by the next one after failures.
 * Nobody is asked twice. Rejects with `GaveUp`, or with a `RouterError` when nobody can be asked or the router stops.
 */
export async function askJson<T>(small: SmallRequest<T>, parts: AskParts, gone: AbortSignal): Promise<SmallAnswer<T>> {
  const stopped = new AbortController();
  let stopping: RouterError | undefined;
  const passage = {
    isStream: false,
    place: -1,
    end(error: RouterError) {
      stopping = error;
      stopped.abort();
    },
  };
  const ended = parts.underway.ended(passage);
  if (ended) throw ended;
  parts.underway.passages.add(passage);
  try {
    return await new Asking(small, parts, AbortSignal.any([gone, stopped.signal])).run();
  } catch (error) {
    throw stopping ?? error;
  } finally {
    parts.underway.passages.delete(passage);
  }
}

class Asking<T> {
  readonly #small: SmallRequest<T>;
  readonly #parts: AskParts;
  readonly #signal: AbortSignal;
  readonly #next: () => Target | undefined;
  #sent = 0;
  /** Monotonic; all attempts share it. */
  #deadlineMs = Number.POSITIVE_INFINITY;

  constructor(small: SmallRequest<T>, parts: AskParts, signal: AbortSignal) {
    this.#small = small;
    this.#parts = parts;
    this.#signal = signal;
    this.#next = targetsOf(small, parts);
  }

  async run(): Promise<SmallAnswer<T>> {
    const { resilience, clock } = this.#parts;
    resilience.budget.requested();
    let target = this.#next();
    if (!target) throw new RouterError("internal", "a small request has no target");
    const total = target.provider.timeout.total_ms;
    if (total > 0) this.#deadlineMs = clock.nowMs() + total;
    for (;;) {
      const { provider } = target;
      const model = upstreamModel(provider, target.model);
      const { failure, value, passed } = await this.#try(target, model);
      if (!failure && value !== undefined) return { target, model, value, attempts: this.#sent };
      const told: Failure = failure ?? { kind: "malformed", message: "it answered nothing" };
      const next = this.#follows(told);
      if (typeof next === "boolean")
        throw new GaveUp(told, { provider: provider.name, model, attempts: this.#sent, mayRetry: next, passed });
      target = next;
    }
  }

  /** The target to ask next; or that there is none, and whether the client may try again. */
  #follows(failure: Failure): Target | boolean {
    const { failover, resilience, clock } = this.#parts;
    const { retryHere, nextTarget } = FAILURES[failure.kind];
    if (!nextTarget) return true;
    if (this.#sent >= failover.max_attempts || clock.nowMs() >= this.#deadlineMs - MIN_LEFT_MS) return false;
    const next = this.#next();
    // It was not asked twice, nor is one asked that wants to be left alone: the client may do so.
    if (!next || this.#heldMs(next) > 0) return retryHere || failure.retryAfter !== undefined;
    // Where nothing was sent nobody is loaded by it.
    if (failure.kind !== "busy" && !resilience.budget.tryTake()) return false;
    return next;
  }

  async #try(target: Target, model: string): Promise<Tried<T>> {
    const { resilience } = this.#parts;
    const { provider } = target;
    const heldMs = this.#heldMs(target);
    if (heldMs > 0) {
      const message = "it asked to be left alone for a while, and there is no other to ask";
      return { failure: { kind: "rate-limit", message, retryAfter: heldMs / 1000 } };
    }
    let slot: Awaited<ReturnType<typeof turnAt>>;
    try {
      slot = await turnAt(resilience.limiter, provider, model, this.#signal);
    } catch (error) {
      return { failure: failureOf(error) };
    }
    try {
      const tried = await this.#send(target, model);
      // A model that had to be loaded is there now: those behind it need not go one by one.
      if (!tried.failure) slot?.answered();
      return tried;
    } finally {
      slot?.release();
    }
  }

  /** What the target itself asked to wait. */
  #heldMs({ provider, model }: Target): number {
    return this.#parts.resilience.health.holdMs(provider.name, upstreamModel(provider, model));
  }

  async #send(target: Target, model: string): Promise<Tried<T>> {
    const { clock, resilience } = this.#parts;
    const { health } = resilience;
    const { provider } = target;
    if (this.#signal.aborted) return { failure: { kind: "client-gone", message: "the client closed the connection" } };
    const request = { ...this.#small.write(target), ...this.#time() };
    const { total_ms } = provider.timeout;
    const isShort = request.totalMs !== undefined && (total_ms === 0 || request.totalMs < total_ms);
    this.#sent++;
    health.sent(provider.name, model, this);
    const tried = await this.#answer(target, request).catch((error: unknown) => {
      health.cancelled(provider.name, model, this);
      throw error;
    });
    const { failure } = tried;
    // What those before it left was too little: no fault of its own.
    const isLate = isShort && failure?.kind === "timeout" && clock.nowMs() >= this.#deadlineMs - MIN_LEFT_MS;
    if (isLate) health.cancelled(provider.name, model, this);
    else if (failure) health.failed(provider.name, model, failure, this);
    else health.succeeded(provider.name, model, this);
    return tried;
  }

  /** Later attempts have only what the first left. */
  #time(): { totalMs?: number } {
    if (this.#sent === 0 || this.#deadlineMs === Number.POSITIVE_INFINITY) return {};
    return { totalMs: Math.max(1, this.#deadlineMs - this.#parts.clock.nowMs()) };
  }

  async #answer(target: Target, request: Omit<JsonRequest, "method">): Promise<Tried<T>> {
    const { provider } = target;
    const { transports, clock } = this.#parts;
    try {
      const asked = { ...request, method: "POST" as const, signal: this.#signal };
      const { status, headers, body } = await transports.requestJson(provider, asked);
      if (status >= 200 && status < 300) return this.#read(target, status, body);
      const text = body === undefined ? "" : JSON.stringify(body).slice(0, EXCERPT_CHARS);
      const failure = status < 400 ? redirected(status) : provider.half.readError(status, body, text);
      const retryAfter = retryAfterOf(headers, clock.wallMs());
      if (retryAfter !== undefined) failure.retryAfter = retryAfter;
      // Our own key was refused: to the client, who has another, that is no 401 of its own.
      const mayPass = this.#small.passesErrors && failure.kind !== "credential";
      return { failure: clean(provider, failure), passed: mayPass ? passable(provider, body) : undefined };
    } catch (error) {
      return { failure: clean(provider, failureOf(error)) };
    }
  }

  #read(target: Target, status: number, body: Json | undefined): Tried<T> {
    const malformed = (message: string): Failure => ({ kind: "malformed", message, upstreamStatus: status });
    if (body === undefined) return { failure: malformed("the answer is not JSON") };
    try {
      return { value: this.#small.read(body, target) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { failure: clean(target.provider, malformed(why)) };
    }
  }
}

/** Where it may go, drawn one by one. Throws `no_provider` and `not_supported`. */
function targetsOf<T>(small: SmallRequest<T>, { chain, failover, resilience }: AskParts): () => Target | undefined {
  const { routing, forced } = small;
  const decision = chain.decide(routing, forced);
  const decided = decision.target;
  if (!decided)
    throw new RouterError("no_provider", `no provider configured for model '${routing.model}'`, { param: "model" });
  const scope = chain.scopeOf(decision) ?? failover.scope;
  const capable = thatCan(small, chain.walk(routing, decision, scope));
  const candidates = new HealthyFirst(capable, scope === "none" ? undefined : resilience.health);
  const first = candidates.next();
  if (!first) throw new RouterError("not_supported", small.cannot(decided));
  let drawn = 0;
  return () => {
    if (drawn++ === 0) return first;
    return scope === "none" ? undefined : candidates.next();
  };
}

/** Mostly of one model only: vectors of two do not belong into one index, nor can one read what another compacted. */
function* thatCan<T>(small: SmallRequest<T>, targets: Iterable<Target>): Generator<Target> {
  let model: string | undefined;
  for (const target of targets) {
    if (!small.can(target)) continue;
    model ??= target.model;
    if (small.anyModel || target.model === model) yield target;
  }
}

/** Redirects are never followed, since the key would go along. */
function redirected(status: number): Failure {
  const message = `the provider redirects (HTTP ${status}); redirects are never followed: correct its base_url`;
  return { kind: "malformed", message, upstreamStatus: status };
}

function failureOf(error: unknown): Failure {
  if (error instanceof JsonFailure) return error.failure;
  throw error;
}

/** What a provider says goes on without our key. */
function clean(provider: Provider, failure: Failure): Failure {
  const { code } = failure;
  const cleaned = { ...failure, message: withoutKeys(provider, failure.message) };
  return code === undefined ? cleaned : { ...cleaned, code: withoutKeys(provider, code) };
}

function passable(provider: Provider, body: Json | undefined): JsonObject | undefined {
  if (!isObject(body)) return undefined;
  const text = JSON.stringify(body);
  return withoutKeys(provider, text) === text ? body : undefined;
}
