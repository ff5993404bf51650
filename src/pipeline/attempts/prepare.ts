import type { ReasoningMemory } from "../../conversation/reasoning.ts";
import type { StateTarget } from "../../conversation/remembered.ts";
import { carriesState } from "../../conversation/state.ts";
import { type JsonObject, setOwn } from "../../core/json.ts";
import { type Loss, Losses } from "../../core/loss.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { Target } from "../../routing/rule.ts";
import { modelInfo, upstreamModel } from "../../upstream/provider.ts";
import type { UpstreamRequest } from "../../upstream/transport.ts";
import { spliceBody } from "../../wire/bytes/splice.ts";
import type { Headers, ProviderHalf } from "../../wire/format.ts";
import { inClientWords } from "../../wire/loss/client-words.ts";
import { passthroughHalf, translatingHalf } from "../../wire/registry.ts";
import { type LegalNames, legalToolNames } from "../../wire/tools/tool-names.ts";
import type { Exchange } from "../exchange.ts";
import type { Adapted } from "../stages/adaptations.ts";

/** What goes to a target, and which half reads its answer. */
export interface Prepared {
  request: UpstreamRequest;
  /** The target's half, or its sibling for the endpoint passed through (`/completions`). */
  half: ProviderHalf;
  sentModel: string;
  passthrough: boolean;
  losses: Loss[];
  /** Of these, what forbids sending it. */
  refused: readonly Loss[];
  /** Tool names as sent → as the client knows them. Empty nearly always. */
  renamedTools: ReadonlyMap<string, string>;
  /** Holds reasoning state: the client's own, or put back by the router. */
  hasState: boolean;
  /** What plugins made of it for this target; undefined: nothing. */
  adapted?: Adapted;
  /** The translated body; undefined where the client's own is sent. */
  written?: JsonObject;
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();
const NO_LOSSES: readonly Loss[] = [];

/** How requests are made. */
export interface PrepareOptions {
  /** What is lost is refused, instead of reported. */
  strict: boolean;
  reasoning: ReasoningMemory;
}

/**
 * Makes the upstream request: the client's own bytes where the target speaks its dialect, else a translation, with the
 * reasoning state its client cannot hold.
 */
export function prepare(exchange: Exchange, target: Target, { strict, reasoning }: PrepareOptions): Prepared {
  const { provider } = target;
  const { request } = exchange;
  const origin = originOf(target);
  const isChanged = exchange.requestChanged || exchange.isAdaptedFor(target);
  const same = isChanged ? undefined : passthroughHalf(origin.dialect, exchange.incoming.client.dialect);
  const sibling = same?.mustRewrite?.(request, origin.model) ? undefined : same;
  if (sibling && !(reasoning.mayBeForeign(provider.name) && carriesState(request)))
    return passOn(exchange, target, sibling);
  // Before plugins change it: what is put back is found by the words of the client, and is theirs to change as well.
  const restored = reasoning.restore(exchange, request, origin);
  if (sibling && restored.request === request) return passOn(exchange, target, sibling);
  const adapted = exchange.adapted(target, restored.request);
  const hasState = restored.request !== request || carriesState(adapted.request);
  return translate(exchange, target, adapted, { losses: restored.losses, hasState, strict });
}

/** What asks the same target again, once its model has the results of tools that the router ran. `adapted`: with those. */
export function prepareRound(
  exchange: Exchange,
  target: Target,
  adapted: Adapted,
  { strict, reasoning }: PrepareOptions,
): Prepared {
  const { request, losses } = reasoning.restore(exchange, adapted.request, originOf(target));
  const hasState = request !== adapted.request || carriesState(request);
  return translate(exchange, target, { ...adapted, request }, { losses, hasState, strict });
}

/** What asks a target for the rest of an answer; undefined where it is not known to go on with one. */
export function prepareRest(
  exchange: Exchange,
  target: Target,
  request: ChatRequest,
  { strict, reasoning }: PrepareOptions,
): Prepared | undefined {
  const { provider } = target;
  const { half, quirks } = provider;
  const origin = originOf(target);
  const info = modelInfo(provider, target.model);
  if (!translatingHalf(half, request).continues?.(request, { model: origin.model, info, quirks })) return undefined;
  const restored = reasoning.restore(exchange, request, origin);
  const adapted = exchange.adapted(target, restored.request);
  const hasState = restored.request !== request || carriesState(adapted.request);
  return translate(exchange, target, adapted, { losses: restored.losses, hasState, strict });
}

/** Whose state may be put back. */
function originOf({ provider, model }: Target): StateTarget {
  return { provider: provider.name, model: upstreamModel(provider, model), dialect: provider.half.dialect };
}

function passOn(exchange: Exchange, { provider, model }: Target, half: ProviderHalf): Prepared {
  const { incoming } = exchange;
  const sentModel = upstreamModel(provider, model);
  const headers = {
    ...forwardedHeaders(incoming.headers),
    // Whatever the client called it (curl's default is a form): it was read as JSON.
    "content-type": "application/json",
    ...half.headers(exchange.request, incoming.headers),
  };
  const body = passedBody(exchange, half.modelInPath ? undefined : sentModel);
  return {
    request: { method: "POST", path: pathWith(half.path(sentModel, exchange.stream), incoming.query), headers, body },
    half,
    sentModel,
    // A stream in another framing than the provider's has to be written anew.
    passthrough: !(exchange.stream && incoming.client.streamType === "application/json"),
    losses: [],
    refused: NO_LOSSES,
    renamedTools: NO_NAMES,
    // Whoever is passed through may have, and is looked at only when the provider refuses it.
    hasState: true,
  };
}

function translate(
  exchange: Exchange,
  { provider, model }: Target,
  adapted: Adapted,
  { losses: before, hasState, strict }: { losses: readonly Loss[]; hasState: boolean; strict: boolean },
): Prepared {
  const { quirks } = provider;
  const half = translatingHalf(provider.half, adapted.request);
  const sentModel = upstreamModel(provider, model);
  const { request, renamed } = withLegalNames(adapted.request, half);
  const losses = new Losses(half.support);
  losses.list.push(...before);
  const body = half.writeRequest(request, { model: sentModel, info: modelInfo(provider, model), quirks }, losses);
  const headers = {
    "content-type": "application/json",
    accept: exchange.stream ? "text/event-stream, application/x-ndjson, application/json" : "application/json",
    ...clientHeaders(half.headers(adapted.request, exchange.incoming.headers), adapted),
  };
  const { incoming } = exchange;
  // A query means something only to the API it was written for (`?beta=true`).
  const query = half.dialect === incoming.client.dialect && !adapted.header ? incoming.query : "";
  const path = pathWith(half.path(sentModel, exchange.stream), query);
  const told = losses.list.length === 0 ? losses.list : inClientWords(losses.list, incoming.prompt.body);
  return {
    request: { method: "POST", path, headers, body: JSON.stringify(body) },
    half,
    sentModel,
    passthrough: false,
    losses: told,
    refused: told.filter((loss) => loss.class === "reject" || (strict && loss.class === "report")),
    renamedTools: renamed,
    hasState,
    written: body,
    ...(adapted.by.length > 0 && { adapted }),
  };
}

function clientHeaders(headers: Record<string, string>, { header }: Adapted): Record<string, string> {
  return header ? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, header(value)])) : headers;
}

/** A client of the provider's own dialect chose its tools' names for it. */
export function withLegalNames(request: ChatRequest, { toolNames, dialect }: ProviderHalf): LegalNames {
  if (!toolNames || dialect === request.dialect) return { request, renamed: NO_NAMES };
  return legalToolNames(request, toolNames);
}

/** The client's query behind a path that may have one of its own. */
function pathWith(path: string, query: string): string {
  return query !== "" && path.includes("?") ? `${path}&${query.slice(1)}` : path + query;
}

/** The client's bytes but for the model (undefined: the body does not name it), and for the router's own `plugins`. */
function passedBody(exchange: Exchange, sentModel: string | undefined): Buffer {
  const { body, expanded } = exchange.incoming.prompt;
  const raw = expanded ? Buffer.from(JSON.stringify(expanded)) : exchange.incoming.prompt.raw;
  const without = Object.hasOwn(body, "plugins") ? ["plugins"] : [];
  return spliceBody(raw, body["model"] === sentModel ? undefined : sentModel, without);
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
    if (value !== undefined) setOwn(forwarded, name, typeof value === "string" ? value : value.join(", "));
  }
  return forwarded;
}
