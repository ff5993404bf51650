import type { Log } from "../core/log.ts";
import type { ModelInfo } from "../core/model.ts";
import type { Dispatch } from "../pipeline/dispatch.ts";
import type { Feed } from "../record/feed.ts";
import type { Metrics } from "../record/metrics/metrics.ts";
import type { Health } from "../resilience/health.ts";
import type { Chain } from "../routing/chain.ts";
import { type Fleet, modelInfo } from "../upstream/provider.ts";
import type { Transports } from "../upstream/transports.ts";
import { anthropicClient } from "../wire/anthropic/client.ts";
import { anthropicCountClient } from "../wire/anthropic/count-tokens.ts";
import type { ClientHalf } from "../wire/format.ts";
import { geminiClient } from "../wire/gemini/client.ts";
import { ollamaClient } from "../wire/ollama/client.ts";
import { ollamaEmbedClient, ollamaEmbeddingsClient } from "../wire/ollama/embeddings.ts";
import { ollamaGenerateClient } from "../wire/ollama-generate/client.ts";
import { openaiClient } from "../wire/openai/client.ts";
import { openaiEmbeddingClient } from "../wire/openai/embeddings.ts";
import { openaiCompletionsClient } from "../wire/openai-completions/client.ts";
import { responsesClient } from "../wire/openai-responses/client.ts";
import { inputTokensClient } from "../wire/openai-responses/input-tokens.ts";
import { type Endpoint, type Route, sendText } from "./call.ts";
import type { Company, Watching } from "./company.ts";
import { chatEndpoint } from "./endpoints/chat.ts";
import { countTokensEndpoint } from "./endpoints/count-tokens.ts";
import { pageEndpoints } from "./endpoints/dashboard.ts";
import { embeddingEndpoint } from "./endpoints/embeddings.ts";
import { feedEndpoint } from "./endpoints/feed.ts";
import { geminiEndpoint } from "./endpoints/gemini.ts";
import { metricsEndpoint } from "./endpoints/metrics.ts";
import { modelEndpoints } from "./endpoints/models.ts";
import { readyEndpoint } from "./endpoints/ready.ts";
import { responseEndpoints } from "./endpoints/responses.ts";
import type { RouterRouteParts } from "./endpoints/router/parts.ts";
import { routerRoutes } from "./endpoints/router/routes.ts";
import { signInEndpoint } from "./endpoints/sign-in.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Overload } from "./overload.ts";
import type { BodyLimits } from "./read-body.ts";
import { WEB_FOLDER, WebPage } from "./web-page.ts";

export interface RouteParts {
  dispatch: Dispatch;
  chain: Chain;
  fleet: Fleet;
  transports: Transports;
  feed: Feed;
  models: () => ModelInfo[];
  bodyLimits: BodyLimits;
  dashboard: boolean;
  /** Absent: there is no /metrics. */
  metrics: Metrics | undefined;
  overload: Overload;
  lifecycle: Lifecycle;
  /** For /ready. */
  health?: Pick<Health, "snapshot">;
  company: Company;
  watching: Watching;
  /** For what is under /router. */
  router: RouterRouteParts;
  log: Log;
}

