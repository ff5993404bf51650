import type { ContentPolicy } from "../config/config.ts";
import type { LastAnswer } from "../conversation/affinity.ts";
import { ownerOf } from "../conversation/owner.ts";
import type { Origin } from "../conversation/remembered.ts";
import type { Clock } from "../core/clock.ts";
import type { RouterErrorCode } from "../core/errors.ts";
import type { FailureKind } from "../core/failure.ts";
import type { Loss } from "../core/loss.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ResponseBuilder } from "../core/response.ts";
import type { TraceContext } from "../core/trace-context.ts";
import type { Usage } from "../core/usage.ts";
import type { ForcedTarget } from "../plugins/plugin.ts";
import type { AttemptRecord, Warning } from "../record/events.ts";
import type { Decision } from "../routing/decision.ts";
import type { Target } from "../routing/rule.ts";
import type { Provider } from "../upstream/provider.ts";
import type { DecisionInputs } from "./decision/decision-inputs.ts";
import type { Incoming } from "./incoming.ts";
import type { RawTrace } from "./raw/raw-trace.ts";
import type { Source } from "./source.ts";
import { type Adaptations, type Adapted, unadapted } from "./stages/adaptations.ts";
import { FactsOfClient, factsOf } from "./stages/facts.ts";

const NO_LOSSES: readonly Loss[] = [];
const NO_TAGS: ReadonlySet<string> = new Set();

/** What was used where, as far as an attempt has a usage of its own. */
export interface Bill {
  provider: Provider;
  model: string;
  usage: Usage;
}

/** One request on its way through the pipeline: what is known of it so far. Stages fill it in, the recorder reads it. */
export class Exchange {
  readonly incoming: Incoming;
  /** Of the config it began with, and ends with. */
  readonly configVersion: number;
  /** What of it may be recorded. */
  readonly contentPolicy: ContentPolicy;
  /** Wall clock, ms; for people. */
  readonly startedWallMs: number;
  /** As the client sent it, whatever plugins do. */
  readonly requestedModel: string;
  readonly stream: boolean;
  tags: ReadonlySet<string> = NO_TAGS;
  responseTags: string[] = [];
  /** The plugins that acted. */
  plugins: string[] = [];
  /** Of a plugin: who is asked, one after the other. */
  forcedProviders: readonly ForcedTarget[] | undefined;
  /** What plugins change for some targets only; undefined: nothing. */
  adaptations: Adaptations | undefined;
  /** Of the draws of its rules. */
  seed: number | undefined;
  decision: Decision | undefined;
  /** Its conversation's answer before; undefined: there is none, or nobody remembers it. */
  lastAnswer: LastAnswer | undefined;
  /** Who answers it, and is where its conversation goes on from. */
  answeredBy: Origin | undefined;
  /** What that was made from. */
  inputs: DecisionInputs | undefined;
  /** What answers, or failed last. Undefined until something was asked. */
  source: Source | undefined;
  /** Every attempt, in the order in which they began. */
  readonly attempts: AttemptRecord[] = [];
  /** Of attempts that are over: the slower ones of two, and those that made one answer together. */
  readonly billed: Bill[] = [];
  /** Some provider was asked. */
  wasSent = false;
  /** What goes over the wire, where that is kept. */
  raw: RawTrace | undefined;
  /** A client of Responses may go on from the answer by its id. */
  readonly storesAnswer: boolean;
  /** Its place in a trace; undefined: none is kept. */
  trace: TraceContext | undefined;
  warnings: Warning[] = [];
  /** Of what stands before the messages, as its provider gets it; only for clients that name their session. */
  prefixHash: string | undefined;
  /** Reported by the provider, else estimated at the end. */
  usage: Usage | undefined;
  firstTokenMs: number | undefined;
  /** Status the client got. */
  status: number | undefined;
  outcome: "ok" | FailureKind | RouterErrorCode = "ok";
  error: string | undefined;
  #changed: ChatRequest | undefined;
  #owner: string | undefined;
  #client: FactsOfClient | undefined;
  readonly #clock: Clock;
  readonly #startedMs: number;

  constructor(incoming: Incoming, clock: Clock, configVersion: number, contentPolicy: ContentPolicy) {
    this.incoming = incoming;
    this.configVersion = configVersion;
    this.contentPolicy = contentPolicy;
    const { model, stream } = incoming.prompt.request;
    this.storesAnswer = incoming.client.dialect === "openai-responses" && incoming.prompt.body["store"] !== false;
    this.requestedModel = model;
    this.stream = stream;
    this.#clock = clock;
    this.startedWallMs = clock.wallMs();
    this.#startedMs = clock.nowMs();
  }

  get id(): string {
    return this.incoming.id;
  }

  /** Who was asked last, or would have been. */
  get target(): Target | undefined {
    return this.source ? this.source.target : this.decision?.target;
  }

  /** A plugin answered, not a provider. */
  get answeredByPlugin(): boolean {
    return this.source !== undefined && this.source.target === undefined;
  }

  /** The model name sent, after rewrites and aliases. */
  get sentModel(): string | undefined {
    return this.source?.sentModel;
  }

  get passthrough(): boolean {
    return this.source?.passthrough ?? false;
  }

  get losses(): readonly Loss[] {
    return this.source?.losses ?? NO_LOSSES;
  }

  /** Gathers the answer; undefined until one is on its way. */
  get answer(): ResponseBuilder | undefined {
    return this.source?.answer;
  }

  /** The client's, or what plugins made of it. */
  get request(): ChatRequest {
    return this.#changed ?? this.incoming.prompt.request;
  }

  /** A plugin changed the request: the client's bytes are not passed through any more. */
  changeRequest(request: ChatRequest): void {
    this.#changed = request;
  }

  /** A request as this target gets it: the exchange's own, or one made from it. Throws `plugin_failed`. */
  adapted(target: Target, request: ChatRequest = this.request): Adapted {
    return this.adaptations ? this.adaptations.adapt(request, factsOf(target)) : unadapted(request);
  }

  /** Whether plugins change what this target gets. */
  isAdaptedFor(target: Target): boolean {
    return this.adaptations?.applyTo(factsOf(target)) ?? false;
  }

  /** What plugins and classifiers may know of the client. */
  get client(): FactsOfClient {
    this.#client ??= new FactsOfClient(this, () => this.incoming.prompt.request, this.incoming.headers);
    return this.#client;
  }

  /** A plugin had a hand in it. */
  acted(plugin: string): void {
    if (!this.plugins.includes(plugin)) this.plugins.push(plugin);
  }

  get requestChanged(): boolean {
    return this.#changed !== undefined;
  }

  get key(): string | undefined {
    return this.incoming.key;
  }

  get queryKey(): string | undefined {
    return this.incoming.queryKey;
  }

  /** Whose memory this exchange may use. */
  get owner(): string {
    this.#owner ??= ownerOf(this.incoming.headers, this.incoming.queryKey);
    return this.#owner;
  }

  elapsedMs(): number {
    return this.#clock.nowMs() - this.#startedMs;
  }
}
