import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Config } from "../../../config/config.ts";
import type { Sink } from "../../../record/recorder.ts";
import type { Company, Totals } from "../../../server/company.ts";
import { type RunningRouter, startRouter } from "../../../server/start.ts";
import type { Provider } from "../../../upstream/provider.ts";
import type { Listening, OpenConfig, ToldConfig } from "../../open-config.ts";
import type { Parts, PartsCompany } from "../../parts.ts";
import type { ProgramLog } from "../../program-log/program-log.ts";
import type { FromWorker, Item, Models, Opening } from "../messages.ts";
import { Crew } from "./crew.ts";
import { JointRecord } from "./joint-record.ts";
import { JointState } from "./joint-state.ts";
import type { Member } from "./member.ts";
import { Sum } from "./sum.ts";

/** What others have under way is told so often at most. */
const UNDERWAY_MS = 5;

export interface PrimaryParts {
  readonly count: number;
  readonly program: ProgramLog;
  readonly args: Listening;
  /** That look at the figures of exchanges alone. */
  readonly lean: readonly Sink[];
}

/** How many processes serve. */
export function workersOf({ workers }: Config["server"]): number {
  return workers === "auto" ? availableParallelism() : workers;
}

/**
 * The process that was started, where several serve: it answers what is the owner's, over a socket of its own, and joins what the
 * others do. A router like any other in all else, so that it does so by the same code.
 */
export class Primary {
  readonly partsCompany: PartsCompany;
  readonly #own: PrimaryParts;
  readonly #crew: Crew;
  readonly #record: JointRecord;
  readonly #sum: Sum;
  readonly #ended = Promise.withResolvers<never>();
  #state: JointState | undefined;
  #opened: OpenConfig | undefined;
  #parts: Parts | undefined;
  #router: RunningRouter | undefined;
  #folder: string | undefined;
  #socket = "";
  #underwayTimer: NodeJS.Timeout | undefined;
  readonly #elsewhere = new Map<Member, number>();

