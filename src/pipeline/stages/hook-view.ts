import { RouterError } from "../../core/errors.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ChatResponse } from "../../core/response.ts";
import type { TargetFacts } from "../../core/stage-tools.ts";
import type { ForcedTarget, PluginExchange, StreamExchange } from "../../plugins/plugin.ts";
import { checkedRequest, checkedResponse, copyOf } from "../../plugins/shapes.ts";
import type { Warning } from "../../record/events.ts";
import type { Exchange } from "../exchange.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import { Adaptations } from "./adaptations.ts";
import type { StageTools } from "./tools.ts";

/** What views are made from: the same for all hooks of an exchange. */
export interface ViewParts {
  exchange: Exchange;
  /** Aborted when the client leaves. */
  gone: AbortSignal;
  tools: StageTools;
  log: Log;
  warned(warning: Warning): void;
  /** Where the request may go as it stands. Throws `no_provider`. */
  targets(): TargetFacts[];
}

/** What a hook changed. */
export interface Changes {
  /** Undefined: it did not look at it. */
  request: ChatRequest | undefined;
  response: ChatResponse | undefined;
  forcedProviders: readonly ForcedTarget[] | undefined;
}

/**
 * The exchange as one hook sees it: copies, made when they are looked at. So nothing a hook does counts before it says so, and
 * nothing it does too late. Everything can be taken out of it by destructuring.
 */
export class HookView {
  readonly exchange: PluginExchange;
  readonly #parts: ViewParts;
  readonly #response: ChatResponse | undefined;
  #draft: unknown;
  #answer: unknown;
  #sawAnswer = false;
  #forced: PluginExchange["forcedProvider"];
  #over: AbortController | undefined;
  #isOver = false;

  constructor(active: ActivePlugin, state: Map<string, unknown>, response: ChatResponse | undefined, parts: ViewParts) {
    this.#parts = parts;
    this.#response = response;
    this.#forced = parts.exchange.forcedProviders;
    this.exchange = this.#view(active, state);
  }

  /** It took too long: who still works for it may stop, and what it does from now on is nobody's. */
  late(): void {
    this.close();
    this.#over?.abort();
  }

  close(): void {
    this.#isOver = true;
  }

  /** Throws where it is not what it should be. */
  changes(): Changes {
    const { request } = this.#parts.exchange;
    return {
      request: this.#draft === undefined ? undefined : checkedRequest(this.#draft, request),
      response: this.#sawAnswer && this.#answer !== undefined ? checkedResponse(this.#answer) : this.#response,
      forcedProviders: targetsIn(this.#forced),
    };
  }

  get #signal(): AbortSignal {
    if (!this.#over) {
      this.#over = new AbortController();
      if (this.#isOver) this.#over.abort();
    }
    return AbortSignal.any([this.#parts.gone, this.#over.signal]);
  }

  #view(active: ActivePlugin, state: Map<string, unknown>): PluginExchange {
    const view = this;
    const { exchange, tools } = this.#parts;
    return {
      ...sayings(active.plugin.id, this.#parts),
      id: exchange.id,
      client: exchange.client,
      tags: new Set(exchange.tags),
      settings: active.settings,
      state,
      get request() {
        view.#draft ??= copyOf(exchange.request);
        return view.#draft as ChatRequest;
      },
      set request(value) {
        view.#draft = value;
      },
      get response() {
        if (!view.#sawAnswer) view.#answer = copyOf(view.#response);
        view.#sawAnswer = true;
        return view.#answer as ChatResponse | undefined;
      },
      set response(value) {
        view.#answer = value;
        view.#sawAnswer = true;
      },
      get forcedProvider() {
        return view.#forced;
      },
      set forcedProvider(value) {
        view.#forced = value;
      },
      get signal() {
        return view.#signal;
      },
      get http() {
        return tools.http(view.#signal);
      },
      get models() {
        return tools.models(view.#signal, exchange);
      },
      targets: () => this.#parts.targets(),
      adapt: (adaptation) => {
        if (view.#isOver) throw new Error("the hook is over: it can adapt nothing any more");
        exchange.adaptations ??= new Adaptations(this.#parts.log);
        exchange.adaptations.add({ id: active.plugin.id, mayFail: active.mayFail ?? false }, adaptation);
      },
      requestFor: (target, request = exchange.request) =>
        exchange.adaptations?.adapt(request, target).request ?? copyOf(request),
      refuse: (message, param) => {
        throw new RouterError("plugin_refused", message, param === undefined ? {} : { param });
      },
    };
  }
}

/** What a transform of a stream is made from. */
export function streamView(active: ActivePlugin, state: Map<string, unknown>, parts: ViewParts): StreamExchange {
  const { exchange } = parts;
  return {
    ...sayings(active.plugin.id, parts),
    id: exchange.id,
    client: exchange.client,
    tags: new Set(exchange.tags),
    settings: active.settings,
    state,
    get request() {
      return copyOf(exchange.request);
    },
  };
}

function sayings(id: string, { log, warned, exchange }: ViewParts): Pick<PluginExchange, "log" | "warn"> {
  return {
    log: (level, message) =>
      log(level, `plugin ${id}, request ${exchange.id}: ${message}`, { plugin: id, request_id: exchange.id }),
    warn: (message, details = {}) =>
      warned({ warning: "plugin", message: String(message), details: { plugin: id, ...asJson(details) } }),
  };
}

/** The event is written as JSON later on, where nobody could tell whose fault it is that it cannot be. */
function asJson(details: unknown): JsonObject {
  const copy: unknown = JSON.parse(JSON.stringify(details) ?? "null");
  if (!isObject(copy)) throw new TypeError("the details of its warning are no object");
  return copy;
}

function targetsIn(forced: unknown): readonly ForcedTarget[] | undefined {
  if (forced === undefined) return undefined;
  const entries: unknown[] = Array.isArray(forced) ? forced : [forced];
  return entries.map((entry) => {
    if (typeof entry === "string") return { provider: entry };
    const { provider, model }: { provider?: unknown; model?: unknown } = isObject(entry) ? entry : {};
    const isModel = model === undefined || (typeof model === "string" && model !== "");
    if (typeof provider === "string" && isModel) return { provider, model };
    throw new TypeError("its forcedProvider is neither a provider's name nor a list of providers");
  });
}
