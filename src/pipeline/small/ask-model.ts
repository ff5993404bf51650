import type { Json } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { textOf } from "../../core/part.ts";
import { type ChatRequest, emptyRequest } from "../../core/request.ts";
import { type ChatResponse, reduceEvents } from "../../core/response.ts";
import type { ModelAnswer, ModelQuestion } from "../../core/stage-tools.ts";
import type { Target } from "../../routing/rule.ts";
import { modelInfo, upstreamModel } from "../../upstream/provider.ts";
import { translatingHalf } from "../../wire/registry.ts";
import { RoutingFacts } from "../decision/routing-facts.ts";
import type { DispatchParts } from "../dispatch.ts";
import { estimateUsage } from "../estimate-usage.ts";
import type { Exchange } from "../exchange.ts";
import { Guards } from "../stages/guards.ts";
import type { StageTools } from "../stages/tools.ts";
import { type AskParts, askJson, type SmallRequest } from "./ask.ts";

/** `guards`: for questions that belong to no exchange. */
export type ModelParts = AskParts & Pick<DispatchParts, "random"> & { guards: Guards };

const NO_TAGS: ReadonlySet<string> = new Set();

/**
 * Questions of plugins and classifiers to the router's own providers. They go the way of small requests, past classifiers and
 * hooks, so that no question leads to another; what plugins change for a target is changed in them too.
 */
export function modelTool(parts: ModelParts): StageTools["models"] {
  return (signal, exchange) => ({ ask: (question) => askModel(question, exchange, parts, signal) });
}

async function askModel(
  question: ModelQuestion,
  exchange: Exchange | undefined,
  parts: ModelParts,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const request = requestOf(question);
  const routing = new RoutingFacts({
    model: question.model,
    tags: exchange?.tags ?? NO_TAGS,
    client: exchange?.client,
    prompt: () => request,
    wallMs: parts.clock.wallMs(),
    random: parts.random,
  });
  const small: SmallRequest<ChatResponse> = {
    routing,
    ...(question.provider !== undefined && { forced: [{ provider: question.provider }] }),
    anyModel: true,
    can: () => true,
    cannot: ({ provider }) => `provider '${provider.name}' cannot be asked`,
    write: (target) => ({ ...written(target, request, exchange ?? parts.guards), timeoutMs: question.timeoutMs ?? 0 }),
    read: (body, target) => answerIn(body, target, request),
  };
  const { value: response, target, model } = await askJson(small, parts, signal);
  const usage = response.usage ?? estimateUsage(request, response, target.provider.half.dialect);
  exchange?.billed.push({ provider: target.provider, model, usage });
  return { text: textOf(response.parts), response };
}

function requestOf({ model, system, prompt, maxOutputTokens, output }: ModelQuestion): ChatRequest {
  return {
    ...emptyRequest("openai", model),
    system: system === undefined ? [] : [{ type: "text", text: system }],
    messages: [{ role: "user", parts: [{ type: "text", text: prompt }] }],
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(output && { output }),
  };
}

/** What the target's API has no place for is left out: there is no client to tell. */
function written(target: Target, request: ChatRequest, by: Exchange | Guards) {
  const { provider } = target;
  const adapted =
    by instanceof Guards ? (by.at(target)?.request(request) ?? request) : by.adapted(target, request).request;
  const half = translatingHalf(provider.half, adapted);
  const model = upstreamModel(provider, target.model);
  const info = modelInfo(provider, target.model);
  const body = half.writeRequest(adapted, { model, info, quirks: provider.quirks }, new Losses(half.support));
  return { path: half.path(model, false), headers: half.headers(adapted, {}), body: JSON.stringify(body) };
}

function answerIn(body: Json, { provider }: Target, request: ChatRequest): ChatResponse {
  const answer = reduceEvents(translatingHalf(provider.half, request).readResponse(body));
  if (answer.failure) throw new Error(answer.failure.message);
  return answer.response();
}
