import type { ChatEvent } from "../core/event.ts";
import type { Json, JsonObject } from "../core/json.ts";
import type { OpaquePart } from "../core/part.ts";
import type { ChatRequest, FunctionTool } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";
import type { ClientFacts, HttpTool, ModelTool, TargetFacts } from "../core/stage-tools.ts";

/**
 * What a hook sees of a request on its way. Everything here is the hook's own while it runs: it may be changed freely, and a
 * change counts when the hook returns `modified` or `stop`. What comes after it returned, or after its deadline, is ignored.
 */
export interface PluginExchange<S = JsonObject> {
  /** The first two hooks may change it, or put another in its place. A copy, made when it is first looked at. */
  request: ChatRequest;
  /** All hooks may set or change it. Set in the first two it spares the provider. */
  response: ChatResponse | undefined;
  /** The provider to ask, or several in the order to try them; bypasses the rules, the model stays unless one is named. */
  forcedProvider: string | readonly (string | ForcedTarget)[] | undefined;
  /** As in the `complete` event. */
  readonly id: string;
  readonly client: ClientFacts;
  /** What classifiers said; empty in `on_start`. */
  readonly tags: ReadonlySet<string>;
  /** Config defaults overridden by the request's own, checked by the plugin's schema. */
  readonly settings: Readonly<S>;
  /** Aborted when the client leaves, and when the hook's deadline is over. */
  readonly signal: AbortSignal;
  readonly http: HttpTool;
  readonly models: ModelTool;
  /** Kept from hook to hook of this exchange, for this plugin alone. */
  readonly state: Map<string, unknown>;
  /** Where the request may go as it stands, best first, failover included. Throws when no rule takes it. */
  targets(): TargetFacts[];
  /** Changes what some targets get; see `Adaptation`. Only in the first two hooks. */
  adapt(adaptation: Adaptation): void;
  /** The request (or another in its place) as a target would get it, by the adaptations so far: for what a plugin itself sends elsewhere. */
  requestFor(target: TargetFacts, request?: ChatRequest): ChatRequest;
  /** One line for the router's own log. Never put prompts or keys there. */
  log(level: "info" | "warn" | "error", message: string): void;
  /** Something the owner should see with this exchange: a `warning` event, part of its record. */
  warn(message: string, details?: JsonObject): void;
  /** Ends the request with a 400 in the client's own shape. `param`: the field at fault. */
  refuse(message: string, param?: string): never;
}

/** A provider to ask, and the model to ask it for; without one the request's own. */
export interface ForcedTarget {
  readonly provider: string;
  readonly model?: string | undefined;
}

/** A change that depends on who gets the request: for what only some targets cannot do, or may not see. */
export interface Adaptation {
  /** Whether this target gets the changed request. Asked for each target that is tried; has to be quick. */
  when(target: TargetFacts): boolean;
  /** The changed request; may change the one it is given, which is a copy. Has to be quick: what takes long is prepared before. */
  change(request: ChatRequest, target: TargetFacts): ChatRequest;
  /** After all the others: for what guards the request as it finally is. */
  last?: boolean;
  /** What such a target gets of the client's headers, value by value. The client's query then stays here. */
  header?(value: string): string;
  /** Tools that the router runs when such a target's model calls them, unseen by the client. */
  tools?: readonly RouterTool[];
}

/** Hides from targets what they may not see, where no hooks run: prompts whose tokens are counted, texts to embed. */
export interface Guard {
  /** Whether it hides anything from this target. What cannot be hidden on the way there is not sent at all. */
  guards(target: TargetFacts): boolean;
  /** The request as it may go there. One way: nothing is put back into an answer. */
  request(request: ChatRequest): ChatRequest;
  /** The same of a header of the client's. */
  header(value: string): string;
}

/** A tool that the router runs itself: its calls and results go between the router and the target only. */
export interface RouterTool {
  tool: FunctionTool;
  /** `args`: parsed, or undefined when the model wrote no JSON. What it rejects with is told the model as an error. */
  run(args: Json | undefined, signal: AbortSignal): Promise<RouterToolResult>;
}

export interface RouterToolResult {
  /** For the model. */
  text: string;
  /** For the client, in the place of the call: that a search was made, for instance. */
  shown?: OpaquePart;
}

/** - `continue`: nothing was changed. `modified`: what was changed counts. `stop`: the same, and what would follow is skipped. */
export type Flow = "continue" | "modified" | "stop";
export type Hook<S = JsonObject> = (exchange: PluginExchange<S>) => Flow | Promise<Flow>;

/** The stages, in order. `on_start` and `pre_request` come before the provider call, the others after the whole answer. */
export const HOOKS = ["on_start", "pre_request", "post_response", "on_end"] as const;
export type HookName = (typeof HOOKS)[number];

/** Changes an answer while it comes. Made anew for each answer, since it may hold back what is not decided yet. */
export interface AnswerTransform {
  /**
   * What goes on in place of this event; `[]` for nothing. Has to keep the grammar of `ChatEvent`, and to let go of all it
   * held back before `finish`. Throwing takes the transform out of the way: events go on as they are.
   */
  event(event: ChatEvent): readonly ChatEvent[];
  /** The answer broke off: what was held back, which goes on now. */
  flush?(): readonly ChatEvent[];
}

/**
 * A plugin: up to four hooks and, for answers that are streamed, `stream`. A streamed answer has to be gathered for
 * `post_response` and `on_end` unless the plugin has a `stream`.
 */
export interface Plugin<S = JsonObject> {
  readonly id: string;
  readonly on_start?: Hook<S>;
  readonly pre_request?: Hook<S>;
  readonly post_response?: Hook<S>;
  readonly on_end?: Hook<S>;
  /**
   * How this answer is changed while it comes: `undefined`: not at all, at no cost; `"whole"`: it has to be gathered, for the hooks.
   * Without a `post_response` it changes whole answers too.
   */
  stream?(exchange: StreamExchange<S>): AnswerTransform | "whole" | undefined;
  /** For plugins that the config enables and that keep something from providers: the same where there is no exchange. */
  readonly guard?: Guard;
  /** The config it belongs to is over: let go of timers, threads, files. */
  close?(): void | Promise<void>;
}

/** What `stream` sees: nothing of it can be changed. */
export type StreamExchange<S = JsonObject> = Readonly<
  Pick<PluginExchange<S>, "id" | "client" | "tags" | "settings" | "state" | "log" | "warn"> & { request: ChatRequest }
>;
