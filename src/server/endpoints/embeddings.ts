import type { EmbeddingRequest, EmbeddingResult } from "../../core/embedding.ts";
import { RouterError } from "../../core/errors.ts";
import { kindOfStatus } from "../../core/failure.ts";
import { asObject, asString, type Json } from "../../core/json.ts";
import type { Loss } from "../../core/loss.ts";
import type { Dialect, Part } from "../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { lossHeader } from "../../pipeline/answer/loss-header.ts";
import { headerSafe } from "../../pipeline/answer/reply.ts";
import type { Dispatch } from "../../pipeline/dispatch.ts";
import type { Chain } from "../../routing/chain.ts";
import type { Target } from "../../routing/rule.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import type { JsonAnswer, Transports } from "../../upstream/transports.ts";
import { spliceBody } from "../../wire/bytes/splice.ts";
import type { EmbeddingClientHalf, EmbeddingProviderHalf } from "../../wire/format.ts";
import { EMBEDDING_PROVIDERS } from "../../wire/registry.ts";
import { type Call, type Endpoint, goneSignal, sendJson } from "../call.ts";
import { parseBody, readBody } from "../read-body.ts";

interface EmbeddingParts {
  dispatch: Pick<Dispatch, "tagsOf">;
  chain: Chain;
  transports: Transports;
  maxBodyBytes: number;
}

/** Embeddings of a dialect: routed by the same chain, answered by the first target whose API makes them. */
export function embeddingEndpoint(dialect: Dialect, client: EmbeddingClientHalf, parts: EmbeddingParts): Endpoint {
  return (call) => answerEmbedding(call, dialect, client, parts);
}

/** `named`: the model, in APIs that name it in the path. */
export async function answerEmbedding(
  { req, res }: Call,
  dialect: Dialect,
  client: EmbeddingClientHalf,
  parts: EmbeddingParts,
  named?: string,
): Promise<void> {
  const raw = await readBody(req, parts.maxBodyBytes);
  const body = parseBody(raw);
  const request = client.readRequest(named === undefined ? body : { ...body, model: named });
  const target = targetFor(
    parts.chain,
    request.model,
    parts.dispatch.tagsOf(() => promptOf(dialect, request)),
  );
  const { provider } = target;
  const model = upstreamModel(provider, target.model);
  // A provider of the client's own dialect gets the client's own bytes, where their model is in the body.
  const same = provider.half.dialect === dialect && named === undefined && body["model"] !== undefined;
  const sent = same ? spliceBody(raw, model, []) : undefined;
  const half = EMBEDDING_PROVIDERS.get(provider.half.dialect);
  if (!half) throw new RouterError("not_supported", `provider '${provider.name}' has no embeddings`);
  const answering = parts.transports.requestJson(provider, {
    method: "POST",
    path: half.path(model),
    body: sent ?? JSON.stringify(half.writeRequest(request, model)),
    timeoutMs: provider.timeout.first_byte_ms,
    signal: goneSignal(res),
  });
  const result = await readAnswer(answering, provider.name, half);
  const headers = ["X-Router-Provider", headerSafe(provider.name), "X-Router-Model", headerSafe(model)];
  if (result.inputTokens !== undefined) headers.push("X-Router-Input-Tokens", String(result.inputTokens));
  const losses = lossHeader(lossesOf(request, provider.half.dialect));
  if (losses !== undefined) headers.push("X-Router-Losses", headerSafe(losses));
  sendJson(res, 200, client.writeResponse(result, request), headers);
}

/** Fields that mean something to the client's own dialect alone. */
function lossesOf({ extra }: EmbeddingRequest, provider: Dialect): Loss[] {
  if (!extra || extra.dialect === provider) return [];
  const fields = new Set(extra.fields.flatMap((each) => Object.keys(each)));
  return [...fields].map((field) => ({ field, treatment: "dropped", class: "report" }));
}

/** As classifiers see prompts. What comes as token ids says nothing to them. */
function promptOf(dialect: Dialect, { model, input }: EmbeddingRequest): ChatRequest {
  const parts = input.flatMap((text): Part[] => (typeof text === "string" ? [{ type: "text", text }] : []));
  return { ...emptyRequest(dialect, model), messages: [{ role: "user", parts }] };
}

function targetFor(chain: Chain, model: string, tags: ReadonlySet<string>): Target {
  const routing = { model, tags, needs: [] };
  const decision = chain.decide(routing);
  for (const target of chain.walk(routing, decision)) {
    if (EMBEDDING_PROVIDERS.has(target.provider.half.dialect)) return target;
  }
  const chosen = decision.target?.provider;
  if (!chosen) throw new RouterError("no_provider", `no provider configured for model '${model}'`, { param: "model" });
  throw new RouterError("not_supported", `provider '${chosen.name}' (${chosen.half.dialect}) has no embeddings`);
}

async function readAnswer(
  answering: Promise<JsonAnswer>,
  provider: string,
  half: EmbeddingProviderHalf,
): Promise<EmbeddingResult> {
  const failed = (error: unknown): never => {
    throw new RouterError("upstream", `provider '${provider}': ${messageOf(error)}`, { cause: error });
  };
  const { status, body } = await answering.catch(failed);
  if (status !== 200 || body === undefined) throw refused(provider, status, body);
  try {
    return half.readResponse(body);
  } catch (error) {
    return failed(error);
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
