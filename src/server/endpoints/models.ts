import { RouterError } from "../../core/errors.ts";
import type { ModelInfo } from "../../core/model.ts";
import {
  writeModelList as writeAnthropicList,
  writeModel as writeAnthropicModel,
} from "../../wire/anthropic/models.ts";
import type { Headers } from "../../wire/format.ts";
import { bareModel } from "../../wire/gemini/request/read/read-request.ts";
import { writeModelList as writeGeminiList, writeModel as writeGeminiModel } from "../../wire/gemini/write-models.ts";
import { writePs, writeShow, writeTags, writeVersion } from "../../wire/ollama/models.ts";
import { writeModel, writeModelList } from "../../wire/openai/models.ts";
import { writeCodexModels } from "../../wire/openai-responses/codex-models.ts";
import { type Call, type Endpoint, sendJson } from "../call.ts";
import { readJson } from "../read-body.ts";

/** Of a body that names a model. */
const SHOW_LIMITS = { bytes: 64 * 1024, items: 100 };

/** What models there are, for clients of every API: all read the one list. */
export interface ModelEndpoints {
  list: Endpoint;
  one: Endpoint;
  gemini: Endpoint;
  geminiOne: Endpoint;
  tags: Endpoint;
  ps: Endpoint;
  show: Endpoint;
  version: Endpoint;
}

/** `routable`: whether some rule takes the name, for models no provider lists. */
export function modelEndpoints(models: () => ModelInfo[], routable: (model: string) => boolean): ModelEndpoints {
  return {
    list: (call) => list(call, models()),
    one: (call) => one(call, models()),
    gemini: (call) => sendJson(call.res, 200, writeGeminiList(models())),
    geminiOne: (call) => geminiOne(call, models()),
    tags: (call) => sendJson(call.res, 200, writeTags(models())),
    ps: (call) => sendJson(call.res, 200, writePs(models())),
    show: async (call) => {
      const { body } = await readJson(call.req, SHOW_LIMITS);
      const name = body["model"] ?? body["name"];
      if (typeof name !== "string" || name === "")
        throw new RouterError("bad_request", "model is required", { param: "model" });
      sendJson(call.res, 200, writeShow(shown(models(), name, routable)));
    },
    version: (call) => sendJson(call.res, 200, writeVersion()),
  };
}

/**
 * Four kinds of clients ask the same path: Codex names its version, Gemini's bring Google's headers, Anthropic's name their
 * API's version, all others are OpenAI's.
 */
function list(call: Call, models: ModelInfo[]): void {
  if (speaksGemini(call.req.headers)) sendJson(call.res, 200, writeGeminiList(models));
  else if (call.search.has("client_version")) sendJson(call.res, 200, writeCodexModels(models));
  else if (isAnthropic(call)) sendJson(call.res, 200, writeAnthropicList(models, call.search));
  else sendJson(call.res, 200, writeModelList(models));
}

/** Claude Code, looking what a gateway has, is known by the key's header or by the page it asks for (OpenAI's lists have none). */
function isAnthropic({ req, search }: Call): boolean {
  if (req.headers["anthropic-version"] !== undefined || req.headers["x-api-key"] !== undefined) return true;
  return ["limit", "after_id", "before_id"].some((name) => search.has(name));
}

function one(call: Call, models: readonly ModelInfo[]): void {
  if (speaksGemini(call.req.headers)) return geminiOne(call, models);
  const model = known(models, decoded(call.rest));
  sendJson(call.res, 200, isAnthropic(call) ? writeAnthropicModel(model) : writeModel(model));
}

function geminiOne(call: Call, models: readonly ModelInfo[]): void {
  sendJson(call.res, 200, writeGeminiModel(known(models, bareModel(decoded(call.rest)))));
}

/** Google's SDKs bring both, Gemini CLI too. */
export function speaksGemini(headers: Headers): boolean {
  return headers["x-goog-api-key"] !== undefined || headers["x-goog-api-client"] !== undefined;
}

/** As it is when it is not percent-encoded text: no model is called so. */
export function decoded(rest: string): string {
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

/** Ollama's clients ask before they chat: a model that a rule takes is described as far as it goes. */
function shown(models: readonly ModelInfo[], name: string, routable: (model: string) => boolean): ModelInfo {
  const listed = models.some(({ id }) => id === name || id === `${name}:latest`);
  return listed || !routable(name) ? known(models, name) : { id: name };
}

/** Ollama's clients leave out `:latest`. */
function known(models: readonly ModelInfo[], name: string): ModelInfo {
  const model = models.find(({ id }) => id === name) ?? models.find(({ id }) => id === `${name}:latest`);
  if (!model) throw new RouterError("not_found", `model '${name}' not found`, { param: "model" });
  return model;
}
