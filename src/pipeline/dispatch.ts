import type { ServerResponse } from "node:http";
import type { Classifier, ResponseClassifier } from "../classify/classifier.ts";
import { runClassifiers } from "../classify/run.ts";
import type { Conversations } from "../conversation/conversations.ts";
import type { Clock } from "../core/clock.ts";
import { asRouterError, RouterError } from "../core/errors.ts";
import type { Failure } from "../core/failure.ts";
import type { Log } from "../core/log.ts";
import { type ChatResponse, eventsOf, ResponseBuilder } from "../core/response.ts";
import type { Recorder } from "../record/recorder.ts";
import { type Chain, needsOf } from "../routing/chain.ts";
import type { RoutingRequest } from "../routing/rule.ts";
import type { Transports } from "../upstream/transports.ts";
import type { Headers } from "../wire/format.ts";
import { ExchangeContext } from "./answer-context.ts";
import type { AnswerEnd } from "./answer-end.ts";
import { AnswerReader, type RawError } from "./answer-reader.ts";
import { type Choice, choose } from "./choose.ts";
import { estimateUsage } from "./estimate-usage.ts";
import { Exchange, type Incoming } from "./exchange.ts";
import { Gathered } from "./gathered.ts";
import { LiveStream } from "./live-stream.ts";
import { Milestones } from "./milestones.ts";
import { type PrepareOptions, prepare } from "./prepare.ts";
import { sendError, sendFailure } from "./reply.ts";
import { type ActivePlugin, activePlugins, type ConfiguredPlugin, Stages } from "./stages.ts";
import { stripped, stripWarning } from "./strip.ts";
import { watchPrefix } from "./watch-prefix.ts";

export interface DispatchParts {
  chain: Chain;
  classifiers: readonly Classifier[];
  responseClassifiers: readonly ResponseClassifier[];
  plugins: readonly ConfiguredPlugin[];
  transports: Transports;
  recorder: Recorder;
  clock: Clock;
  log: Log;
  /** Losses are refused, for every request; a request may ask for it too. */
  strict: boolean;
  configVersion: number;
  conversations: Conversations;
}

/** Takes requests through the stages. One for the whole router; each request is a `Passage` of its own. */
export class Dispatch {
  readonly parts: DispatchParts;
  readonly milestones: Milestones;
  inFlight = 0;

  constructor(parts: DispatchParts) {
    this.parts = parts;
    this.milestones = new Milestones(parts.recorder, parts.clock.wallMs);
  }

  /** Answers the request, whatever happens; the promise never rejects. */
  run(incoming: Incoming, res: ServerResponse): Promise<void> {
    return new Passage(this, new Exchange(incoming, this.parts.clock, this.parts.configVersion), res).run();
  }
}

/** One request's way through the stages, to exactly one answer and one `complete` event. */
class Passage implements AnswerEnd {
  readonly #dispatch: Dispatch;
  readonly #exchange: Exchange;
  readonly #res: ServerResponse;
  /** Only plugins need it; making one for each request costs more than all the other state. */
  #gone: AbortController | undefined;
  #stages: Stages | undefined;
  #abortCall: (() => void) | undefined;
  #options: PrepareOptions | undefined;
  /** What the provider was asked last. */
  #sent: Choice | undefined;
  #over = false;

  constructor(dispatch: Dispatch, exchange: Exchange, res: ServerResponse) {
    this.#dispatch = dispatch;
    this.#exchange = exchange;
    this.#res = res;
  }

