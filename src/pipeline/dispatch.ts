import type { ContentPolicy } from "../config/config.ts";
import type { Conversations } from "../conversation/conversations.ts";
import type { ClientResponse } from "../core/client-call.ts";
import { asRouterError, type RouterError } from "../core/errors.ts";
import type { Failure } from "../core/failure.ts";
import type { ChatRequest } from "../core/request.ts";
import { type ChatResponse, eventsOf, ResponseBuilder } from "../core/response.ts";
import type { Tracing } from "../core/trace-context.ts";
import type { Pricing } from "../cost/pricing.ts";
import type { Recorder } from "../record/recorder.ts";
import type { AnswerEnd } from "./answer/answer-end.ts";
import type { RawError } from "./answer/answer-reader.ts";
import { ClientStream } from "./answer/client-stream.ts";
import { Gathered } from "./answer/gathered.ts";
import { LiveStream } from "./answer/live-stream.ts";
import { failureForClient, sendError, sendFailure } from "./answer/reply.ts";
import { Attempt } from "./attempts/attempt.ts";
import { type AttemptParts, Attempts, type AttemptsOwner } from "./attempts/attempts.ts";
import type { Choice } from "./attempts/choose.ts";
import { type DecideParts, decide, reachable } from "./decision/decide.ts";
import { type DryRun, dryRun } from "./decision/dry-run.ts";
import { Exchange } from "./exchange.ts";
import type { Incoming } from "./incoming.ts";
import { Milestones } from "./milestones.ts";
import type { Progress } from "./progress.ts";
import type { RawKeeper } from "./raw/raw-keeper.ts";
import { type SettleParts, settle } from "./settle.ts";
import type { Source } from "./source.ts";
import { type ActivePlugin, activePlugins, type ConfiguredPlugin } from "./stages/active-plugins.ts";
import { type Asker, type ClassificationParts, tagsOf } from "./stages/classification.ts";
import { factsOf } from "./stages/facts.ts";
import type { Guards } from "./stages/guards.ts";
import { Stages } from "./stages/stages.ts";
import type { Underway } from "./underway.ts";
import { prefixWarning, watchPrefix } from "./watch-prefix.ts";

/** Characters of a stream that are kept for log and memory, many times what a model says at once; the client gets all of it. */
const MAX_KEPT = 16 * 1024 * 1024;

export interface DispatchParts extends AttemptParts, SettleParts, DecideParts, ClassificationParts {
  plugins: readonly ConfiguredPlugin[];
  /** What they hide where no hooks run. */
  guards: Guards;
  /** Of a hook of a plugin that has no deadline of its own, ms. */
  pluginDeadlineMs: number;
  conversations: Conversations;
  recorder: Recorder;
  pricing: Pricing;
  /** How long a stream is silent before its client gets a sign of life; 0: for ever. */
  keepAliveMs: number;
  configVersion: number;
  contentPolicy: ContentPolicy;
  /** Absent: no traces are kept. */
  tracing?: Tracing | undefined;
  /** Of all versions of the config. */
  underway: Underway;
  progress: Progress;
  raw: RawKeeper;
}

/** Takes requests through the stages. One for the whole router; each request is a `Passage` of its own. */
export class Dispatch {
  readonly parts: DispatchParts;
  readonly milestones: Milestones;

  constructor(parts: DispatchParts) {
    this.parts = parts;
    this.milestones = new Milestones(parts.recorder, parts.pricing, () => parts.clock.wallMs());
  }

  /** Of a prompt that is only counted, embedded or compacted: a rule that keeps a tag at home keeps that there too. */
  async tagsOf(read: () => ChatRequest, asker: Asker): Promise<ReadonlySet<string>> {
    return this.parts.classifiers.length === 0 ? new Set() : tagsOf(read(), asker, this.parts);
  }

  /** Where it would go. Throws `RouterError` when it cannot be read. */
  dryRun(read: () => Incoming): Promise<DryRun> {
    return dryRun(read, this.parts);
  }

  /** Answers the request, whatever happens; the promise never rejects. */
  run(incoming: Incoming, res: ClientResponse): Promise<void> {
    const { clock, configVersion, contentPolicy, tracing } = this.parts;
    const exchange = new Exchange(incoming, clock, configVersion, contentPolicy);
    if (tracing) exchange.trace = tracing.begin(exchange.id, incoming.headers);
    return new Passage(this, exchange, res).run();
  }
}

