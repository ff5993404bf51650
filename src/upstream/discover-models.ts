import type { Json } from "../core/json.ts";
import type { ModelInfo } from "../core/model.ts";
import { readModels as readAnthropicModels } from "../wire/anthropic/models.ts";
import { readModelPage } from "../wire/gemini/listed-models.ts";
import { readShow, readTags } from "../wire/ollama/models.ts";
import { readModels as readOpenaiModels } from "../wire/openai/models.ts";
import type { Provider } from "./provider.ts";
import { simulatedModels, simulatedSettings } from "./simulated/settings.ts";

/** How discovery asks a provider; `Transports.requestJson` is one. Rejects when there is no answer. */
export type RequestJson = (
  provider: Provider,
  request: {
    method: "GET" | "POST";
    path: string;
    headers?: Readonly<Record<string, string>>;
    body?: string;
    timeoutMs: number;
  },
) => Promise<{ status: number; body: Json | undefined }>;

/** What was learnt of an Ollama model, and of which build of it. */
export type ShownModels = Map<string, { digest: string; shown: Partial<ModelInfo> }>;

const TIMEOUT_MS = 10_000;
/** Questions to one Ollama server at a time: it loads a model's file for each. */
const LANES = 4;
const MAX_PAGES = 20;

/** The models a provider says it has. Throws an Error that says what went wrong, without what the provider's answer said. */
export async function discoverModels(
  provider: Provider,
  request: RequestJson,
  shown: ShownModels,
): Promise<ModelInfo[]> {
  switch (provider.half.dialect) {
    case "simulated":
      return simulatedModels(simulatedSettings(provider.config));
    case "ollama":
      return discoverOllama(provider, request, shown);
    case "anthropic": {
      const headers = { "anthropic-version": "2023-06-01" };
      return readAnthropicModels(await get(provider, request, "/models?limit=1000", headers));
    }
    case "gemini":
      return discoverGemini(provider, request);
    default:
      return readOpenaiModels(await get(provider, request, "/models")).map(withoutFolder);
  }
}

/** A page holds at most 1000 models; a provider that never stops is stopped. */
async function discoverGemini(provider: Provider, request: RequestJson): Promise<ModelInfo[]> {
  const models: ModelInfo[] = [];
  let query = "pageSize=1000";
  for (let page = 0; page < MAX_PAGES; page++) {
    const { models: found, next } = readModelPage(await get(provider, request, `/models?${query}`));
    models.push(...found);
    if (next === undefined) break;
    query = `pageSize=1000&pageToken=${encodeURIComponent(next)}`;
  }
  return models;
}

/** Gemini's OpenAI-compatible address lists `models/gemini-…`, but takes, and is asked for, the bare name. */
function withoutFolder(model: ModelInfo): ModelInfo {
  return model.id.startsWith("models/") ? { ...model, id: model.id.slice("models/".length) } : model;
}

/** The list tells a model's build, so only new builds are asked what they can do. */
async function discoverOllama(provider: Provider, request: RequestJson, shown: ShownModels): Promise<ModelInfo[]> {
  const models = readTags(await get(provider, request, "/api/tags"));
  const isNew = ({ id, digest }: ModelInfo) => digest === undefined || shown.get(id)?.digest !== digest;
  const fresh = new Map<string, Partial<ModelInfo>>();
  await inLanes(models.filter(isNew), async (model) => {
    const details = await show(provider, request, model.id);
    if (details === undefined) return;
    fresh.set(model.id, details);
    if (model.digest !== undefined) shown.set(model.id, { digest: model.digest, shown: details });
  });
  const present = new Set(models.map(({ id }) => id));
  for (const id of shown.keys()) if (!present.has(id)) shown.delete(id);
  return models.map((model) => ({
    ...model,
    ...(fresh.get(model.id) ?? (isNew(model) ? {} : shown.get(model.id)?.shown)),
  }));
}

/** Undefined when it would not say: the model then counts as unknown, and is asked again next time. */
async function show(provider: Provider, request: RequestJson, model: string): Promise<Partial<ModelInfo> | undefined> {
  try {
    const body = JSON.stringify({ model });
    const answer = await request(provider, { method: "POST", path: "/api/show", body, timeoutMs: TIMEOUT_MS });
    return answer.status === 200 && answer.body !== undefined ? readShow(answer.body, model) : undefined;
  } catch {
    return undefined;
  }
}

/** The status alone is told on: error bodies of some providers quote the key. */
async function get(
  provider: Provider,
  request: RequestJson,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Json> {
  const { status, body } = await request(provider, { method: "GET", path, headers, timeoutMs: TIMEOUT_MS });
  if (status !== 200) throw new Error(`status ${status}`);
  if (body === undefined) throw new Error("the answer is not JSON");
  return body;
}

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(LANES, items.length) }, lane));
}
