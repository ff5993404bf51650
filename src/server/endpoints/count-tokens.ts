import { RouterError } from "../../core/errors.ts";
import { estimateTokens } from "../../core/estimate.ts";
import { asNumber, asObject, type JsonObject } from "../../core/json.ts";
import type { Log } from "../../core/log.ts";
import { headerSafe } from "../../pipeline/reply.ts";
import type { Chain } from "../../routing/chain.ts";
import { needsOf } from "../../routing/chain.ts";
import type { Target } from "../../routing/rule.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import type { Transports } from "../../upstream/transports.ts";
import type { ClientHalf, Headers } from "../../wire/format.ts";
import { spliceBody } from "../../wire/splice.ts";
import { type Endpoint, goneSignal, sendJson } from "../call.ts";
import { parseBody, readBody } from "../read-body.ts";

const PATIENCE_MS = 5_000;
/** Of the body: what is the router's own. */
const OURS = ["plugins"];

/**
 * `POST /v1/messages/count_tokens`: an Anthropic provider is asked; for any other, and when it does not answer, the router
 * counts and says so in `X-Router-Token-Count`.
 */
export function countTokensEndpoint(
  client: ClientHalf,
  parts: { chain: Chain; transports: Transports; maxBodyBytes: number; log: Log },
): Endpoint {
  return async ({ req, res }) => {
    const raw = await readBody(req, parts.maxBodyBytes);
    const body = parseBody(raw);
    const request = client.readRequest(forReading(body), req.headers);
    const routing = { model: request.model, tags: new Set<string>(), needs: needsOf(request) };
    const { target } = parts.chain.decide(routing);
    if (!target) {
      throw new RouterError("no_provider", `no provider configured for model '${request.model}'`, { param: "model" });
    }
    const sent = spliceBody(
      raw,
      upstreamModel(target.provider, target.model),
      OURS.filter((key) => Object.hasOwn(body, key)),
    );
    const counted = await askProvider(target, sent, req.headers, { ...parts, signal: goneSignal(res) });
    const tokens = counted ?? estimateTokens(request);
    sendJson(res, 200, { input_tokens: tokens }, [
      "X-Router-Token-Count",
      counted === undefined ? "estimated" : "provider",
      "X-Router-Provider",
      headerSafe(target.provider.name),
    ]);
  };
}

/** The endpoint takes no `max_tokens`, which the reader of prompts wants. */
function forReading(body: JsonObject): JsonObject {
  return { max_tokens: 1, ...body };
}

async function askProvider(
  { provider }: Target,
  body: Buffer,
  headers: Headers,
  { transports, log, signal }: { transports: Transports; log: Log; signal: AbortSignal },
): Promise<number | undefined> {
  if (provider.half.dialect !== "anthropic") return undefined;
  const sent: Record<string, string> = { "anthropic-version": "2023-06-01" };
  for (const name of ["anthropic-version", "anthropic-beta"]) {
    const value = headers[name];
    if (typeof value === "string") sent[name] = value;
  }
  try {
    const answer = await transports.requestJson(provider, {
      method: "POST",
      path: "/messages/count_tokens",
      headers: sent,
      body,
      timeoutMs: PATIENCE_MS,
      signal,
    });
    const tokens = asNumber(asObject(answer.body)?.["input_tokens"]);
    if (tokens !== undefined) return tokens;
    log("warn", `provider ${provider.name} did not count tokens (HTTP ${answer.status}): estimated instead`);
  } catch (error) {
    if (!signal.aborted)
      log("warn", `provider ${provider.name} did not count tokens (${String(error)}): estimated instead`);
  }
  return undefined;
}
