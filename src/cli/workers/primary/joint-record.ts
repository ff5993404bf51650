import type { RawExchange } from "../../../api/exchanges.ts";
import type { Status } from "../../../api/routing.ts";
import { UNKNOWN_COST } from "../../../cost/cost.ts";
import type { CompleteEvent, RouterEvent } from "../../../record/events.ts";
import type { JsonlSink } from "../../../record/jsonl.ts";
import type { Sink } from "../../../record/recorder.ts";
import type { Watching } from "../../../server/company.ts";
import type { JoinedLog, Parts } from "../../parts.ts";
import type { Answers, Begun, Question, Wanted } from "../messages.ts";
import type { Member } from "./member.ts";

/** Those that workers have to tell of only where somebody wants them. */
const TYPES = ["start", "classified", "routed", "attempt", "warning", "progress", "complete"] as const;
/** Nobody says that the last watcher has left, or will not come back. */
const LOOK_MS = 250;

/** Somebody is about to watch, and not all workers have said what is under way. */
interface Beginning {
  readonly wantsProgress: boolean;
  readonly answered: Set<Member>;
  readonly soFar: RouterEvent[];
}

/** Joins what workers tell of exchanges: for the feed, the store in memory, metrics and telemetry. */
export class JointRecord implements Watching {
  readonly #members: ReadonlySet<Member>;
  readonly #parts: () => Parts;
  /** That look at figures alone. */
  readonly #lean: ReadonlySet<Sink>;
  readonly #beginning = new Set<Beginning>();
  #wanted: Wanted = { types: [], lean: true };
  #timer: NodeJS.Timeout | undefined;

  constructor(members: ReadonlySet<Member>, parts: () => Parts, lean: readonly Sink[]) {
    this.#members = members;
    this.#parts = parts;
    this.#lean = new Set(lean);
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What is wanted by now is told when it has changed. */
  look(): void {
    const wanted = this.#wants();
    if (wanted.lean === this.#wanted.lean && wanted.types.join() === this.#wanted.types.join()) return;
    this.#wanted = wanted;
    for (const member of this.#members) this.tellAbout(member);
  }

  tellAbout(member: Member): void {
    if (member.isTold) member.send({ kind: "wanted", wanted: this.#wanted });
  }

  begin(wantsProgress: boolean, ready: (soFar: RouterEvent[]) => void): void {
    const beginning: Beginning = { wantsProgress, answered: new Set(), soFar: [] };
    this.#beginning.add(beginning);
    this.look();
    this.#askAll(
      { of: "so far", wantsProgress },
      {
        each: (member, events) => {
          beginning.soFar.push(...events);
          beginning.answered.add(member);
        },
        all: () => {
          this.#beginning.delete(beginning);
          ready(beginning.soFar);
        },
      },
    );
  }

  event(from: Member, type: RouterEvent["type"], json: string): void {
    const event: RouterEvent = JSON.parse(json);
    this.#parts().recorder.pass(event, json);
    for (const { answered, wantsProgress, soFar } of this.#beginning)
      if (answered.has(from) && (wantsProgress || type !== "progress")) soFar.push(event);
  }

  /** Its exchanges are over: their clients saw their connections cut. */
  gone(member: Member): void {
    const { recorder, config, logs } = this.#parts();
    for (const begun of member.begun.values()) {
      const event = cutEvent(begun, member.version);
      recorder.record("complete", () => event);
      // It is the only record of theirs that this process writes.
      logs.of(config.logging)?.take(event, JSON.stringify(event));
    }
    member.begun.clear();
  }

  raw(id: string): Promise<RawExchange | undefined> {
    return new Promise((resolve) => {
      let found: RawExchange | undefined;
      const each = (_member: Member, raw: RawExchange | null) => {
        found ??= raw ?? undefined;
      };
      this.#askAll({ of: "raw", id }, { each, all: () => resolve(found) });
    });
  }

  /** All that workers write to a log, which this process rotates. */
  joined(own: JsonlSink): JoinedLog {
    const record = this;
    return {
      get state() {
        return record.#stateOf(own);
      },
      written: async () => {
        await new Promise<void>((all) => this.#askAll({ of: "written" }, { each: () => undefined, all }));
        await own.written();
      },
    };
  }

  #stateOf({ state }: JsonlSink): Status["log"] {
    const logs = [...this.#members].flatMap(({ log }) => (log?.path === state.path ? [log] : []));
    const all: Status["log"][] = [state, ...logs];
    return {
      path: state.path,
      ok: all.every(({ ok }) => ok),
      dropped: all.reduce((sum, { dropped }) => sum + dropped, 0),
      problem: all.find(({ problem }) => problem !== null)?.problem ?? null,
    };
  }

  #wants(): Wanted {
    const { recorder, sinks, metrics } = this.#parts();
    if (this.#beginning.size > 0) return { types: TYPES, lean: false };
    const lean = sinks.every((sink) => !sink.active || sink === metrics || this.#lean.has(sink));
    return { types: TYPES.filter((type) => recorder.wants(type)), lean };
  }

  #askAll<K extends Question["of"]>(
    question: Extract<Question, { of: K }>,
    { each, all }: { each: (member: Member, answer: Answers[K]) => void; all: () => void },
  ): void {
    const asked = [...this.#members].filter(({ isListening }) => isListening);
    let left = asked.length;
    if (left === 0) return all();
    for (const member of asked)
      member.ask<K>(question, (answer) => {
        if (answer !== undefined) each(member, answer);
        left--;
        if (left === 0) all();
      });
  }
}

/** What can be told of an exchange whose process ended. */
function cutEvent({ id, ts_ms, model, client, agent, key, session, stream }: Begun, version: number): CompleteEvent {
  const nowMs = Date.now();
  return {
    type: "complete",
    id,
    ts_ms: nowMs,
    provider: null,
    requested_model: model,
    sent_model: null,
    duration_ms: Math.max(0, nowMs - ts_ms),
    tags: [],
    plugins: [],
    trace_id: null,
    system: null,
    messages: [],
    response: null,
    error: "the worker process that answered it ended",
    outcome: "cut",
    status: null,
    client,
    agent,
    key,
    session,
    stream,
    passthrough: false,
    time_to_first_token_ms: null,
    usage: null,
    cost: UNKNOWN_COST,
    losses: [],
    decision: [],
    warnings: [],
    attempts: [],
    config_version: version,
    prefix_hash: null,
  };
}
