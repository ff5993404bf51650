import type { JsonObject } from "../core/json.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ChatResponse } from "../core/response.ts";

/** What a hook sees. The first two hooks may change `request`, all may set or change `response`. */
export interface PluginExchange {
  request: ChatRequest;
  response: ChatResponse | undefined;
  /** Bypasses the chain; the model stays. */
  forcedProvider: string | undefined;
  readonly tags: ReadonlySet<string>;
  /** Config defaults overridden by the request's own. */
  readonly settings: Readonly<JsonObject>;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
}

export type Flow = "continue" | "modified" | "stop";
export type Hook = (exchange: PluginExchange) => Flow | Promise<Flow>;

/** The stages, in order. `on_start` and `pre_request` come before the provider call, the others after the whole answer. */
export const HOOKS = ["on_start", "pre_request", "post_response", "on_end"] as const;
export type HookName = (typeof HOOKS)[number];

export type Plugin = { readonly id: string } & { readonly [H in HookName]?: Hook };
