import type { Random } from "../../core/clock.ts";
import { planRequests } from "./plan.ts";
import { Sender } from "./send.ts";

/** More than these are not under way at once: a router that stands still gets no heap of them. */
const MOST = 200;

/** A stream of requests to a router, until it is ended. */
export class Traffic {
  readonly #sender: Sender;
  readonly #plan: ReturnType<typeof planRequests>;
  readonly #random: Random;
  readonly #meanMs: number;
  /** The end of each session's latest request: the next waits for it. */
  readonly #sessions = new Map<string, Promise<void>>();
  #underway = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `perSecond`: on average. */
  constructor(base: string, { perSecond, random }: { perSecond: number; random: Random }) {
    this.#sender = new Sender(base);
    this.#plan = planRequests(random);
    this.#random = random;
    this.#meanMs = 1000 / perSecond;
  }

  start(): void {
    this.#timer = setTimeout(() => this.start(), this.#meanMs * (0.4 + 1.2 * this.#random()));
    if (this.#underway < MOST) void this.#sendNext();
  }

  /** At once; what is under way is broken off. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#sender.close();
  }

  async #sendNext(): Promise<void> {
    const { value: planned } = this.#plan.next();
    this.#underway++;
    const before = this.#sessions.get(planned.session) ?? Promise.resolve();
    const sent = before.then(() => this.#sender.send(planned));
    this.#sessions.set(planned.session, sent);
    await sent;
    this.#underway--;
    if (this.#sessions.get(planned.session) === sent) this.#sessions.delete(planned.session);
  }
}
