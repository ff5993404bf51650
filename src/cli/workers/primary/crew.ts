import cluster, { type Worker } from "node:cluster";
import { getCompileCacheDir } from "node:module";
import { dirname, join } from "node:path";
import type { Log } from "../../../core/log.ts";
import { Refusal } from "../../io.ts";
import type { ToldConfig } from "../../open-config.ts";
import type { FromWorker, Models, Opening } from "../messages.ts";
import { Handed } from "./handed.ts";
import { Member } from "./member.ts";

const PROGRAM = import.meta.filename.endsWith(".ts")
  ? join(import.meta.dirname, "../worker/main.ts")
  : join(import.meta.dirname, "serving-worker.js");

/** One that served for so long did not end for how it began. */
const WELL_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** So many that end at their start one after the other, while none serves: it cannot be done. */
const MAX_FAILURES = 5;
/** Checking a config may load modules. */
const PREPARE_MS = 30_000;
/** For a worker that was told to end, and has nothing to do any more. */
const LEAVE_MS = 2_000;

export interface CrewParts {
  readonly count: number;
  readonly port: number;
  readonly log: Log;
  opening(port: number): Opening;
  /** It is about to serve: it has to be told what all know. */
  joins(member: Member): void;
  hears(member: Member, message: FromWorker): void;
  gone(member: Member): void;
  /** None serves, and none can be had to. */
  fatal(refusal: Refusal): void;
}

/** The workers: as many as there are to be, and another for each that ends. */
export class Crew {
  readonly members = new Set<Member>();
  readonly #parts: CrewParts;
  readonly #handed = new Handed();
  readonly #pauses = new Set<NodeJS.Timeout>();
  readonly #started = Promise.withResolvers<string>();
  readonly #prepared = new Map<Member, (problem: string | null) => void>();
  readonly #listeningSince = new Map<Member, number>();
  #version = 1;
  #url: string | undefined;
  /** Why the last one could not begin. */
  #why = "";
  #failures = 0;
  #hasLost = false;
  #isStopping = false;
  #allGone: (() => void) | undefined;

  constructor(parts: CrewParts) {
    this.#parts = parts;
  }

  /** Resolves to where they listen, when all do. Rejects with node's own error when the address cannot be had, or with a `Refusal`. */
  start(): Promise<string> {
    cluster.setupPrimary({ exec: PROGRAM, args: [], serialization: "advanced" });
    // By turns: what the system would do leaves some idle. Windows has to be told.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    for (let count = 0; count < this.#parts.count; count++) this.#fork();
    return this.#started.promise;
  }

  get url(): string {
    return this.#url ?? "";
  }

