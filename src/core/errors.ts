/**
 * Every error the router makes itself, by code: HTTP status, and what the reader can do about it. docs/errors.md is tested
 * against this table. (Errors of providers are `Failure`s.)
 */
export const ROUTER_ERRORS = {
  bad_request: { status: 400, remedy: "Correct the field the message names." },
  body_too_large: {
    status: 413,
    remedy: "Send less, or raise [server] max_body_mb or max_body_items, whichever was exceeded.",
  },
  not_translatable: {
    status: 400,
    remedy: "Leave the named fields out, or route the request to a provider that has them (docs/translation.md).",
  },
  previous_response_not_found: {
    status: 400,
    remedy: "Send the whole conversation as input; the router keeps answers for [conversations] ttl_minutes.",
  },
  no_provider: {
    status: 400,
    remedy: "Add a [[routers]] rule that matches the model, or ask for one of GET /v1/models.",
  },
  foreign_page: {
    status: 403,
    remedy:
      "A name of your own for this machine goes into [server] allowed_hosts, a page you trust into [server] cors_origins.",
  },
  not_json: { status: 415, remedy: "Send content-type: application/json." },
  encoded_body: { status: 415, remedy: "Send the body as it is, without content-encoding." },
  headers_too_large: { status: 431, remedy: "Send fewer headers." },
  bad_key: {
    status: 401,
    remedy:
      "Send the router's key as `Authorization: Bearer`, `x-api-key`, `x-goog-api-key`, `?api_key=` or, to Gemini's API, `?key=`.",
  },
  no_store: {
    status: 404,
    remedy: "Set [logging] enabled = true and leave its index on, or [server] dashboard = true.",
  },
  store_failed: {
    status: 503,
    remedy: "Mend what the message names; GET /router/status and the router's log say how it stands.",
  },
  not_found: { status: 404, remedy: "See docs/api.md for the routes." },
  method_not_allowed: { status: 405, remedy: "Use the method the `allow` header names." },
  upgrade_refused: { status: 426, remedy: "Use plain HTTP POST; the router speaks no WebSocket." },
  plugin_refused: {
    status: 400,
    remedy: "Do what the message says; docs/plugins.md says what each plugin takes.",
  },
  plugin_failed: { status: 500, remedy: "See the router's log for the plugin named; disable it, or set its on_error." },
  plugin_stopped: { status: 500, remedy: "A plugin that stops has to set a response." },
  internal: { status: 500, remedy: "This is a bug in the router; please report it with the router's log." },
  overloaded: {
    status: 503,
    remedy: "Try again after `Retry-After`; raise the limits under [overload] if the machine has room for more.",
  },
  stopping: { status: 503, remedy: "Try again: the router is being stopped, or started anew." },
  upstream: { status: 502, remedy: "See the provider's message; `opensourcellmrouter check` tests the config." },
  not_supported: { status: 501, remedy: "Ask a provider that has this endpoint (docs/providers.md)." },
} as const;

export type RouterErrorCode = keyof typeof ROUTER_ERRORS;

/** An error the router answers in the client's own shape. `message` says what happened and where. */
export class RouterError extends Error {
  override readonly name = "RouterError";
  readonly code: RouterErrorCode;
  /** The field of the request at fault, where one is. */
  readonly param: string | undefined;

  constructor(code: RouterErrorCode, message: string, options: { param?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
  }

  get status(): number {
    return ROUTER_ERRORS[this.code].status;
  }
}

/** Anything thrown, as a `RouterError`: what is none of ours is `internal`, and has to be logged. */
export function asRouterError(error: unknown): RouterError {
  if (error instanceof RouterError) return error;
  // What walks a value runs out of stack only where somebody nested it thousands of levels deep.
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new RouterError("bad_request", "the request is nested too deeply", { cause: error });
  return new RouterError("internal", "the router failed; its log says more", { cause: error });
}
