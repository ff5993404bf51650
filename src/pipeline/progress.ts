import type { Clock, Timer } from "../core/clock.ts";
import { textTokens } from "../core/estimate/estimate.ts";
import type { ResponseBuilder, Said, SaidMark } from "../core/response.ts";
import { contentOf } from "../record/content-policy.ts";
import type { ProgressEvent, RouterEvent } from "../record/events.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Exchange } from "./exchange.ts";
import { attemptEvent, classifiedEvent, routedEvent, startEvent } from "./milestones.ts";
import type { Underway } from "./underway.ts";

/** Fast enough to read along, slow enough that a thousand streams cost next to nothing. */
const INTERVAL_MS = 250;

/** Where telling of an exchange has come to. */
interface Told {
  answer: ResponseBuilder;
  mark: SaidMark;
  outputTokens: number;
}

/**
 * Tells those who watch how far answers are that are being streamed, by looking at them a few times a second: the streams
 * themselves do nothing for it.
 */
export class Progress {
  readonly #underway: Underway;
  readonly #clock: Clock;
  readonly #recorder: () => Recorder;
  readonly #told = new WeakMap<Exchange, Told>();
  #timer: Timer | undefined;

  constructor(underway: Underway, clock: Clock, recorder: () => Recorder) {
    this.#underway = underway;
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** Somebody begins to watch: `ready` gets what is under way where progress is wanted, of which more comes from then on. */
  begin(wantsProgress: boolean, ready: (soFar: RouterEvent[]) => void): void {
    // Before it watches: what comes then goes on from there.
    ready(wantsProgress ? this.soFar() : []);
    if (wantsProgress) this.follow();
  }

  /** Something is under way, and somebody watches. */
  follow(): void {
    this.#timer ??= this.#clock.after(INTERVAL_MS, () => this.#look());
  }

  /** What somebody who watched would know by now of each exchange under way. Those who do watch know as much then. */
  soFar(): RouterEvent[] {
    this.#tell();
    const events: RouterEvent[] = [];
    for (const { exchange } of this.#underway.passages) if (exchange) events.push(...this.#eventsOf(exchange));
    return events;
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.#recorder().wantsProgress) return;
    this.#tell();
    if (this.#underway.passages.size > 0) this.follow();
  }

  #tell(): void {
    const recorder = this.#recorder();
    for (const { exchange } of this.#underway.passages) {
      const event = exchange && this.#since(exchange);
      if (event) recorder.record("progress", () => event);
    }
  }

  #eventsOf(exchange: Exchange): RouterEvent[] {
    const wallMs = this.#clock.wallMs();
    const events: RouterEvent[] = [startEvent(exchange, this.#underway.count), classifiedEvent(exchange, wallMs)];
    if (exchange.source) events.push(routedEvent(exchange, wallMs));
    // Those under way have no error yet.
    for (const [at, record] of exchange.attempts.entries())
      if (record.error !== undefined) events.push(attemptEvent(exchange, record, exchange.attempts[at + 1], wallMs));
    const said = this.#told.get(exchange);
    if (said && exchange.answer) events.push(this.#event(exchange, exchange.answer.saidSince([]), said.outputTokens));
    return events;
  }

  #since(exchange: Exchange): ProgressEvent | undefined {
    const { answer } = exchange;
    if (!exchange.stream || !answer || exchange.firstTokenMs === undefined) return undefined;
    let told = this.#told.get(exchange);
    if (told?.answer !== answer) {
      told = { answer, mark: [], outputTokens: 0 };
      this.#told.set(exchange, told);
    }
    const said = answer.saidSince(told.mark);
    const more = said.text + said.reasoning + said.arguments;
    if (more === "") return undefined;
    told.outputTokens += textTokens(more);
    return this.#event(exchange, said, told.outputTokens);
  }

  #event(exchange: Exchange, said: Said, outputTokens: number): ProgressEvent {
    const content = contentOf(exchange.contentPolicy);
    return {
      type: "progress",
      id: exchange.id,
      ts_ms: this.#clock.wallMs(),
      text: said.text === "" ? null : content.piece(said.text),
      reasoning: said.reasoning === "" ? null : content.piece(said.reasoning),
      tool: said.tool ?? null,
      output_tokens: Math.round(outputTokens),
      time_to_first_token_ms: exchange.firstTokenMs === undefined ? null : Math.round(exchange.firstTokenMs),
    };
  }
}
