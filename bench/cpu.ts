import { readdirSync, readFileSync } from "node:fs";
import { anthropicBody, openaiBody } from "./bodies.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import type { Server } from "./processes.ts";

/** Requests of one kind. */
export interface Work {
  readonly bytes: number;
  readonly stream: boolean;
  /** From Anthropic's API to OpenAI's; else passed through. The yardstick always passes on. */
  readonly translated: boolean;
  /** In one round, which then takes the router some 40 ms: the shorter, the more of them have the machine to themselves. */
  readonly requests: number;
}

/** What the router's CPU time is, in that of the yardstick. */
export interface Ratio {
  readonly ratio: number;
  /** Where it lies, but for one time in a thousand on either side. */
  readonly least: number;
  readonly most: number;
}

export type Load = (order: LoadOrder) => Promise<LoadResult>;

interface Round {
  readonly bare: number;
  readonly router: number;
}

const CONNECTIONS = 16;
/** What runs so long at first does not count: V8 still compiles, and much of it only after some ten thousand requests. */
const WARM_UP_MS = 3_000;
/** What else the machine does only ever adds. So the fast rounds are looked at: the one that a tenth of them come before. */
const FAST = 0.1;
const RESAMPLED = 2_000;
const SURE = 0.001;

/** Router and yardstick in turns, round by round, so that what else the machine does meets both. */
export class Race {
  readonly #load: Load;
  readonly #work: Work;
  readonly #servers: Readonly<Record<keyof Round, Server>>;
  readonly #rounds: Round[] = [];

  constructor(load: Load, work: Work, servers: Readonly<Record<keyof Round, Server>>) {
    this.#load = load;
    this.#work = work;
    this.#servers = servers;
  }

  async warmUp(): Promise<void> {
    const until = performance.now() + WARM_UP_MS;
    while (performance.now() < until) await this.#round();
  }

  async run(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) this.#rounds.push(await this.#round());
  }

  /** The interval is found by drawing as many rounds as there are out of them, again and again. */
  ratio(): Ratio {
    const rounds = this.#rounds;
    const drawn = Array.from({ length: RESAMPLED }, () =>
      ratioOf(rounds.map((round) => rounds[Math.floor(Math.random() * rounds.length)] ?? round)),
    );
    return { ratio: ratioOf(rounds), least: quantile(drawn, SURE), most: quantile(drawn, 1 - SURE) };
  }

  async #round(): Promise<Round> {
    return { bare: await this.#take("bare"), router: await this.#take("router") };
  }

  /** ms of CPU. */
  async #take(who: keyof Round): Promise<number> {
    const { bytes, stream, requests } = this.#work;
    const { url, pid } = this.#servers[who];
    const isTranslated = this.#work.translated && who === "router";
    const path = isTranslated ? "/v1/messages" : "/v1/chat/completions";
    const body = isTranslated ? anthropicBody(bytes, stream) : openaiBody(bytes, stream);
    const before = cpuMs(pid);
    const { errors } = await this.#load({ url, path, body, connections: CONNECTIONS, requests, ms: 60_000 });
    if (errors > 0) throw new Error(`${errors} of ${requests} requests failed`);
    return cpuMs(pid) - before;
  }
}

function ratioOf(rounds: readonly Round[]): number {
  const fast = (who: keyof Round) =>
    quantile(
      rounds.map((round) => round[who]),
      FAST,
    );
  return fast("router") / fast("bare");
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? Number.NaN;
}

/** What all threads of a process ran, to the nanosecond (Linux: `/proc/PID/stat` has hundredths of a second). */
function cpuMs(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const nanos = readdirSync(tasks).map((task) =>
    Number(readFileSync(`${tasks}/${task}/schedstat`, "latin1").split(" ")[0]),
  );
  return nanos.reduce((sum, each) => sum + each, 0) / 1e6;
}
