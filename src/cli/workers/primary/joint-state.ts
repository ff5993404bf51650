import { systemClock } from "../../../core/clock.ts";
import type { Failure } from "../../../core/failure.ts";
import type { TurnAsked } from "../../../resilience/remote-limiter.ts";
import type { HealthTold } from "../../../resilience/told-health.ts";
import type { Lasting } from "../../../server/lasting.ts";
import { agedBy, type Learned, shareLearning } from "../../../server/shared/learned.ts";
import type { Fleet } from "../../../upstream/provider.ts";
import type { ToldStanding, ToWorker } from "../messages.ts";
import type { Member, Turn } from "./member.ts";

/** Samples are kept so long for a worker that begins later, as rules keep them themselves, and no more than so many. */
const KEPT_MS = 15 * 60_000;
const KEPT = 20_000;
/** What a new worker is told at once. */
const CHUNK_BYTES = 1024 * 1024;

export interface JointParts {
  readonly members: ReadonlySet<Member>;
  readonly lasting: Lasting;
  readonly fleet: () => Fleet;
}

/**
 * What has to hold for all workers. The primary knows all of it: samples and memories are handed on to the others; turns at
 * providers with limits are given out here; and of targets that are left alone this is what counts.
 */
export class JointState {
  readonly #parts: JointParts;
  readonly #learn: (learned: Learned) => void;
  readonly #samples: { atMs: number; learned: Learned }[] = [];

  constructor(parts: JointParts) {
    this.#parts = parts;
    // What the primary learns by itself, as from the log, is for all.
    this.#learn = shareLearning(parts.lasting, (learned) => {
      this.#keep(learned);
      this.#tellAll({ kind: "learn", learned: [learned] }, bytesOf([learned]));
    });
  }

  /** What one learned. */
  learned(from: Member, learned: readonly Learned[]): void {
    for (const one of learned) {
      this.#learn(one);
      this.#keep(one);
    }
    this.#tellAll({ kind: "learn", learned }, bytesOf(learned), from);
  }

  /** Everything a new worker has to know, before it serves. */
  tellAbout(member: Member): void {
    const nowMs = systemClock.nowMs();
    const samples = this.#samples.map(({ atMs, learned }) => agedBy(learned, nowMs - atMs));
    let some: Learned[] = samples;
    let bytes = 0;
    for (const [key, value, cost] of this.#parts.lasting.conversations.memory.entries()) {
      some.push({ what: "remember", key, value, bytes: cost });
      bytes += cost;
      if (bytes < CHUNK_BYTES) continue;
      member.send({ kind: "learn", learned: some }, bytes);
      [some, bytes] = [[], 0];
    }
    if (some.length > 0) member.send({ kind: "learn", learned: some }, bytes);
    const { health } = this.#parts.lasting.resilience;
    for (const [provider, model] of health.troubled()) this.#tellStanding(provider, model, [member]);
  }

  health(from: Member, told: HealthTold): void {
    const { health } = this.#parts.lasting.resilience;
    const { provider, model, request } = told;
    const open = [null, model].filter((one) => health.standing(provider, one)?.breaker.isOpen);
    if (told.what === "sent") {
      const sent = { provider, model };
      from.sent.set(request, sent);
      health.sent(provider, model, sent);
    } else {
      const sent = from.sent.get(request);
      from.sent.delete(request);
      if (told.what === "failed") health.failed(provider, model, told.failure, sent);
      else if (told.what === "succeeded") health.succeeded(provider, model, sent);
      else health.cancelled(provider, model, sent);
    }
    const isHeld = told.what === "failed" && told.failure.retryAfter !== undefined;
    for (const one of [null, model])
      if (told.turned || isHeld || open.includes(one) || health.standing(provider, one)?.breaker.isOpen)
        this.#tellStanding(provider, one);
  }

  turn(from: Member, asked: TurnAsked): void {
    const { id } = asked;
    if (asked.what === "ask") return this.#turnFor(from, asked);
    const turn = from.turns.get(id);
    if (!turn) return;
    if (asked.what === "answered") turn.slot?.answered();
    else {
      from.turns.delete(id);
      turn.cancel();
      turn.slot?.release();
    }
  }

  /** What it held is free again. */
  gone(member: Member): void {
    for (const turn of member.turns.values()) {
      turn.cancel();
      turn.slot?.release();
    }
    const { health } = this.#parts.lasting.resilience;
    for (const sent of member.sent.values()) {
      const { provider, model } = sent;
      health.cancelled(provider, model, sent);
      for (const one of [null, model])
        if (health.standing(provider, one)?.breaker.isOpen) this.#tellStanding(provider, one);
    }
    member.turns.clear();
    member.sent.clear();
  }

  #turnFor(from: Member, { id, provider: name, model, now }: Extract<TurnAsked, { what: "ask" }>): void {
    const { limiter } = this.#parts.lasting.resilience;
    const provider = this.#parts.fleet().get(name);
    const granted = () => from.send({ kind: "turn", told: { id, failure: null } });
    // A config without it, or without its limit, was taken over meanwhile.
    if (!provider || !limiter.limits(provider)) return granted();
    const turn: Turn = { cancel: () => undefined };
    from.turns.set(id, turn);
    const refused = (failure: Failure) => {
      from.turns.delete(id);
      from.send({ kind: "turn", told: { id, failure } });
    };
    if (now) {
      void Promise.resolve(limiter.askNow(provider, model)).then((slot) => {
        if (!slot) return refused({ kind: "busy", message: "its limit is reached" });
        turn.slot = slot;
        if (from.turns.has(id)) granted();
        else slot.release();
      });
      return;
    }
    const ticket = limiter.ask(provider, model, {
      granted: (slot) => {
        turn.slot = slot;
        granted();
      },
      refused,
    });
    turn.cancel = () => ticket.cancel();
  }

  #tellStanding(provider: string, model: string | null, members: Iterable<Member> = this.#parts.members): void {
    const standing = this.#parts.lasting.resilience.health.standing(provider, model);
    if (!standing) return;
    for (const member of members) {
      const told: ToldStanding = { provider, model, standing, probe: probeOf(member, standing.breaker.probe) };
      if (member.isTold) member.send({ kind: "standing", told });
    }
  }

  #tellAll(message: ToWorker, bytes: number, but?: Member): void {
    for (const member of this.#parts.members) if (member.isTold && member !== but) member.send(message, bytes);
  }

  #keep(learned: Learned): void {
    if (!("sample" in learned)) return;
    const atMs = systemClock.nowMs();
    this.#samples.push({ atMs, learned });
    if (this.#samples.length < 2 * KEPT) return;
    const since = atMs - KEPT_MS;
    const kept = this.#samples.slice(-KEPT).filter((sample) => sample.atMs >= since);
    this.#samples.splice(0, this.#samples.length, ...kept);
  }
}

function probeOf(member: Member, probe: object | undefined): number | undefined {
  if (!probe) return undefined;
  for (const [number, sent] of member.sent) if (sent === probe) return number;
  return undefined;
}

function bytesOf(learned: readonly Learned[]): number {
  return learned.reduce((sum, one) => sum + (one.what === "remember" ? one.bytes : 0), 0);
}
