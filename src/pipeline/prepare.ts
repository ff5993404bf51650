import { RouterError } from "../core/errors.ts";
import { type Loss, Losses } from "../core/loss.ts";
import type { Target } from "../routing/rule.ts";
import { modelInfo, type Provider, upstreamModel } from "../upstream/provider.ts";
import type { UpstreamRequest } from "../upstream/transport.ts";
import type { Headers, ProviderHalf } from "../wire/format.ts";
import { passthroughHalf } from "../wire/registry.ts";
import { mayRepeatModel, spliceBody } from "../wire/splice.ts";
import { legalToolNames } from "../wire/tool-names.ts";
import type { Exchange } from "./exchange.ts";

/** What goes to a target, and which half reads its answer. */
export interface Prepared {
  request: UpstreamRequest;
  /** The target's half, or its sibling for the endpoint passed through (`/completions`). */
  half: ProviderHalf;
  sentModel: string;
  passthrough: boolean;
  losses: Loss[];
  /** Tool names as sent → as the client knows them. Empty nearly always. */
  renamedTools: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Makes the upstream request: the client's own bytes where the target speaks its dialect, else a translation. */
export function prepare(exchange: Exchange, target: Target, onLoss: "report" | "reject"): Prepared {
  const { incoming } = exchange;
  const { provider } = target;
  const sibling = exchange.requestChanged ? undefined : passthroughHalf(provider.half.dialect, incoming.client.dialect);
  const sentModel = upstreamModel(provider, target.model);
  if (sibling) {
    return {
      request: {
        method: "POST",
        path: sibling.path + incoming.query,
        headers: {
          ...forwardedHeaders(incoming.headers),
          // Whatever the client called it (curl's default is a form): it was read as JSON.
          "content-type": "application/json",
          ...sibling.headers(exchange.request, incoming.headers),
        },
        body: passedBody(exchange, sentModel),
      },
      half: sibling,
      sentModel,
      passthrough: true,
      losses: [],
      renamedTools: NONE,
    };
  }
  const losses = new Losses(provider.half.support);
  const { toolNames, dialect } = provider.half;
  // A client of the same dialect chose its names for its provider.
  const { request, renamed } =
    toolNames && dialect !== exchange.request.dialect
      ? legalToolNames(exchange.request, toolNames)
      : { request: exchange.request, renamed: NONE };
  const body = provider.half.writeRequest(
    request,
    { model: sentModel, info: modelInfo(provider, target.model), quirks: provider.quirks },
    losses,
  );
  refuseLosses(losses.list, onLoss, provider);
  return {
    request: {
      method: "POST",
      path: provider.half.path,
      headers: {
        "content-type": "application/json",
        accept: exchange.stream ? "text/event-stream, application/x-ndjson, application/json" : "application/json",
        ...provider.half.headers(exchange.request, incoming.headers),
      },
      body: JSON.stringify(body),
    },
    half: provider.half,
    sentModel,
    passthrough: false,
    losses: losses.list,
    renamedTools: renamed,
  };
}

/** The client's bytes but for the model, and for the router's own `plugins`. */
function passedBody(exchange: Exchange, sentModel: string): Buffer {
  const { raw, body } = exchange.incoming.prompt;
  const without = Object.hasOwn(body, "plugins") ? ["plugins"] : [];
  const model = body["model"] !== sentModel || mayRepeatModel(raw) ? sentModel : undefined;
  return spliceBody(raw, model, without);
}

function refuseLosses(losses: readonly Loss[], onLoss: "report" | "reject", provider: Provider): void {
  const fatal = losses.filter((loss) => loss.class === "reject" || (onLoss === "reject" && loss.class === "report"));
  if (fatal.length === 0) return;
  const named = fatal.map((loss) => `${loss.field} (${loss.treatment})`).join(", ");
  const message = `provider '${provider.name}' (${provider.half.dialect}) cannot express: ${named}`;
  const param = fatal[0]?.field;
  throw new RouterError("not_translatable", message, param === undefined ? {} : { param });
}

/**
 * Headers that belong to the client's connection or hold its credentials, and what browsers add: none of it is the
 * provider's business. Everything else is passed on, since clients steer their APIs by headers we need not know.
 */
const NOT_FORWARDED = new Set([
  "host",
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "content-length",
  "content-encoding",
  "accept-encoding",
  "authorization",
  "proxy-authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
  "origin",
  "referer",
  "forwarded",
  "via",
]);

function forwardedHeaders(headers: Headers): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name in headers) {
    if (
      NOT_FORWARDED.has(name) ||
      name.startsWith("sec-") ||
      name.startsWith("x-forwarded-") ||
      name.startsWith("x-router-")
    )
      continue;
    const value = headers[name];
    if (value !== undefined) forwarded[name] = typeof value === "string" ? value : value.join(", ");
  }
  return forwarded;
}
