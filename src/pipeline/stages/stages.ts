import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../core/clock.ts";
import { RouterError } from "../../core/errors.ts";
import type { ChatResponse } from "../../core/response.ts";
import type { Flow, HookName } from "../../plugins/plugin.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import { AnswerTransforms, type OwnedTransform, transformed } from "./answer-transforms.ts";
import { HookView, streamView, type ViewParts } from "./hook-view.ts";

export interface StagesParts extends ViewParts {
  clock: Clock;
  /** Of hooks that have no deadline of their own, ms. */
  deadlineMs: number;
}

/** Hooks before the provider is asked. */
type EarlyHook = "on_start" | "pre_request";

/** What the hooks of one exchange share: they see the same request and response, one after the other. */
export class Stages {
  /** Set by a hook, or by the provider's answer before `post_response`. */
  response: ChatResponse | undefined;
  readonly #active: readonly ActivePlugin[];
  readonly #parts: StagesParts;
  readonly #states = new Map<string, Map<string, unknown>>();

  constructor(active: readonly ActivePlugin[], parts: StagesParts) {
    this.#active = active;
    this.#parts = parts;
  }

  /** `on_start` or `pre_request`: an error aborts the request, unless its plugin may fail. True when a hook said stop. */
  async before(hook: EarlyHook): Promise<boolean> {
    for (const active of this.#active) {
      if (this.#parts.gone.aborted) return false;
      if (!(await this.#early(hook, active))) continue;
      if (!this.response) throw new RouterError("plugin_stopped", "pipeline stopped without producing a response");
      return true;
    }
    return false;
  }

  /**
   * The last hooks on the whole answer: errors are told and ignored; stop in `post_response` skips `on_end`. Gives the answer
   * back, another one if a plugin changed it.
   */
  async after(response: ChatResponse): Promise<ChatResponse> {
    this.response = response;
    for (const hook of ["post_response", "on_end"] as const) {
      for (const active of this.#active) {
        try {
          if (hook === "post_response" && this.#transformWhole(active)) continue;
          if ((await this.#run(hook, active)) && hook === "post_response") return this.response;
        } catch (error) {
          if (this.#parts.gone.aborted) return this.response;
          this.#ignored(active, `failed in ${hook}: ${messageOf(error)}; its change is ignored`);
        }
      }
    }
    return this.response;
  }

  /** What changes a streamed answer while it comes; `"whole"`: some plugin needs all of it first; undefined: nothing does. */
  streaming(): AnswerTransforms | "whole" | undefined {
    const transforms: OwnedTransform[] = [];
    for (const active of this.#active) {
      const { plugin } = active;
      if (plugin.stream) {
        const transform = this.#transformOf(active);
        if (transform === "whole") return "whole";
        if (transform) transforms.push({ id: plugin.id, transform });
      } else if (plugin.post_response ?? plugin.on_end) return "whole";
    }
    if (transforms.length === 0) return undefined;
    return new AnswerTransforms(transforms, {
      acted: (id) => this.#parts.exchange.acted(id),
      failed: (id, error) => {
        const active = this.#active.find(({ plugin }) => plugin.id === id);
        if (active) this.#ignored(active, `failed on the stream: ${messageOf(error)}; the answer goes on without it`);
      },
    });
  }

  async #early(hook: EarlyHook, active: ActivePlugin): Promise<boolean> {
    try {
      return await this.#run(hook, active);
    } catch (error) {
      if (this.#parts.gone.aborted) return false;
      if (isRefusal(error)) throw error;
      const message = `failed in ${hook}: ${messageOf(error)}`;
      if (!active.mayFail) {
        const { id } = this.#parts.exchange;
        this.#parts.log("error", `plugin ${active.plugin.id}, request ${id}: ${message}`, {
          plugin: active.plugin.id,
          request_id: id,
        });
        throw new RouterError("plugin_failed", `plugin ${active.plugin.id} ${message}`, { cause: error });
      }
      this.#ignored(active, `${message}; the request goes on without it`);
      return false;
    }
  }

  /** True when it said stop. */
  async #run(hook: HookName, active: ActivePlugin): Promise<boolean> {
    const run = active.plugin[hook];
    if (!run) return false;
    const { exchange } = this.#parts;
    const view = new HookView(active, this.#stateOf(active), this.response, this.#parts);
    let flow: Flow;
    try {
      const given = run(view.exchange);
      flow = isPromise(given) ? await this.#inTime(given, view, active) : given;
    } finally {
      view.close();
    }
    if (flow === "continue") return false;
    if (flow !== "modified" && flow !== "stop") throw new TypeError(`it returned ${String(flow)}`);
    const { request, response, forcedProviders } = view.changes();
    exchange.acted(active.plugin.id);
    this.response = response;
    exchange.forcedProviders = forcedProviders;
    if (request && (hook === "on_start" || hook === "pre_request")) exchange.changeRequest(request);
    return flow === "stop";
  }

  #inTime(
    flow: PromiseLike<Flow>,
    view: HookView,
    { deadlineMs = this.#parts.deadlineMs }: ActivePlugin,
  ): Promise<Flow> {
    const time = Promise.withResolvers<Flow>();
    const timer = this.#parts.clock.after(deadlineMs, () => {
      view.late();
      time.reject(new Error(`it took longer than ${deadlineMs} ms`));
    });
    const gone = () => time.reject(new Error("the client left"));
    this.#parts.gone.addEventListener("abort", gone);
    return Promise.race([flow, time.promise]).finally(() => {
      timer.cancel();
      this.#parts.gone.removeEventListener("abort", gone);
    });
  }

  /** A plugin that has only a transform, on a whole answer. False: it has hooks for it, or nothing to change. */
  #transformWhole(active: ActivePlugin): boolean {
    if (!active.plugin.stream || active.plugin.post_response || !this.response) return false;
    const transform = this.#transformOf(active);
    if (transform === undefined || transform === "whole") return false;
    const changed = transformed(this.response, transform);
    if (isDeepStrictEqual(changed, this.response)) return true;
    this.response = changed;
    this.#parts.exchange.acted(active.plugin.id);
    return true;
  }

  #transformOf(active: ActivePlugin) {
    try {
      return active.plugin.stream?.(streamView(active, this.#stateOf(active), this.#parts));
    } catch (error) {
      this.#ignored(active, `failed to look at the answer: ${messageOf(error)}; it goes on without it`);
      return undefined;
    }
  }

  #ignored({ plugin }: ActivePlugin, what: string): void {
    const message = `plugin ${plugin.id} ${what}`;
    this.#parts.log("warn", message, { plugin: plugin.id, request_id: this.#parts.exchange.id });
    this.#parts.warned({ warning: "plugin_failed", message, details: { plugin: plugin.id } });
  }

  #stateOf({ plugin }: ActivePlugin): Map<string, unknown> {
    let state = this.#states.get(plugin.id);
    if (!state) {
      state = new Map();
      this.#states.set(plugin.id, state);
    }
    return state;
  }
}

/** Of the request, not a failure of the plugin. */
function isRefusal(error: unknown): boolean {
  return error instanceof RouterError && (error.code === "plugin_refused" || error.code === "bad_request");
}

/** One of another library's making counts too. */
function isPromise(flow: Flow | PromiseLike<Flow>): flow is PromiseLike<Flow> {
  return typeof flow === "object" && flow !== null && typeof flow.then === "function";
}

/** Of whatever a plugin throws. */
function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error);
  } catch {
    return "it threw what has no words";
  }
}
