import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../../config/config.ts";
import { bringsResults, previousOf } from "../../../conversation/goes-on.ts";
import type { Client } from "../../../conversation/owner.ts";
import { systemClock } from "../../../core/clock.ts";
import type { JsonObject } from "../../../core/json.ts";
import { DebugSink } from "../../../record/debug-sink.ts";
import { RemoteLimiter } from "../../../resilience/remote-limiter.ts";
import { ToldHealth } from "../../../resilience/told-health.ts";
import type { Lasting } from "../../../server/lasting.ts";
import { type Learned, shareLearning } from "../../../server/shared/learned.ts";
import { type RunningRouter, startRouter } from "../../../server/start.ts";
import { failureOf } from "../../failure-text.ts";
import { KINDS } from "../../kinds.ts";
import { Modules } from "../../modules/modules.ts";
import { listeningAt, type OpenConfig, openTold, type ToldConfig } from "../../open-config.ts";
import { outliveMistakes, outliveTerminal } from "../../outlive.ts";
import { buildParts, type Parts } from "../../parts.ts";
import { logHttp } from "../../program-log/http-lines.ts";
import { ProgramLog } from "../../program-log/program-log.ts";
import { secretsOf } from "../../program-log/secrets.ts";
import type { Answers, Models, Opening, Question, ToldStanding, ToWorker } from "../messages.ts";
import { forwardTo } from "./forward.ts";
import { ForwardSink } from "./forward-sink.ts";
import { Link } from "./link.ts";

/** How this process stands is told so often. */
const STAND_SAMPLES = 3;
/** For the last records, when the primary is gone. */
const LAST_MS = 1_000;

/** What is there once it is open. */
interface Serving {
  readonly opening: Opening;
  readonly program: ProgramLog;
  readonly health: ToldHealth;
  readonly limiter: RemoteLimiter;
  readonly first: OpenConfig;
  parts: Parts;
  next: { opened: OpenConfig; parts: Parts } | undefined;
}

/** A process that answers clients; all there is once only, its primary has. */
export class ServingWorker {
  readonly #process: NodeJS.Process;
  readonly #link: Link;
  readonly #sink: ForwardSink;
  readonly #modules = new Modules({ clock: systemClock });
  /** What came before there was anything to do with it. */
  #early: ToWorker[] = [];
  #serving: Serving | undefined;
  #lasting: Lasting | undefined;
  #router: RunningRouter | undefined;
  #learn: (learned: Learned) => void = () => undefined;
  #lateMs: number[] = [];

