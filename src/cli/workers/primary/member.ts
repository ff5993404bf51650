import type { Worker } from "node:cluster";
import type { Status } from "../../../api/routing.ts";
import type { Slot } from "../../../resilience/limiter.ts";
import type { Totals } from "../../../server/company.ts";
import type { Answers, Begun, Question, ToWorker } from "../messages.ts";

/** A worker that takes nothing in for so much is stuck. */
const MAX_WAITING = 128 * 1024 * 1024;
/** What a message costs besides what it says it holds. */
const MESSAGE_COST = 200;
/** A worker that does not answer is done without. */
const ANSWER_MS = 2_000;

/** A request that was sent to a provider and is not over. */
export interface Sent {
  readonly provider: string;
  readonly model: string;
}

/** A turn at a provider that was asked for, and what there is of it. */
export interface Turn {
  cancel(): void;
  slot?: Slot;
}

/** One worker, as its primary knows it: whatever it holds goes with it. */
export class Member {
  readonly worker: Worker;
  /** It is told what all are told. */
  isTold = false;
  isListening = false;
  /** The version of the config it has, or is about to have. */
  version = 0;
  underway = 0;
  totals: Totals | undefined;
  log: Status["log"] | null = null;
  readonly sent = new Map<number, Sent>();
  readonly turns = new Map<number, Turn>();
  readonly begun = new Map<string, Begun>();
  readonly #asked = new Map<number, (answer: Answers[keyof Answers] | undefined) => void>();
  #last = 0;
  #waiting = 0;
  #isStuck = false;

  constructor(worker: Worker) {
    this.worker = worker;
  }

  get id(): number {
    return this.worker.id;
  }

  send(message: ToWorker, length = 0): void {
    if (!this.worker.isConnected() || this.#isStuck) return;
    const cost = MESSAGE_COST + length;
    this.#waiting += cost;
    if (this.#waiting > MAX_WAITING) {
      this.#isStuck = true;
      this.worker.process.kill("SIGKILL");
      return;
    }
    this.worker.send(message, undefined, () => {
      this.#waiting -= cost;
    });
  }

  /** `answered` is called as soon as the answer is read, before whatever comes behind it; with undefined where none comes. */
  ask<K extends Question["of"]>(
    question: Extract<Question, { of: K }>,
    answered: (answer: Answers[K] | undefined) => void,
  ): void {
    const id = ++this.#last;
    const timer = setTimeout(() => this.answered(id, undefined), ANSWER_MS);
    this.#asked.set(id, (answer) => {
      clearTimeout(timer);
      answered(isFor<K>(question, answer) ? answer : undefined);
    });
    this.send({ kind: "question", id, question });
  }

  answered(id: number, answer: Answers[keyof Answers] | undefined): void {
    const told = this.#asked.get(id);
    this.#asked.delete(id);
    told?.(answer);
  }

  /** Nobody answers any more. */
  gone(): void {
    for (const id of [...this.#asked.keys()]) this.answered(id, undefined);
  }
}

function isFor<K extends Question["of"]>(
  { of }: Question,
  answer: Answers[keyof Answers] | undefined,
): answer is Answers[K] {
  return of === "so far" ? Array.isArray(answer) : !Array.isArray(answer);
}
