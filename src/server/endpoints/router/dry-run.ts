import type { z } from "zod";
import { type DryRun as Answer, dryRunQuerySchema, dryRunSchema } from "../../../api/routing.ts";
import { ROUTER_ERRORS, RouterError } from "../../../core/errors.ts";
import { asString } from "../../../core/json.ts";
import { NO_COST } from "../../../cost/cost.ts";
import type { ComparedTarget, DryRun } from "../../../pipeline/decision/dry-run.ts";
import type { Dispatch } from "../../../pipeline/dispatch.ts";
import { anthropicClient } from "../../../wire/anthropic/client.ts";
import type { ClientHalf, PathModel } from "../../../wire/format.ts";
import { geminiClient } from "../../../wire/gemini/client.ts";
import { bareModel } from "../../../wire/gemini/request/read/read-request.ts";
import { ollamaClient } from "../../../wire/ollama/client.ts";
import { ollamaGenerateClient } from "../../../wire/ollama-generate/client.ts";
import { openaiClient } from "../../../wire/openai/client.ts";
import { openaiCompletionsClient } from "../../../wire/openai-completions/client.ts";
import { responsesClient } from "../../../wire/openai-responses/client.ts";
import { type Call, sendRouterError } from "../../call.ts";
import { type Body, parseBody, readBody } from "../../read-body.ts";
import { type Called, incomingOf } from "../chat.ts";
import { type RouterRoute, readQuery, sendShape } from "./describe.ts";
import type { RouterRouteParts } from "./parts.ts";

type Query = z.output<typeof dryRunQuerySchema>;

const CLIENTS: Record<Query["client"], ClientHalf> = {
  openai: openaiClient,
  "openai-responses": responsesClient,
  "openai-completions": openaiCompletionsClient,
  anthropic: anthropicClient,
  gemini: geminiClient,
  ollama: ollamaClient,
  "ollama-generate": ollamaGenerateClient,
};

export function dryRunRoute(parts: RouterRouteParts): RouterRoute {
  return {
    method: "POST",
    path: "/router/route",
    summary: "Where a request would go, and why. Nothing is sent.",
    query: dryRunQuerySchema,
    body: "A chat request, as a client of the API sends it.",
    answer: dryRunSchema,
    errors: { 400: "The body is none of the API's; told in the API's own shape." },
    endpoint: (call) => answer(call, parts),
  };
}

async function answer(call: Call, parts: RouterRouteParts): Promise<void> {
  const query = readQuery(dryRunQuerySchema, call.search);
  const client = CLIENTS[query.client];
  const path = pathOf(query);
  const { max_body_mb, max_body_items } = parts.config.server;
  const raw = await readBody(call.req, max_body_mb * 1024 * 1024);
  let told: Answer;
  try {
    told = await dryRunAnswer(parseBody(raw, max_body_items), query.client, path, call, parts.dispatch);
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return sendRouterError(call.res, client, error);
  }
  sendShape(call.res, dryRunSchema, told);
}

/** Rejects with a `RouterError` for a body that is none of the client's API. */
export async function dryRunAnswer(
  { raw, body }: Body,
  client: Query["client"],
  path: PathModel | undefined,
  called: Called,
  dispatch: Dispatch,
): Promise<Answer> {
  const half = CLIENTS[client];
  if (half.answerAtOnce?.(body, Date.now())) return ownAnswer(client, asString(body["model"]) ?? "");
  return answerOf(client, await dispatch.dryRun(() => incomingOf(called, half, dispatch, { raw, body, path })));
}

/** Throws `bad_request`. */
export function pathOf({ client, model }: Query): PathModel | undefined {
  if (client !== "gemini") return undefined;
  if (model !== undefined) return { model: bareModel(model), stream: false };
  throw new RouterError("bad_request", "bodies of gemini do not name the model: add ?model=", { param: "model" });
}

/** Ollama's way to have a model loaded. */
function ownAnswer(client: Query["client"], model: string): Answer {
  return {
    client,
    requested_model: model,
    tags: [],
    plugins: [],
    unasked: [],
    needs: [],
    verdicts: [],
    targets: [],
    error: "it asks nothing of a model: the router answers it itself",
    losses: [],
    input_tokens: 0,
    input_cost: { ...NO_COST },
    expected: null,
    affinity: null,
    prefer: null,
  };
}

function answerOf(client: Query["client"], told: DryRun): Answer {
  return {
    client,
    requested_model: told.requestedModel,
    tags: told.tags,
    plugins: told.plugins,
    unasked: told.unasked,
    needs: told.needs,
    verdicts: told.verdicts.map(({ compared, ...verdict }) => ({
      ...verdict,
      ...(compared && { compared: compared.map(comparedOf) }),
    })),
    targets: told.targets.map(({ holdMs, ...target }) => ({ ...target, hold_ms: Math.round(holdMs) })),
    error: told.error ? `${told.error.message}. ${ROUTER_ERRORS[told.error.code].remedy}` : null,
    losses: [...told.losses],
    input_tokens: told.inputTokens,
    input_cost: told.inputCost,
    expected: told.expected ? expectedOf(told.expected) : null,
    affinity: told.affinity ? affinityOf(told.affinity) : null,
    prefer: told.prefer ?? null,
  };
}

function comparedOf({ numbers, ...target }: ComparedTarget) {
  return {
    ...target,
    numbers: numbers.map(({ name, known: { value, source, samples } }) => {
      return { name, value, source, ...(samples !== undefined && { samples }) };
    }),
  };
}

function expectedOf({ tokens, cost }: NonNullable<DryRun["expected"]>): Answer["expected"] {
  return { input_tokens: tokens.input, cached_tokens: tokens.cached, output_tokens: tokens.output, cost };
}

function affinityOf({ provider, model, cachedTokens }: NonNullable<DryRun["affinity"]>): Answer["affinity"] {
  return { provider, model, cached_tokens: cachedTokens };
}
