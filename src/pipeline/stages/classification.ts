import type { ClassifyContext } from "../../classify/classifier.ts";
import { type ConfiguredClassifier, classify } from "../../classify/index.ts";
import type { TagMemory } from "../../classify/run.ts";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ClientFacts, HttpTool, ModelTool } from "../../core/stage-tools.ts";
import type { Exchange } from "../exchange.ts";
import type { StageTools } from "./tools.ts";

export interface ClassificationParts {
  classifiers: readonly ConfiguredClassifier[];
  /** Of all of them together, ms. */
  classifierDeadlineMs: number;
  conversations: { readonly tags: TagMemory };
  tools: StageTools;
  clock: Clock;
  log: Log;
}

/** Who asks, and for whom. */
export interface Asker {
  client: ClientFacts;
  /** Aborted when the client leaves. */
  gone(): AbortSignal;
  /** Undefined: it is no exchange, but tokens to count or texts to embed. */
  exchange?: Exchange;
}

/** The tags of a request: at once, where no classifier has to wait for something. Never throws or rejects. */
export function tagsOf(
  request: ChatRequest,
  asker: Asker,
  parts: ClassificationParts,
): ReadonlySet<string> | Promise<ReadonlySet<string>> {
  const { classifiers, classifierDeadlineMs: deadlineMs, conversations, tools, clock, log } = parts;
  const context = new Context(asker, tools);
  const run = { context, late: () => context.late() };
  return classify(request, run, { classifiers, deadlineMs, memory: conversations.tags, clock, log });
}

/** Made for each request: what costs something is made when a classifier asks for it. */
class Context implements ClassifyContext {
  readonly #asker: Asker;
  readonly #tools: StageTools;
  #over: AbortController | undefined;
  #signal: AbortSignal | undefined;

  constructor(asker: Asker, tools: StageTools) {
    this.#asker = asker;
    this.#tools = tools;
  }

  get client(): ClientFacts {
    return this.#asker.client;
  }

  get signal(): AbortSignal {
    this.#over ??= new AbortController();
    this.#signal ??= AbortSignal.any([this.#asker.gone(), this.#over.signal]);
    return this.#signal;
  }

  get http(): HttpTool {
    return this.#tools.http(this.signal);
  }

  get models(): ModelTool {
    return this.#tools.models(this.signal, this.#asker.exchange);
  }

  late(): void {
    this.#over?.abort();
  }
}
