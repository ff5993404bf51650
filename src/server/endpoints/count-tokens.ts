import { RouterError } from "../../core/errors.ts";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import type { ChatRequest } from "../../core/request.ts";
import { headerSafe } from "../../pipeline/answer/reply.ts";
import { withLegalNames } from "../../pipeline/attempts/prepare.ts";
import { RoutingFacts } from "../../pipeline/decision/routing-facts.ts";
import type { Dispatch, DispatchParts } from "../../pipeline/dispatch.ts";
import type { Guards } from "../../pipeline/stages/guards.ts";
import { needsOf } from "../../routing/capability.ts";
import type { Chain } from "../../routing/chain.ts";
import type { Target } from "../../routing/rule.ts";
import { modelInfo, upstreamModel } from "../../upstream/provider.ts";
import type { Transports } from "../../upstream/transports.ts";
import { spliceBody } from "../../wire/bytes/splice.ts";
import type { ClientHalf, Headers, PathModel, TokenCountClientHalf, TokenCountHalf } from "../../wire/format.ts";
import { TOKEN_COUNTERS } from "../../wire/registry.ts";
import { askerIn } from "../asker.ts";
import { type Call, type Endpoint, goneSignal, sendJson } from "../call.ts";
import { type BodyLimits, readJson } from "../read-body.ts";

const PATIENCE_MS = 5_000;
/** Of the body: what is the router's own. */
const OURS = ["plugins"];

/** The prompt whose tokens are counted, as it came and as it was read. */
interface Counted {
  raw: Buffer;
  body: JsonObject;
  headers: Headers;
  request: ChatRequest;
}

interface CountParts {
  dispatch: Pick<Dispatch, "tagsOf" | "parts">;
  chain: Chain;
  bodyLimits: BodyLimits;
  log: Log;
  /** Writes out what a body only points at; undefined when that is nothing. */
  expand?: (call: Call, body: JsonObject) => JsonObject | undefined;
}

/**
 * How long a prompt is: the provider it would go to is asked where it counts (a client of its own dialect with its own
 * bytes, any other in translation, and what plugins guard is counted as they let it go). If it cannot, or does not answer, the router counts and says so in `X-Router-Token-Count`.
 * `path`: what the URL says, in APIs that name the model there.
 */
export function countTokensEndpoint(
  client: ClientHalf,
  half: TokenCountClientHalf,
  parts: CountParts,
  path?: PathModel,
): Endpoint {
  return async (call) => {
    const { req, res } = call;
    const { raw, body } = await readJson(req, parts.bodyLimits);
    const expanded = parts.expand?.(call, body);
    const request = half.readRequest(expanded ?? body, req.headers, path);
    const asked = () => request;
    const asker = askerIn(call, asked);
    const tags = await parts.dispatch.tagsOf(asked, asker);
    const { model } = request;
    const { clock, random } = parts.dispatch.parts;
    const wallMs = clock.wallMs();
    const { target } = parts.chain.decide(
      new RoutingFacts({ model, tags, needs: needsOf(request), client: asker.client, prompt: asked, wallMs, random }),
    );
    if (!target) {
      throw new RouterError("no_provider", `no provider configured for model '${model}'`, { param: "model" });
    }
    const prompt = { raw: expanded ? Buffer.from(JSON.stringify(expanded)) : raw, body, headers: req.headers, request };
    const counted = await askInTurn(target, parts.dispatch.parts, () =>
      askProvider(target, prompt, client, { ...parts.dispatch.parts, log: parts.log, signal: goneSignal(res) }),
    );
    sendJson(res, 200, half.writeResponse(counted ?? estimateTokens(request, target.provider.half.dialect)), [
      "X-Router-Token-Count",
      counted === undefined ? "estimated" : "provider",
      "X-Router-Provider",
      headerSafe(target.provider.name),
    ]);
  };
}

/**
 * Not asked while it is left alone, nor when it would have to wait in line: an estimate serves. What comes of asking says nothing
 * of the model's health, since providers count elsewhere, with limits of their own, or not at all.
 */
async function askInTurn(
  { provider, model }: Target,
  { resilience, underway }: Pick<DispatchParts, "resilience" | "underway">,
  ask: () => Promise<number | undefined>,
): Promise<number | undefined> {
  if (!TOKEN_COUNTERS.has(provider.half.dialect)) return undefined;
  const sent = upstreamModel(provider, model);
  if (!resilience.health.admits(provider.name, sent)) return undefined;
  const { limiter } = resilience;
  const slot = limiter.limits(provider) ? await limiter.askNow(provider, sent) : undefined;
  if (slot === false) return undefined;
  // No longer under way than its patience: when all is ended, it ends by itself.
  const passage = { isStream: false, place: -1, end: () => undefined };
  underway.passages.add(passage);
  try {
    return await ask();
  } finally {
    underway.passages.delete(passage);
    slot?.release();
  }
}

async function askProvider(
  target: Target,
  prompt: Counted,
  client: ClientHalf,
  { transports, log, signal, guards }: { transports: Transports; log: Log; signal: AbortSignal; guards: Guards },
): Promise<number | undefined> {
  const { provider, model } = target;
  const counter = TOKEN_COUNTERS.get(provider.half.dialect);
  if (!counter) return undefined;
  const fields = { provider: provider.name, model };
  try {
    const guarding = guards.at(target, prompt.body);
    const same = provider.half.dialect === client.dialect && !guarding;
    const request = guarding ? guarding.request(prompt.request) : prompt.request;
    const headers = Object.entries(provider.half.headers(request, prompt.headers));
    const answer = await transports.requestJson(provider, {
      method: "POST",
      path: counter.path(upstreamModel(provider, model)),
      headers: Object.fromEntries(headers.map(([name, value]) => [name, guarding?.header(value) ?? value])),
      body: same ? passedBody(target, prompt) : translatedBody(target, request, counter),
      timeoutMs: PATIENCE_MS,
      signal,
    });
    const tokens = answer.body === undefined ? undefined : counter.readResponse(answer.body);
    if (answer.status < 300 && tokens !== undefined) return tokens;
    log("warn", `provider ${provider.name} did not count tokens (HTTP ${answer.status}): estimated instead`, {
      ...fields,
      status: answer.status,
    });
  } catch (error) {
    if (!signal.aborted)
      log("warn", `provider ${provider.name} did not count tokens (${String(error)}): estimated instead`, fields);
  }
  return undefined;
}

function passedBody({ provider, model }: Target, { raw, body }: Counted): Buffer {
  const sentModel = provider.half.modelInPath ? undefined : upstreamModel(provider, model);
  return spliceBody(
    raw,
    sentModel,
    OURS.filter((key) => Object.hasOwn(body, key)),
  );
}

function translatedBody({ provider, model }: Target, counted: ChatRequest, counter: TokenCountHalf): string {
  const { request } = withLegalNames(counted, provider.half);
  const target = { model: upstreamModel(provider, model), info: modelInfo(provider, model), quirks: provider.quirks };
  return JSON.stringify(counter.writeRequest(request, target));
}
