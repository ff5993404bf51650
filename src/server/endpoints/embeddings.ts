import type { EmbeddingRequest } from "../../core/embedding.ts";
import { RouterError } from "../../core/errors.ts";
import type { Loss } from "../../core/loss.ts";
import { type Dialect, type Part, textOf } from "../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { lossHeader } from "../../pipeline/answer/loss-header.ts";
import { headerSafe } from "../../pipeline/answer/reply.ts";
import { RoutingFacts } from "../../pipeline/decision/routing-facts.ts";
import type { Dispatch } from "../../pipeline/dispatch.ts";
import { askJson } from "../../pipeline/small/ask.ts";
import type { Guarding } from "../../pipeline/stages/guards.ts";
import type { Target } from "../../routing/rule.ts";
import { type Provider, upstreamModel } from "../../upstream/provider.ts";
import { spliceBody } from "../../wire/bytes/splice.ts";
import type { EmbeddingClientHalf, EmbeddingProviderHalf } from "../../wire/format.ts";
import { EMBEDDING_PROVIDERS } from "../../wire/registry.ts";
import { askerIn } from "../asker.ts";
import { type Call, type Endpoint, goneSignal, sendJson } from "../call.ts";
import { type BodyLimits, readJson } from "../read-body.ts";

interface EmbeddingParts {
  dispatch: Pick<Dispatch, "tagsOf" | "parts">;
  bodyLimits: BodyLimits;
}

/** Embeddings of a dialect: routed by the same chain, answered by the first target whose API makes them. */
export function embeddingEndpoint(dialect: Dialect, client: EmbeddingClientHalf, parts: EmbeddingParts): Endpoint {
  return (call) => answerEmbedding(call, dialect, client, parts);
}

/** `named`: the model, in APIs that name it in the path. */
export async function answerEmbedding(
  call: Call,
  dialect: Dialect,
  client: EmbeddingClientHalf,
  parts: EmbeddingParts,
  named?: string,
): Promise<void> {
  const { req, res } = call;
  const { raw, body } = await readJson(req, parts.bodyLimits);
  const request = client.readRequest(named === undefined ? body : { ...body, model: named });
  const { guards } = parts.dispatch.parts;
  const prompt = () => promptOf(dialect, request);
  const asker = askerIn(call, prompt);
  const tags = await parts.dispatch.tagsOf(prompt, asker);
  const { client: who } = asker;
  const { clock, random } = parts.dispatch.parts;
  const wallMs = clock.wallMs();
  const routing = new RoutingFacts({ model: request.model, tags, client: who, prompt, wallMs, random });
  const answer = await askJson(
    {
      routing,
      can: (target) => EMBEDDING_PROVIDERS.has(target.provider.half.dialect) && mayGo(request, guards.at(target, body)),
      cannot: (target) => whyNot(request, target, guards.at(target, body)),
      write: (target) => {
        const { provider, model: asked } = target;
        const model = upstreamModel(provider, asked);
        const guarding = guards.at(target, body);
        // A provider of the client's own dialect gets the client's own bytes, where their model is in the body.
        const isOwn = provider.half.dialect === dialect && named === undefined && body["model"] !== undefined;
        const half = halfOf(provider);
        const asIs = isOwn && !guarding;
        const guarded = guarding ? guardedRequest(request, dialect, guarding) : request;
        const sent = asIs ? spliceBody(raw, model, []) : JSON.stringify(half.writeRequest(guarded, model));
        return { path: half.path(model), body: sent, timeoutMs: provider.timeout.first_byte_ms };
      },
      read: (answered, { provider }) => halfOf(provider).readResponse(answered),
    },
    parts.dispatch.parts,
    goneSignal(res),
  );
  const { value: result, model } = answer;
  const { provider } = answer.target;
  const headers = ["X-Router-Provider", headerSafe(provider.name), "X-Router-Model", headerSafe(model)];
  headers.push("X-Router-Attempts", String(answer.attempts));
  if (result.inputTokens !== undefined) headers.push("X-Router-Input-Tokens", String(result.inputTokens));
  const losses = lossHeader(lossesOf(request, provider.half.dialect));
  if (losses !== undefined) headers.push("X-Router-Losses", headerSafe(losses));
  sendJson(res, 200, client.writeResponse(result, request), headers);
}

/** Token ids are nothing that could be looked into. */
function mayGo({ input }: EmbeddingRequest, guarding: Guarding | undefined): boolean {
  return typeof input[0] === "string" || !guarding;
}

function whyNot(request: EmbeddingRequest, { provider }: Target, guarding: Guarding | undefined): string {
  const { name, half } = provider;
  if (mayGo(request, guarding)) return `provider '${name}' (${half.dialect}) has no embeddings`;
  return `plugin ${guarding?.by} cannot look into token ids, and keeps them from provider '${name}': send the texts`;
}

/** Each text for itself: its vector does not depend on what is embedded with it. */
function guardedRequest(request: EmbeddingRequest, dialect: Dialect, guarding: Guarding): EmbeddingRequest {
  const { input, user, extra } = request;
  const texts = input.map((text, at) => {
    const parts: Part[] = typeof text === "string" ? [{ type: "text", text }] : [];
    return guarding.request({
      ...emptyRequest(dialect, request.model),
      messages: [{ role: "user", parts }],
      identity: user === undefined ? {} : { user },
      extra: extra?.fields[at] ?? {},
    });
  });
  const guardedUser = texts[0]?.identity.user;
  return {
    ...request,
    input: texts.map(({ messages }) => textOf(messages[0]?.parts ?? [])),
    ...(guardedUser !== undefined && { user: guardedUser }),
    ...(extra && { extra: { ...extra, fields: texts.map((text) => text.extra) } }),
  };
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

function halfOf({ name, half }: Provider): EmbeddingProviderHalf {
  const found = EMBEDDING_PROVIDERS.get(half.dialect);
  if (!found) throw new RouterError("not_supported", `provider '${name}' has no embeddings`);
  return found;
}
