import type { z } from "zod";
import { type DryRun as Answer, dryRunQuerySchema, dryRunSchema } from "../../../api/routing.ts";
import { ROUTER_ERRORS, RouterError } from "../../../core/errors.ts";
import { asString } from "../../../core/json.ts";
import { NO_COST } from "../../../cost/cost.ts";
import type { DryRun } from "../../../pipeline/dry-run.ts";
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
import { parseBody, readBody } from "../../read-body.ts";
import { incomingOf } from "../chat.ts";
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
  const raw = await readBody(call.req, parts.config.server.max_body_mb * 1024 * 1024);
  let told: DryRun;
  try {
    const body = parseBody(raw);
    if (client.answerAtOnce?.(body, Date.now()))
      return sendShape(call.res, dryRunSchema, ownAnswer(query.client, asString(body["model"]) ?? ""));
    told = await parts.dispatch.dryRun(() => incomingOf(call, client, parts.dispatch, { raw, body, path }));
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    return sendRouterError(call.res, client, error);
  }
  sendShape(call.res, dryRunSchema, answerOf(query.client, told));
}

function pathOf({ client, model }: Query): PathModel | undefined {
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
    verdicts: told.verdicts,
    targets: told.targets.map(({ holdMs, ...target }) => ({ ...target, hold_ms: Math.round(holdMs) })),
    error: told.error ? `${told.error.message}. ${ROUTER_ERRORS[told.error.code].remedy}` : null,
    losses: [...told.losses],
    input_tokens: told.inputTokens,
    input_cost: told.inputCost,
  };
}