  constructor(own: NodeJS.Process) {
    this.#process = own;
    this.#link = new Link(
      (message, sent) => {
        if (own.connected) own.send?.(message, undefined, undefined, () => sent());
      },
      () => this.#lasting?.underway.passages.size ?? 0,
    );
    this.#sink = new ForwardSink(this.#link);
  }

  start(): void {
    outliveTerminal();
    // A terminal sends them to all its processes; it is the primary that stops its workers.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) this.#process.on(signal, () => undefined);
    this.#process.on("message", (message: ToWorker) => this.#hear(message));
    // Node ends a worker whose primary is gone: only what comes before its own listener is done then.
    this.#process.prependOnceListener("disconnect", () => this.#die());
    this.#link.send({ kind: "loaded" });
  }

  #hear(message: ToWorker): void {
    if (message.kind === "open") {
      this.#open(message.opening).catch((error: unknown) => this.#failed(error));
    } else if (this.#lasting && this.#serving) this.#handle(message, this.#serving, this.#lasting);
    else this.#early.push(message);
  }

  async #open(opening: Opening): Promise<void> {
    const program = new ProgramLog(opening.log, { write: () => undefined });
    program.also((record) => {
      const { request_id: id } = record.fields;
      const place = typeof id === "string" ? this.#serving?.parts.telemetry.placeOf(id) : undefined;
      this.#link.tell({ is: "line", record, place }, false, record.message.length);
    });
    const { log } = program;
    outliveMistakes(log);
    if (program.debugs) logHttp(log, systemClock.nowMs);
    const first = await this.#config(opening.config, opening);
    const parts = buildParts(first.config, first.dotEnv.env, {
      random: Math.random,
      programLog: log,
      foreign: first.foreign,
      lastingSinks: program.debugs ? [new DebugSink(log)] : [],
      company: { is: "worker", sink: this.#sink },
    });
    program.hide(secretsOf(first.config, first.dotEnv.env, parts.fleet));
    const health = new ToldHealth(first.config.breaker, systemClock, (told) =>
      this.#link.tell({ is: "health", told }, told.turned),
    );
    const limiter = new RemoteLimiter(systemClock, (asked) => this.#link.tell({ is: "turn", asked }, true));
    this.#serving = { opening, program, health, limiter, first, parts, next: undefined };
    for (const models of opening.models) listed(parts, models);
    parts.logs.open(first.config.logging);
    this.#router = await startRouter(parts, {
      company: { health, limiter, forward: forwardTo(opening.socket), isTold: true },
      version: opening.version,
      place: { port: opening.port },
      built: (lasting) => this.#built(lasting),
    });
    this.#link.send({ kind: "listening", url: this.#router.url });
  }

  async #config(told: ToldConfig, { args, count }: Opening): Promise<OpenConfig> {
    const opened = listeningAt(await openTold(told, KINDS, this.#modules), args);
    return { ...opened, config: shareOf(opened.config, count) };
  }

  /** From here on it knows what the others know. */
  #built(lasting: Lasting): void {
    this.#lasting = lasting;
    this.#learn = shareLearning(lasting, (learned) => this.#link.learned(learned));
    const { conversations, overload } = lasting;
    conversations.passOn = () => this.#link.flush();
    conversations.catchUp = (client, body) => this.#behind(lasting, client, body);
    overload.sampled = (lateMs) => {
      this.#lateMs.push(lateMs);
      if (this.#lateMs.length >= STAND_SAMPLES) this.#tellStand();
    };
    const early = this.#early;
    this.#early = [];
    for (const message of early) this.#hear(message);
  }

  /** Only who goes on from what is not known here waits, for as long as a message takes. */
  #behind({ conversations }: Lasting, client: Client, body: JsonObject): Promise<void> | undefined {
    const previous = previousOf(body);
    const isKnown = previous !== undefined && conversations.responses.knows(client, previous);
    return !isKnown && (previous !== undefined || bringsResults(body)) ? this.#link.catchUp() : undefined;
  }

  #handle(message: Exclude<ToWorker, { kind: "open" }>, serving: Serving, lasting: Lasting): void {
    switch (message.kind) {
      case "learn":
        for (const learned of message.learned) this.#learn(learned);
        return;
      case "underway":
        lasting.underway.elsewhere = message.elsewhere;
        return;
      case "standing":
        return adopt(serving.health, message.told);
      case "turn":
        return serving.limiter.told(message.told);
      case "models":
        return listed(serving.parts, message.models);
      case "wanted":
        return this.#sink.wants(message.wanted);
      case "caught up":
        return this.#link.caughtUp(message.id);
      case "question":
        void this.#answer(message.question, serving, lasting).then((answer) =>
          this.#link.send({ kind: "answer", id: message.id, answer }),
        );
        return;
      case "prepare":
        void this.#prepare(message.config, serving).then((problem) => this.#link.send({ kind: "prepared", problem }));
        return;
      case "forget":
        serving.next = undefined;
        return;
      case "commit":
        this.#commit(message.version, message.models, serving).catch((error: unknown) => this.#failed(error));
        return;
      case "stop":
        void this.#stop(serving);
    }
  }

  async #answer(question: Question, { parts }: Serving, lasting: Lasting): Promise<Answers[Question["of"]]> {
    switch (question.of) {
      case "so far":
        if (!question.wantsProgress) return [];
        lasting.progress.follow();
        return lasting.progress.soFar();
      case "raw":
        return lasting.raw.get(question.id) ?? null;
      case "written":
        await parts.jsonl?.written();
        return null;
      case "told":
        return null;
    }
  }

  /** What is wrong with it here; null: nothing. */
  async #prepare(config: ToldConfig, serving: Serving): Promise<string | null> {
    try {
      const { parts, program, first } = serving;
      const again = await this.#config(config, serving.opening);
      // What listens stays where it is.
      const { host, port } = first.config.server;
      const settings = { ...again.config, server: { ...again.config.server, host, port } };
      const next = buildParts(settings, again.dotEnv.env, { ...parts, foreign: again.foreign }, parts);
      program.hide(secretsOf(settings, again.dotEnv.env, next.fleet));
      serving.next = { opened: { ...again, config: settings }, parts: next };
      return null;
    } catch (error) {
      return failureOf(error).text;
    }
  }

  async #commit(version: number, models: readonly Models[], serving: Serving): Promise<void> {
    const { next } = serving;
    const router = this.#router;
    if (!next || !router || router.version + 1 !== version)
      throw new Error(`config version ${version} was to follow ${router?.version}, and is not at hand`);
    serving.next = undefined;
    for (const one of models) listed(next.parts, one);
    await router.swap(next.parts);
    serving.parts = next.parts;
    next.parts.logs.open(next.opened.config.logging);
  }

  #tellStand(): void {
    const totals = this.#router?.totals();
    if (!totals) return;
    const log = this.#serving?.parts.jsonl?.state ?? null;
    const lateMs = this.#lateMs;
    this.#lateMs = [];
    this.#link.send({ kind: "stand", stand: { totals: { ...totals, lost: this.#link.lost }, log, lateMs } });
  }

  async #stop({ parts }: Serving): Promise<void> {
    await this.#router?.close();
    await parts.logs.close();
    this.#tellStand();
    this.#link.send({ kind: "stopped" });
  }

  #failed(error: unknown): void {
    const { text } = failureOf(error);
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    this.#link.send({ kind: "failed", code, message: text });
  }

  /** Nobody is left to serve for. */
  #die(): void {
    setTimeout(() => this.#process.exit(0), LAST_MS);
    const socket = this.#serving?.opening.socket;
    // A primary that was killed has left it behind.
    if (socket !== undefined && process.platform !== "win32") rmSync(dirname(socket), { recursive: true, force: true });
    void Promise.resolve(this.#serving?.parts.logs.close()).finally(() => this.#process.exit(0));
  }
}

/** What is for all workers together: they get connections by turns. */
function shareOf(config: Config, count: number): Config {
  const { server, logging } = config;
  return {
    ...config,
    server: { ...server, max_connections: Math.ceil(server.max_connections / count) },
    logging: { ...logging, raw_mb: logging.raw_mb / count },
  };
}

function adopt(health: ToldHealth, { provider, model, standing, probe }: ToldStanding): void {
  const own = probe === undefined ? undefined : health.request(probe);
  const { breaker } = standing;
  health.adopt(provider, model, { ...standing, breaker: { ...breaker, probe: own ?? breaker.probe } });
}

function listed({ fleet }: Parts, { provider: name, models }: Models): void {
  const provider = fleet.get(name);
  if (!provider) return;
  provider.models = new Map(models);
  provider.discoveredAt = systemClock.nowMs();
}