  /** All have the config at hand. Rejects with a `Refusal` when one cannot: none goes over to it then. */
  async prepare(config: ToldConfig): Promise<void> {
    const serving = [...this.members].filter(({ isListening }) => isListening);
    const problems = await Promise.all(serving.map((member) => this.#prepare(member, config)));
    const problem = problems.find((one) => one !== null);
    if (problem === undefined || problem === null) return;
    this.forget();
    throw new Refusal(2, `a worker cannot take the config: ${problem}`);
  }

  forget(): void {
    for (const member of this.members) member.send({ kind: "forget" });
  }

  commit(version: number, models: readonly Models[]): void {
    this.#version = version;
    for (const member of this.members) {
      if (!member.isListening || member.version !== version - 1) continue;
      member.version = version;
      member.send({ kind: "commit", version, models });
    }
  }

  /** All finish what is under way, and end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const pause of this.#pauses) clearTimeout(pause);
    if (this.members.size === 0) return;
    const gone = new Promise<void>((resolve) => {
      this.#allGone = resolve;
    });
    for (const member of this.members) {
      if (member.isListening) member.send({ kind: "stop" });
      else member.worker.process.kill("SIGKILL");
    }
    await gone;
  }

  /** At once. */
  kill(): void {
    this.#isStopping = true;
    for (const { worker } of this.members) worker.process.kill("SIGKILL");
  }

  #fork(): void {
    const worker = cluster.fork(compiled());
    const member = new Member(worker);
    this.members.add(member);
    this.#handed.watch(worker);
    worker.on("message", (message: FromWorker) => this.#hear(member, message));
    worker.on("error", (error: Error) => this.#parts.log("warn", `worker ${nameOf(worker)}: ${error.message}`));
    worker.once("exit", (code: number | null, signal: string | null) => this.#gone(member, signal ?? `code ${code}`));
  }

  #hear(member: Member, message: FromWorker): void {
    switch (message.kind) {
      case "loaded":
        return this.#open(member);
      case "listening":
        return this.#listens(member, message.url);
      case "failed":
        return this.#failed(member, message);
      case "prepared":
        return this.#prepared.get(member)?.(message.problem);
      case "answer":
        return member.answered(message.id, message.answer);
      case "stopped":
        return this.#dismiss(member);
      default:
        this.#parts.hears(member, message);
    }
  }

  #open(member: Member): void {
    const port = this.#portFor();
    member.version = this.#version;
    member.isTold = true;
    this.#parts.joins(member);
    member.send({ kind: "open", worker: member.id, opening: this.#parts.opening(port) });
  }

  /** Those that ask for any port share one; when none is left its number is asked for. */
  #portFor(): number {
    const isShared = [...this.members].some(({ isListening }) => isListening);
    if (isShared || this.#url === undefined) return this.#parts.port;
    return Number(new URL(this.#url).port);
  }

  #listens(member: Member, url: string): void {
    // A config was taken over while it began.
    if (member.version !== this.#version) return void member.worker.process.kill("SIGKILL");
    member.isListening = true;
    this.#listeningSince.set(member, performance.now());
    this.#url ??= url;
    const serving = [...this.members].filter(({ isListening }) => isListening).length;
    if (serving >= this.#parts.count) this.#started.resolve(url);
    if (this.#hasLost) this.#parts.log("info", `worker ${nameOf(member.worker)} serves`, { worker: member.id });
    if (this.#isStopping) member.send({ kind: "stop" });
  }

  #failed(member: Member, { code, message }: Extract<FromWorker, { kind: "failed" }>): void {
    this.#why = message;
    // Before the first: the address is the user's to change.
    if (this.#url === undefined && code !== undefined)
      this.#started.reject(Object.assign(new Error(message), { code }));
    else this.#parts.log("error", `worker ${nameOf(member.worker)}: ${message}`);
    member.worker.process.kill("SIGKILL");
  }

  #dismiss({ worker }: Member): void {
    worker.disconnect();
    const late = setTimeout(() => worker.process.kill("SIGKILL"), LEAVE_MS);
    worker.once("exit", () => clearTimeout(late));
  }

  #prepare(member: Member, config: ToldConfig): Promise<string | null> {
    return new Promise((resolve) => {
      const over = (problem: string | null) => {
        clearTimeout(timer);
        this.#prepared.delete(member);
        resolve(problem);
      };
      const timer = setTimeout(over, PREPARE_MS, `it said nothing of it for ${PREPARE_MS / 1000} s`);
      this.#prepared.set(member, over);
      member.send({ kind: "prepare", config });
    });
  }

  #gone(member: Member, how: string): void {
    const since = this.#listeningSince.get(member);
    this.#listeningSince.delete(member);
    this.members.delete(member);
    this.#handed.gone(member.worker);
    member.isListening = false;
    // The one that takes its place has what counts by then.
    this.#prepared.get(member)?.(null);
    member.gone();
    this.#parts.gone(member);
    if (this.#isStopping) {
      if (this.members.size === 0) this.#allGone?.();
      return;
    }
    this.#hasLost = true;
    const isWell = since !== undefined && performance.now() - since >= WELL_MS;
    this.#failures = isWell ? 0 : this.#failures + 1;
    const lost = member.underway === 0 ? "" : `, and ${member.underway} requests with it`;
    this.#parts.log("error", `worker ${nameOf(member.worker)} ended (${how})${lost}: another takes its place`, {
      worker: member.id,
      requests: member.underway,
    });
    this.#replace(how);
  }

  #replace(how: string): void {
    const isServed = [...this.members].some(({ isListening }) => isListening);
    if (this.#failures >= MAX_FAILURES && !isServed) {
      const why = this.#why === "" ? `the last one with ${how}` : this.#why;
      const refusal = new Refusal(1, `${this.#failures} workers ended one after the other, and none serves: ${why}`);
      this.#isStopping = true;
      this.#started.reject(refusal);
      this.#parts.fatal(refusal);
      return;
    }
    const ms = this.#failures <= 1 ? 0 : Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 2));
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#fork();
    }, ms);
    this.#pauses.add(pause);
  }
}

function nameOf({ id, process: { pid } }: Worker): string {
  return `${id} (process ${pid ?? "?"})`;
}

/** They take from the cache what this process compiled: bin/start.cjs. */
function compiled(): Record<string, string> {
  // Node makes a folder in it for each of its versions, and names that.
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}
