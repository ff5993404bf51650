import type { EmbeddingRequest, EmbeddingResult } from "../../core/embedding.ts";
import { RouterError } from "../../core/errors.ts";
import { kindOfStatus } from "../../core/failure.ts";
import { asObject, asString, type Json } from "../../core/json.ts";
import type { Dialect } from "../../core/part.ts";
import { headerSafe } from "../../pipeline/reply.ts";
import type { Chain } from "../../routing/chain.ts";
import type { Target } from "../../routing/rule.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import type { Transports } from "../../upstream/transports.ts";
import type { EmbeddingClientHalf } from "../../wire/format.ts";
import { EMBEDDING_PROVIDERS } from "../../wire/registry.ts";
import { spliceBody } from "../../wire/splice.ts";
import { type Endpoint, sendJson } from "../call.ts";
import { parseBody, readBody } from "../read-body.ts";

/** Embeddings of a dialect: routed by the same chain, answered by the first target whose API makes them. */
export function embeddingEndpoint(
  dialect: Dialect,
  client: EmbeddingClientHalf,
  parts: { chain: Chain; transports: Transports; maxBodyBytes: number },
): Endpoint {
  return async ({ req, res }) => {
    const raw = await readBody(req, parts.maxBodyBytes);
    const body = parseBody(raw);
    const request = client.readRequest(body);
    const target = targetFor(parts.chain, request.model);
    const model = upstreamModel(target.provider, target.model);
    // A provider of the client's own dialect gets the client's own bytes.
    const same = target.provider.half.dialect === dialect && body["model"] !== undefined;
    const sent = same ? spliceBody(raw, model, []) : undefined;
    const result = await ask(parts.transports, target, model, request, sent);
    const headers = ["X-Router-Provider", headerSafe(target.provider.name), "X-Router-Model", headerSafe(model)];
    if (result.inputTokens !== undefined) headers.push("X-Router-Input-Tokens", String(result.inputTokens));
    sendJson(res, 200, client.writeResponse(result, request), headers);
  };
}

function targetFor(chain: Chain, model: string): Target {
  const routing = { model, tags: new Set<string>(), needs: [] };
  const decision = chain.decide(routing);
  for (const target of chain.walk(routing, decision)) {
    if (EMBEDDING_PROVIDERS.has(target.provider.half.dialect)) return target;
  }
  const chosen = decision.target?.provider;
  if (!chosen) throw new RouterError("no_provider", `no provider configured for model '${model}'`, { param: "model" });
  throw new RouterError("not_supported", `provider '${chosen.name}' (${chosen.half.dialect}) has no embeddings`);
}

async function ask(
  transports: Transports,
  { provider }: Target,
  model: string,
  request: EmbeddingRequest,
  sent: Buffer | undefined,
): Promise<EmbeddingResult> {
  const half = EMBEDDING_PROVIDERS.get(provider.half.dialect);
  if (!half) throw new RouterError("not_supported", `provider '${provider.name}' has no embeddings`);
  const answer = await transports
    .requestJson(provider, {
      method: "POST",
      path: half.path,
      body: sent ?? JSON.stringify(half.writeRequest(request, model)),
      timeoutMs: provider.timeout.first_byte_ms,
    })
    .catch((error: unknown) => {
      throw new RouterError("upstream", `provider '${provider.name}': ${messageOf(error)}`, { cause: error });
    });
  if (answer.status !== 200 || answer.body === undefined) throw refused(provider.name, answer.status, answer.body);
  try {
    return half.readResponse(answer.body);
  } catch (error) {
    throw new RouterError("upstream", `provider '${provider.name}': ${messageOf(error)}`, { cause: error });
  }
}

/** The caller's own mistakes stay 400; everything else is the provider's. */
function refused(provider: string, status: number, body: Json | undefined): RouterError {
  const error = asObject(body)?.["error"];
  const text = asString(error) ?? asString(asObject(error)?.["message"]) ?? "no message";
  const kind = kindOfStatus(status);
  const code = kind === "caller" ? "bad_request" : kind === "not-found" ? "not_found" : "upstream";
  return new RouterError(code, `provider '${provider}' answered HTTP ${status}: ${text.slice(0, 500)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