  constructor(own: PrimaryParts, port: number) {
    this.#own = own;
    this.#crew = new Crew({
      count: own.count,
      port,
      log: own.program.log,
      opening: (at) => this.#opening(at),
      joins: (member) => this.#joins(member),
      hears: (member, message) => this.#hear(member, message),
      gone: (member) => this.#gone(member),
      fatal: (refusal) => this.#ended.reject(refusal),
    });
    const { members } = this.#crew;
    this.#record = new JointRecord(members, () => this.#current, own.lean);
    this.#sum = new Sum(members);
    this.partsCompany = { is: "primary", joined: (jsonl) => this.#record.joined(jsonl) };
    // Whoever asks hears of it; that nobody does yet is no mistake.
    this.#ended.promise.catch(() => undefined);
  }

  /** Rejects when no worker can be had any more. */
  get ended(): Promise<never> {
    return this.#ended.promise;
  }

  get url(): string {
    return this.#crew.url;
  }

  get version(): number {
    return this.#router?.version ?? 1;
  }

  /** Resolves when all workers listen. Rejects as `startRouter` does. */
  async start(parts: Parts, opened: OpenConfig): Promise<this> {
    this.#parts = parts;
    this.#opened = opened;
    this.#socket = this.#privateSocket();
    process.once("exit", () => this.kill());
    this.#record.start();
    // Its end is repaired before anybody writes to it.
    parts.logs.open(opened.config.logging);
    try {
      await parts.jsonl?.written();
      this.#router = await startRouter(parts, this.#serving());
      await this.#crew.start();
      return this;
    } catch (error) {
      this.kill();
      await Promise.all([this.#router?.close(), parts.logs.close()]);
      throw error;
    }
  }

  /** All workers go over to another config, or none. Rejects, and changes nothing, when one cannot. */
  async swap(parts: Parts, opened: OpenConfig): Promise<number> {
    await this.#crew.prepare(toldOf(opened));
    const version = await this.#running.swap(parts).catch((error: unknown) => {
      this.#crew.forget();
      throw error;
    });
    this.#parts = parts;
    this.#opened = opened;
    this.#crew.commit(version, modelsOf(parts));
    this.#record.look();
    return version;
  }

  async close(): Promise<void> {
    await Promise.all([this.#crew.stop(), this.#running.close()]);
    this.#record.stop();
    this.#tidy();
  }

  /** Ends the workers at once. */
  kill(): void {
    this.#crew.kill();
    this.#record.stop();
    this.#tidy();
  }

  get #current(): Parts {
    if (!this.#parts) throw new Error("the primary was asked before it was started");
    return this.#parts;
  }

  get #running(): RunningRouter {
    if (!this.#router) throw new Error("the primary was asked before it was started");
    return this.#router;
  }

  #serving(): Parameters<typeof startRouter>[1] {
    const company: Company = {
      watching: this.#record,
      raw: (id) => this.#record.raw(id),
      totals: (): Totals => this.#sum.totals(this.#running.totals()),
    };
    return {
      company,
      version: 1,
      place: { path: this.#socket },
      listed: (provider) => {
        for (const member of this.#crew.members)
          if (member.isTold) member.send({ kind: "models", models: listOf(provider) });
      },
      built: (lasting) => {
        this.#state = new JointState({ members: this.#crew.members, lasting, fleet: () => this.#current.fleet });
      },
    };
  }

  #opening(port: number): Opening {
    const { program, args, count } = this.#own;
    if (!this.#opened) throw new Error("a worker began before the config was opened");
    return {
      config: toldOf(this.#opened),
      args,
      log: program.settings,
      version: this.version,
      count,
      port,
      socket: this.#socket,
      models: modelsOf(this.#current),
    };
  }

  #joins(member: Member): void {
    this.#record.tellAbout(member);
    this.#state?.tellAbout(member);
    this.#tellUnderway();
  }

  #hear(member: Member, message: FromWorker): void {
    switch (message.kind) {
      case "items":
        return this.#items(member, message.items, message.underway);
      case "stand":
        this.#sum.stands(member, message.stand);
        for (const lateMs of message.stand.lateMs) this.#current.metrics.delayed(lateMs);
        return;
      case "catch up":
        // What others told before may still be in their pipes: they are read in one turn of the loop.
        setImmediate(() => setImmediate(() => member.send({ kind: "caught up", id: message.id })));
    }
  }

  #items(member: Member, items: readonly Item[], underway: number): void {
    member.underway = underway;
    const learned = items.flatMap((item) => (item.is === "learned" ? [item.learned] : []));
    if (learned.length > 0) this.#state?.learned(member, learned);
    for (const item of items) this.#item(member, item);
    this.#tellUnderway();
  }

  #item(member: Member, item: Item): void {
    switch (item.is) {
      case "health":
        return this.#state?.health(member, item.told);
      case "turn":
        return this.#state?.turn(member, item.asked);
      case "event":
        return this.#record.event(member, item.type, item.json);
      case "began":
        member.begun.set(item.exchange.id, item.exchange);
        return;
      case "ended":
        member.begun.delete(item.id);
        return;
      case "line": {
        const { level, message, fields } = item.record;
        const { request_id: id } = fields;
        if (item.place && typeof id === "string") this.#current.telemetry.placed(id, item.place);
        this.#own.program.log(level, message, fields);
      }
    }
  }

  /** A limit on what is under way holds for all together. */
  #tellUnderway(): void {
    this.#underwayTimer ??= setTimeout(() => {
      this.#underwayTimer = undefined;
      const { members } = this.#crew;
      const all = [...members].reduce((sum, { underway }) => sum + underway, 0);
      if (this.#router) this.#router.lasting.underway.elsewhere = all;
      for (const member of members) {
        const elsewhere = all - member.underway;
        if (!member.isTold || this.#elsewhere.get(member) === elsewhere) continue;
        this.#elsewhere.set(member, elsewhere);
        member.send({ kind: "underway", elsewhere });
      }
    }, UNDERWAY_MS);
  }

  #gone(member: Member): void {
    this.#elsewhere.delete(member);
    this.#sum.gone(member);
    this.#state?.gone(member);
    this.#record.gone(member);
    this.#tellUnderway();
  }

  /** Windows has no such sockets in folders, and names of its own. */
  #privateSocket(): string {
    if (process.platform === "win32") return `\\\\.\\pipe\\opensourcellmrouter-${randomUUID()}`;
    // For its owner only.
    this.#folder = mkdtempSync(join(tmpdir(), "opensourcellmrouter-"));
    return join(this.#folder, "primary.sock");
  }

  #tidy(): void {
    clearTimeout(this.#underwayTimer);
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }
}

function toldOf({ file, detected, toml, dotEnv: { env } }: OpenConfig): ToldConfig {
  return { file, detected, toml, env: { ...env } };
}

function modelsOf({ fleet }: Parts): Models[] {
  return fleet.all().map(listOf);
}

function listOf({ name, models }: Provider): Models {
  return { provider: name, models: [...models] };
}