/** One request's way through the stages, to exactly one answer and one `complete` event. */
class Passage implements AttemptsOwner {
  readonly #dispatch: Dispatch;
  readonly exchange: Exchange;
  readonly #res: ClientResponse;
  /** Of a client that asked for a stream. */
  readonly #client: ClientStream | undefined;
  /** Only plugins and slow classifiers need it; making one for each request costs more than all the other state. */
  #gone: AbortController | undefined;
  #stages: Stages | undefined;
  #attempts: Attempts | undefined;
  place = -1;
  #routed = false;
  #ending: RouterError | undefined;
  #over = false;

  constructor(dispatch: Dispatch, exchange: Exchange, res: ClientResponse) {
    this.#dispatch = dispatch;
    this.exchange = exchange;
    this.#res = res;
    const { clock, keepAliveMs } = dispatch.parts;
    if (exchange.stream) this.#client = new ClientStream(exchange, res, clock, keepAliveMs);
  }

  get isStream(): boolean {
    return this.exchange.stream;
  }

  get milestones(): Milestones {
    return this.#dispatch.milestones;
  }

  async run(): Promise<void> {
    const { parts, milestones } = this.#dispatch;
    parts.underway.passages.add(this);
    this.exchange.raw = parts.raw.trace(this.exchange, this.#res);
    this.#watchClient();
    milestones.started(this.exchange, parts.underway.count);
    if (parts.recorder.wantsProgress) parts.progress.follow();
    try {
      const ended = parts.underway.ended(this);
      if (ended) throw ended;
      const behind = parts.conversations.catchUp?.(this.exchange, this.exchange.incoming.prompt.body);
      if (behind) await behind;
      if (this.#over) return;
      const active = activePlugins(parts.plugins, this.exchange, parts.log);
      if (active.length > 0) await this.#stagesWith(active);
      else {
        const tagging = this.#classify();
        if (tagging) await tagging;
      }
      if (this.#over) return;
      this.#begin(this.#stages?.response);
    } catch (error) {
      this.crashed(error);
    }
  }

  #watchClient(): void {
    const gone = () => this.#clientGone();
    this.#res.once("close", gone);
    // Queued behind another request of its connection an answer has no socket yet, and does not hear of its end.
    if (!this.#res.socket) this.#res.req.socket.once("close", gone);
  }

  async #stagesWith(active: readonly ActivePlugin[]): Promise<void> {
    const { parts, milestones } = this.#dispatch;
    const { exchange } = this;
    this.#stages = new Stages(active, {
      exchange,
      gone: this.#goneSignal(),
      tools: parts.tools,
      log: parts.log,
      clock: parts.clock,
      deadlineMs: parts.pluginDeadlineMs,
      warned: (warning) => this.#over || milestones.warned(exchange, warning),
      targets: () => reachable(exchange, parts).map(factsOf),
    });
    if ((await this.#stages.before("on_start")) || this.#over) return;
    await this.#classify();
    if (!this.#over) await this.#stages.before("pre_request");
  }

  #goneSignal(): AbortSignal {
    this.#gone ??= new AbortController();
    return this.#gone.signal;
  }

  #classify(): Promise<void> | undefined {
    const { parts, milestones } = this.#dispatch;
    const { exchange } = this;
    if (parts.classifiers.length > 0) {
      const asker = { client: exchange.client, gone: () => this.#goneSignal(), exchange };
      const tags = tagsOf(exchange.request, asker, parts);
      if (tags instanceof Promise) return tags.then((late) => this.#tagged(late));
      exchange.tags = tags;
    }
    milestones.classified(exchange);
    return undefined;
  }

  #tagged(tags: ReadonlySet<string>): void {
    this.exchange.tags = tags;
    if (!this.#over) this.milestones.classified(this.exchange);
  }

  /** `answer`: a plugin's, which spares the provider. */
  #begin(answer: ChatResponse | undefined): void {
    if (answer) return this.#answerByPlugin(answer);
    const { parts } = this.#dispatch;
    const { targets, options } = decide(this.exchange, parts);
    this.#attempts = new Attempts(this.exchange, targets, options, parts, this);
    this.#attempts.start();
  }

  #answerByPlugin(response: ChatResponse): void {
    const source: Source = {
      sentModel: response.model,
      passthrough: false,
      losses: [],
      answer: new ResponseBuilder(),
    };
    this.exchange.source = source;
    this.milestones.routed(this.exchange);
    const end: AnswerEnd = {
      commits: () => undefined,
      failed: (_source, failure, raw) => this.gaveUp(failure, raw, false),
      goesOn: () => undefined,
      delivered: (_source, failure) => this.delivered(failure),
      crashed: (error) => this.crashed(error),
      settle: () => this.settle(),
    };
    this.#gathered(source, end).events(eventsOf(response));
  }

  sends(choice: Choice): void {
    const exchange = this.exchange;
    if (!this.#routed) this.milestones.routed(exchange);
    this.#routed = true;
    for (const plugin of choice.prepared.adapted?.by ?? []) exchange.acted(plugin);
    choice.watched = watchPrefix(exchange, choice, this.#dispatch.parts.conversations.prefixes);
    const isDone = choice.prepared.passthrough && !this.#dispatch.parts.recorder.wantsComplete;
    if (isDone) exchange.incoming.prompt.release();
  }

  answers({ watched }: Choice): void {
    watched?.remember();
    if (watched?.broken) this.milestones.warned(this.exchange, prefixWarning(watched.broken));
  }

  receiver(source: Source, end: AnswerEnd): LiveStream | Gathered {
    const transforms = this.#client ? this.#stages?.streaming() : undefined;
    if (!this.#client || transforms === "whole") return this.#gathered(source, end);
    if (!source.joiner) source.answer.keepAtMost(MAX_KEPT);
    // What plugins change is written anew; and what they hold back nobody else can go on with.
    if (transforms) source.passthrough = false;
    const mayGoOn = this.#dispatch.parts.failover.continue_stream && !transforms;
    return new LiveStream(this.exchange, source, { client: this.#client, mayGoOn, transforms }, end);
  }

  #gathered(source: Source, end: AnswerEnd): Gathered {
    return new Gathered(this.exchange, source, { res: this.#res, client: this.#client, stages: this.#stages }, end);
  }

  settle(): void {
    settle(this.exchange, this.#dispatch.parts);
    this.#dispatch.parts.conversations.passOn?.();
  }

  gaveUp(failure: Failure, raw: RawError | undefined, mayRetry: boolean): void {
    if (this.#over) return;
    this.#fail(failure);
    if (this.#client?.begun) this.settle();
    if (this.#client?.opened) this.#client.fail(failureForClient(this.exchange, failure));
    else sendFailure(this.#res, this.exchange, failure, raw, mayRetry);
    this.#complete();
  }

  delivered(failure: Failure | undefined): void {
    if (failure) this.#fail(failure);
    this.#complete();
  }

  /** The router has to end it: an error answer, or where the answer has begun an error event. */
  end(error: RouterError): void {
    if (this.#over) return;
    const { source } = this.exchange;
    const stream = source instanceof Attempt && this.#client?.begun ? source.receiver : undefined;
    if (!(stream instanceof LiveStream && stream.writing)) return this.crashed(error);
    this.#gone?.abort();
    this.#attempts?.stop();
    this.#ending = error;
    stream.interrupt({ kind: "cut", message: error.message });
  }

  crashed(error: unknown): void {
    if (this.#over) return;
    this.#gone?.abort();
    this.#attempts?.stop();
    const own = asRouterError(error);
    if (own.code === "internal") this.#logMistake(error);
    this.exchange.outcome = own.code;
    this.exchange.error = own.message;
    this.#tellOwn(own);
    this.#complete();
  }

  #tellOwn({ status, code, message, param }: RouterError): void {
    const { opened = false, begun, writer } = this.#client ?? {};
    if (this.#client && opened && (!begun || (writer && code !== "internal"))) {
      this.#client.fail({ kind: status < 500 ? "caller" : "cut", message, code });
    } else if (this.#res.headersSent) this.#res.destroy();
    else
      sendError(this.#res, this.exchange, { status, code, message, own: true, ...(param !== undefined && { param }) });
  }

  /** The connection closed: at once stop the provider, which would go on billing. */
  #clientGone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#gone?.abort();
    this.#attempts?.stop();
    this.#client?.stop();
    const { afterwards } = this.#dispatch.parts.underway;
    afterwards.run(() => {
      try {
        this.settle();
      } catch (error) {
        this.#logMistake(error);
      }
    });
    afterwards.run(() => {
      this.#fail({ kind: "client-gone", message: "the client closed the connection" });
      this.#record();
    });
  }

  #fail(failure: Failure): void {
    this.exchange.outcome = this.#ending?.code ?? failure.kind;
    this.exchange.error = failure.message;
  }

  #complete(): void {
    if (this.#over) return;
    this.#over = true;
    this.#client?.stop();
    this.#record();
  }

  #record(): void {
    this.#dispatch.parts.underway.remove(this);
    // Comes from socket events too, where a throw would take the process down.
    try {
      this.milestones.completed(this.exchange);
    } catch (error) {
      this.#logMistake(error, " could not be recorded");
    }
  }

  #logMistake(error: unknown, what = ""): void {
    const { id } = this.exchange;
    this.#dispatch.parts.log("error", `request ${id}${what}: ${stackOf(error)}`, { request_id: id });
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
