import { RouterError } from "../../core/errors.ts";
import { type JsonObject, objectsOf } from "../../core/json.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { Guard } from "../../plugins/plugin.ts";
import type { Target } from "../../routing/rule.ts";
import type { ConfiguredPlugin } from "./active-plugins.ts";
import { factsOf } from "./facts.ts";

/** What is hidden from one target. */
export interface Guarding {
  /** The plugins that do. */
  by: string;
  /** Throws `plugin_failed`: what cannot be hidden is not sent. */
  request(request: ChatRequest): ChatRequest;
  header(value: string): string;
}

/** What plugins hide from targets where there is no exchange, and so no hook: in prompts that are counted, texts to embed, … */
export class Guards {
  readonly #plugins: readonly { id: string; enabled: boolean; guard: Guard }[];

  constructor(plugins: readonly ConfiguredPlugin[]) {
    this.#plugins = plugins.flatMap(({ plugin: { id, guard }, enabled }) => (guard ? [{ id, enabled, guard }] : []));
  }

  /** Undefined: nothing. `body`: of the request, which may ask for plugins. */
  at(target: Target, body: JsonObject = {}): Guarding | undefined {
    if (this.#plugins.length === 0) return undefined;
    const named = objectsOf(body["plugins"]);
    const active = this.#plugins.filter(({ id, enabled }) => enabled || named.some((call) => call["id"] === id));
    if (active.length === 0) return undefined;
    const facts = factsOf(target);
    const guarding = active.filter(({ guard }) => guard.guards(facts));
    if (guarding.length === 0) return undefined;
    return {
      by: guarding.map(({ id }) => id).join(", "),
      request: (request) => guarding.reduce((changed, one) => ran(one.id, () => one.guard.request(changed)), request),
      header: (value) => guarding.reduce((changed, one) => ran(one.id, () => one.guard.header(changed)), value),
    };
  }
}

function ran<T>(id: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RouterError("plugin_failed", `plugin ${id} failed to guard the request: ${why}`, { cause: error });
  }
}