/** Every route there is. What OpenAI and Anthropic have under /v1 answers without it too: base URLs are often set so. */
export function buildRoutes(parts: RouteParts): Route[] {
  const { dispatch, feed, bodyLimits } = parts;
  const chat = (client: ClientHalf) => chatEndpoint(client, dispatch, bodyLimits);
  const { clock, random } = dispatch.parts;
  const models = modelEndpoints(parts.models, (model) => {
    const asked = {
      model,
      tags: new Set<string>(),
      needs: [],
      wallMs: clock.wallMs(),
      random,
      header: () => undefined,
      modelInfo,
    };
    return parts.chain.decide(asked).target !== undefined;
  });
  const { responses } = dispatch.parts.conversations;
  const stored = responseEndpoints({ ...parts, responses });
  const inFlight = () => dispatch.parts.underway.count;
  /** What a model answers, and other work for providers: refused while there is too much of it. */
  const post = (path: string, client: ClientHalf, endpoint: Endpoint): Route => ({
    method: "POST",
    path,
    client,
    endpoint: parts.overload.guarded(client, endpoint, inFlight),
  });
  const versioned = [
    post("/chat/completions", openaiClient, chat(openaiClient)),
    post("/completions", openaiCompletionsClient, chat(openaiCompletionsClient)),
    post("/responses", responsesClient, chat(responsesClient)),
    post(
      "/responses/input_tokens",
      responsesClient,
      countTokensEndpoint(responsesClient, inputTokensClient, { ...parts, expand: stored.expand }),
    ),
    post("/messages", anthropicClient, chat(anthropicClient)),
    post("/messages/count_tokens", anthropicClient, countTokensEndpoint(anthropicClient, anthropicCountClient, parts)),
    post("/embeddings", openaiClient, embeddingEndpoint("openai", openaiEmbeddingClient, parts)),
    post("/responses/compact", responsesClient, stored.compact),
    get("/responses/*", responsesClient, stored.one),
    { ...get("/responses/*", responsesClient, stored.remove), method: "DELETE" as const },
    get("/models", openaiClient, models.list),
    get("/models/*", openaiClient, models.one),
    post("/models/*", geminiClient, geminiEndpoint("models/", parts)),
    post("/tunedModels/*", geminiClient, geminiEndpoint("tunedModels/", parts)),
  ];
  return [
    ...both("/health", openaiClient, ({ res }) => sendText(res, 200, "ok")).map((route) => ({ ...route, open: true })),
    ...both("/ready", openaiClient, readyEndpoint({ ...parts, inFlight })).map((route) => ({ ...route, open: true })),
    ...versioned.map((route) => ({ ...route, path: `/v1${route.path}` })),
    ...versioned,
    get("/v1beta/models", geminiClient, models.gemini),
    get("/v1beta/models/*", geminiClient, models.geminiOne),
    post("/v1beta/*", geminiClient, geminiEndpoint("", parts)),
    post("/api/chat", ollamaClient, chat(ollamaClient)),
    post("/api/generate", ollamaGenerateClient, chat(ollamaGenerateClient)),
    post("/api/embed", ollamaClient, embeddingEndpoint("ollama", ollamaEmbedClient, parts)),
    post("/api/embeddings", ollamaClient, embeddingEndpoint("ollama-generate", ollamaEmbeddingsClient, parts)),
    ...both("/api/tags", ollamaClient, models.tags),
    get("/api/ps", ollamaClient, models.ps),
    { ...get("/api/show", ollamaClient, models.show), method: "POST" as const },
    ...both("/api/version", ollamaClient, models.version),
    ...both("/", ollamaClient, ({ res }) => sendText(res, 200, "Ollama is running")),
    ...owners(parts.company.forward, [
      ...routerRoutes(parts.router).map(({ method, path, endpoint }) =>
        method === "POST" ? post(path, openaiClient, endpoint) : get(path, openaiClient, endpoint),
      ),
      ...(parts.metrics ? [get("/metrics", openaiClient, metricsEndpoint(parts.metrics))] : []),
      ...(parts.dashboard ? dashboardRoutes(feed, parts.watching) : []),
    ]),
  ];
}

/** What tells of all clients, and is for the owner's key where there is one. */
function owners(forward: Endpoint | undefined, routes: readonly Route[]): Route[] {
  return routes.map((route) => ({ ...route, ...(forward && { endpoint: forward }), admin: true }));
}

function get(path: string, client: ClientHalf, endpoint: Endpoint): Route {
  return { method: "GET", path, client, endpoint };
}

/** Ollama's clients and load balancers look with HEAD whether it is there; node:http leaves the body out. */
function both(path: string, client: ClientHalf, endpoint: Endpoint): Route[] {
  return [get(path, client, endpoint), { method: "HEAD", path, client, endpoint }];
}

function dashboardRoutes(feed: Feed, watching: Watching): Route[] {
  const page = pageEndpoints(new WebPage(WEB_FOLDER));
  return [
    { ...get("/dashboard", openaiClient, page.shell), signIn: signInEndpoint },
    get("/dashboard/assets/*", openaiClient, page.asset),
    get("/dashboard/events", openaiClient, feedEndpoint(feed, watching)),
  ];
}