  async run(): Promise<void> {
    const { parts, milestones } = this.#dispatch;
    this.#dispatch.inFlight++;
    this.#watchClient();
    milestones.started(this.#exchange, this.#dispatch.inFlight);
    try {
      const active = activePlugins(parts.plugins, this.#exchange, parts.log);
      if (active.length > 0) await this.#stagesWith(active);
      else this.#classify();
      if (this.#over) return;
      if (this.#stages?.response) this.#answerByPlugin();
      else this.#send(this.#route());
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
    this.#gone = new AbortController();
    this.#stages = new Stages(active, this.#exchange, this.#gone.signal, this.#dispatch.parts.log);
    if ((await this.#stages.before("on_start")) || this.#over) return;
    this.#classify();
    await this.#stages.before("pre_request");
  }

  #classify(): void {
    const { parts, milestones } = this.#dispatch;
    const exchange = this.#exchange;
    if (parts.classifiers.length > 0) exchange.tags = runClassifiers(parts.classifiers, exchange.request, parts.log);
    milestones.classified(exchange);
  }

  #route(): Choice {
    const exchange = this.#exchange;
    const { chain, strict, conversations } = this.#dispatch.parts;
    const { request } = exchange;
    const { reasoning, responses } = conversations;
    const routing: RoutingRequest = { model: request.model, tags: exchange.tags, needs: needsOf(request) };
    const pending = reasoning.pending(exchange, request);
    if (pending) routing.prefer = { ...pending, why: "reasoning pending" };
    else if (exchange.incoming.client.dialect === "openai-responses") {
      const keeper = responses.keeper(exchange, exchange.incoming.prompt.body);
      if (keeper) routing.prefer = { ...keeper, why: "it keeps the answer before" };
    }
    const decision = chain.decide(routing, exchange.forcedProvider);
    exchange.decision = decision;
    if (!decision.target)
      throw new RouterError("no_provider", `no provider configured for model '${request.model}'`, { param: "model" });
    exchange.target = decision.target;
    this.#options = { strict: strict || asksStrict(exchange.incoming.headers), reasoning };
    const options = this.#options;
    const choice = choose(decision, chain.walk(routing, decision), (target) => prepare(exchange, target, options));
    exchange.target = choice.target;
    return choice;
  }

  #send(choice: Choice): void {
    const { prepared } = choice;
    this.#exchange.sentModel = prepared.sentModel;
    this.#exchange.passthrough = prepared.passthrough;
    this.#exchange.losses = prepared.losses;
    const { milestones, parts } = this.#dispatch;
    milestones.routed(this.#exchange);
    const warning = watchPrefix(this.#exchange, choice, parts.conversations.prefixes);
    if (warning) milestones.warned(this.#exchange, warning);
    if (prepared.passthrough) this.#exchange.incoming.prompt.release();
    this.#transmit(choice);
  }

  #transmit(choice: Choice): void {
    const { target, prepared } = choice;
    const { parts } = this.#dispatch;
    const exchange = this.#exchange;
    this.#sent = choice;
    const receiver = this.#receiver();
    const reader = new AnswerReader(target.provider, prepared, exchange.stream, receiver);
    const call = parts.transports.send(target.provider, prepared.request, reader);
    this.#abortCall = () => call.abort();
    reader.call = call;
    if (receiver instanceof LiveStream) receiver.call = call;
  }

  #receiver(): LiveStream | Gathered {
    const exchange = this.#exchange;
    const answer = new ResponseBuilder();
    exchange.answer = answer;
    if (exchange.stream && !this.#stages?.wantsWholeAnswer) {
      return new LiveStream(exchange, answer, this.#res, new ExchangeContext(exchange), this);
    }
    return new Gathered(exchange, answer, this.#res, new ExchangeContext(exchange), this.#stages, this);
  }

  #answerByPlugin(): void {
    const response = this.#stages?.response;
    if (!response) return;
    const exchange = this.#exchange;
    exchange.answeredByPlugin = true;
    exchange.sentModel = response.model;
    this.#dispatch.milestones.routed(exchange);
    const answer = new ResponseBuilder();
    exchange.answer = answer;
    const gathered = new Gathered(exchange, answer, this.#res, new ExchangeContext(exchange), this.#stages, this);
    gathered.events(eventsOf(response));
  }

  settle(): void {
    const exchange = this.#exchange;
    const response = exchange.answer?.response();
    if (!response) return;
    exchange.usage =
      response.usage ?? estimateUsage(exchange.request, response, exchange.target?.provider.half.dialect);
    this.#remember(response);
    if (exchange.storesAnswer) this.#keepAnswer({ ...response, usage: exchange.usage });
    const { responseClassifiers, log } = this.#dispatch.parts;
    if (responseClassifiers.length > 0) exchange.responseTags = [...runClassifiers(responseClassifiers, response, log)];
  }

  /** Before the client has its last bytes: it may ask again at once. */
  #remember(response: ChatResponse): void {
    const exchange = this.#exchange;
    const { answer, target, sentModel } = exchange;
    if (!answer?.closed || answer.failure || !answer.sawToolCall || !target || sentModel === undefined) return;
    const { name, half, quirks } = target.provider;
    const { reasoning } = this.#dispatch.parts.conversations;
    if (!answer.sawState && !quirks.replayReasoning) {
      // The request of a passthrough was let go, and would have to be read again.
      if (!exchange.passthrough) reasoning.supersede(exchange, exchange.request, response);
      return;
    }
    const how = {
      carried: exchange.passthrough,
      withText: quirks.replayReasoning === true || half.dialect === "openai",
    };
    const origin = { provider: name, model: sentModel };
    reasoning.remember(exchange, exchange.request, response, origin, how);
  }

  #keepAnswer(response: ChatResponse): void {
    const exchange = this.#exchange;
    const { answer, target, sentModel, incoming } = exchange;
    if (!answer?.closed || answer.failure) return;
    const { responses } = this.#dispatch.parts.conversations;
    if (exchange.passthrough && target && sentModel !== undefined) {
      responses.rememberKeeper(exchange, response.id, { provider: target.provider.name, model: sentModel });
    } else {
      const written = incoming.client.writeResponse(response, new ExchangeContext(exchange, { quiet: true }));
      responses.remember(exchange, incoming.prompt.body, written);
    }
  }

  failed(failure: Failure, raw: RawError | undefined): void {
    if (this.#over || this.#sendStripped(failure)) return;
    this.#fail(failure);
    sendFailure(this.#res, this.#exchange, failure, raw);
    this.#complete();
  }

  /** The provider refuses reasoning state: the same once more, without. The client has seen nothing yet. */
  #sendStripped(failure: Failure): boolean {
    if (!this.#sent || !this.#options) return false;
    const again = stripped(this.#exchange, this.#sent, failure, this.#options);
    if (!again) return false;
    this.#exchange.passthrough = false;
    this.#exchange.losses = again.prepared.losses;
    this.#dispatch.milestones.warned(this.#exchange, stripWarning(again, failure));
    this.#transmit(again);
    return true;
  }

  delivered(failure: Failure | undefined): void {
    if (failure) this.#fail(failure);
    this.#complete();
  }

  crashed(error: unknown): void {
    if (this.#over) return;
    this.#abortCall?.();
    const own = asRouterError(error);
    if (own.code === "internal") this.#dispatch.parts.log("error", `request ${this.#exchange.id}: ${stackOf(error)}`);
    this.#exchange.outcome = own.code;
    this.#exchange.error = own.message;
    if (this.#res.headersSent) this.#res.destroy();
    else {
      const { status, code, message, param } = own;
      sendError(this.#res, this.#exchange, { status, code, message, own: true, ...(param !== undefined && { param }) });
    }
    this.#complete();
  }

  /** The connection closed: at once stop the provider, which would go on billing. */
  #clientGone(): void {
    if (this.#over) return;
    this.#gone?.abort();
    this.#abortCall?.();
    try {
      this.settle();
    } catch (error) {
      this.#dispatch.parts.log("error", `request ${this.#exchange.id}: ${stackOf(error)}`);
    }
    this.#fail({ kind: "client-gone", message: "the client closed the connection" });
    this.#complete();
  }

  #fail(failure: Failure): void {
    this.#exchange.outcome = failure.kind;
    this.#exchange.error = failure.message;
  }

  #complete(): void {
    if (this.#over) return;
    this.#over = true;
    this.#dispatch.inFlight--;
    // Comes from socket events too, where a throw would take the process down.
    try {
      this.#dispatch.milestones.completed(this.#exchange);
    } catch (error) {
      this.#dispatch.parts.log("error", `request ${this.#exchange.id} could not be recorded: ${stackOf(error)}`);
    }
  }
}

/** `X-Router-Strict: 1`: a client that would rather have no answer than one to less than it asked. */
function asksStrict(headers: Headers): boolean {
  const value = headers["x-router-strict"];
  return value === "1" || value === "true";
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
