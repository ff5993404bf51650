import { RouterError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { Log } from "../core/log.ts";
import type { ChatResponse } from "../core/response.ts";
import type { HookName, Plugin, PluginExchange } from "../plugins/plugin.ts";
import type { Exchange } from "./exchange.ts";

/** A plugin that takes part in this exchange, with its settings. */
export interface ActivePlugin {
  plugin: Plugin;
  settings: JsonObject;
}

/** A plugin the config enabled, with its default settings. */
export interface ConfiguredPlugin extends ActivePlugin {
  enabled: boolean;
}

/** Who takes part: those the config enabled, in registry order, then those the request names. Unknown ids are warned of. */
export function activePlugins(configured: readonly ConfiguredPlugin[], exchange: Exchange, log: Log): ActivePlugin[] {
  const calls = exchange.request.plugins;
  if (configured.length === 0 && calls.length === 0) return [];
  const own = new Map(calls.map((call) => [call.id, call.settings]));
  const active: ActivePlugin[] = [];
  for (const { plugin, settings, enabled } of configured) {
    if (!enabled) continue;
    active.push({ plugin, settings: { ...settings, ...own.get(plugin.id) } });
    own.delete(plugin.id);
  }
  for (const [id, called] of own) {
    const known = configured.find(({ plugin }) => plugin.id === id);
    if (known) active.push({ plugin: known.plugin, settings: { ...known.settings, ...called } });
    else log("warn", `request ${exchange.id} names plugin ${quoted(id)}, which does not exist: ignored`);
  }
  return active;
}

/** What a client wrote, fit for one line of the log. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/** What the hooks of one exchange share: they see the same request and response, one after the other. */
export class Stages {
  /** Set by a hook, or by the provider's answer before `post_response`. */
  response: ChatResponse | undefined;
  readonly #active: readonly ActivePlugin[];
  readonly #exchange: Exchange;
  readonly #signal: AbortSignal;
  readonly #log: Log;

  constructor(active: readonly ActivePlugin[], exchange: Exchange, signal: AbortSignal, log: Log) {
    this.#active = active;
    this.#exchange = exchange;
    this.#signal = signal;
    this.#log = log;
  }

  /** One of the last hooks needs the whole answer, so that a stream has to be gathered. */
  get wantsWholeAnswer(): boolean {
    return this.#active.some(({ plugin }) => plugin.post_response !== undefined || plugin.on_end !== undefined);
  }

  /** `on_start` or `pre_request`: an error aborts the request. True when a hook said stop. */
  async before(hook: "on_start" | "pre_request"): Promise<boolean> {
    for (const { plugin, settings } of this.#active) {
      const stopped = await this.#run(hook, plugin, settings).catch((error: unknown) => {
        throw new RouterError("plugin_failed", `plugin ${plugin.id} failed in ${hook}: ${messageOf(error)}`, {
          cause: error,
        });
      });
      if (!stopped) continue;
      if (!this.response) throw new RouterError("plugin_stopped", "pipeline stopped without producing a response");
      return true;
    }
    return false;
  }

  /**
   * `post_response` and `on_end` on the answer: errors are logged and ignored; stop in the first skips the second. Gives the
   * answer back, another one if a hook changed it.
   */
  async after(response: ChatResponse): Promise<ChatResponse> {
    this.response = response;
    for (const hook of ["post_response", "on_end"] as const) {
      for (const { plugin, settings } of this.#active) {
        try {
          if ((await this.#run(hook, plugin, settings)) && hook === "post_response") return this.response;
        } catch (error) {
          this.#log("warn", `plugin ${plugin.id} failed in ${hook}: ${messageOf(error)}; its change is ignored`);
        }
      }
    }
    return this.response;
  }

  async #run(hook: HookName, plugin: Plugin, settings: JsonObject): Promise<boolean> {
    const run = plugin[hook];
    if (!run) return false;
    const exchange = this.#exchange;
    const view: PluginExchange = {
      request: exchange.request,
      response: this.response,
      forcedProvider: exchange.forcedProvider,
      tags: exchange.tags,
      settings,
      signal: this.#signal,
    };
    const flow = await run(view);
    if (flow === "continue") return false;
    if (flow !== "modified" && flow !== "stop") throw new Error(`it returned ${String(flow)}`);
    if (!exchange.plugins.includes(plugin.id)) exchange.plugins.push(plugin.id);
    this.response = view.response ?? this.response;
    exchange.forcedProvider = view.forcedProvider;
    if (hook === "on_start" || hook === "pre_request") {
      exchange.changeRequest(view.request);
    }
    return flow === "stop";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
