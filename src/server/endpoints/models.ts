import { RouterError } from "../../core/errors.ts";
import type { ModelInfo } from "../../core/model.ts";
import { writeModelList as writeAnthropicList } from "../../wire/anthropic/models.ts";
import { writePs, writeShow, writeTags, writeVersion } from "../../wire/ollama/models.ts";
import { writeModel, writeModelList } from "../../wire/openai/models.ts";
import { writeCodexModels } from "../../wire/openai-responses/codex-models.ts";
import { type Call, type Endpoint, sendJson } from "../call.ts";
import { parseBody, readBody } from "../read-body.ts";

/** What models there are, for clients of every API: all read the one list. */
export interface ModelEndpoints {
  list: Endpoint;
  one: Endpoint;
  tags: Endpoint;
  ps: Endpoint;
  show: Endpoint;
  version: Endpoint;
}

export function modelEndpoints(models: () => ModelInfo[]): ModelEndpoints {
  return {
    list: (call) => list(call, models()),
    one: (call) => sendJson(call.res, 200, writeModel(known(models(), decoded(call.rest)))),
    tags: (call) => sendJson(call.res, 200, writeTags(models())),
    ps: (call) => sendJson(call.res, 200, writePs(models())),
    show: async (call) => {
      const body = parseBody(await readBody(call.req, 64 * 1024));
      const name = body["model"] ?? body["name"];
      if (typeof name !== "string" || name === "")
        throw new RouterError("bad_request", "model is required", { param: "model" });
      sendJson(call.res, 200, writeShow(known(models(), name)));
    },
    version: (call) => sendJson(call.res, 200, writeVersion()),
  };
}

/** Three kinds of clients ask the same path: Codex names its version, Anthropic's its API version, all others are OpenAI's. */
function list(call: Call, models: ModelInfo[]): void {
  const { headers } = call.req;
  if (call.search.has("client_version")) sendJson(call.res, 200, writeCodexModels(models));
  else if (headers["anthropic-version"] !== undefined) sendJson(call.res, 200, writeAnthropicList(models));
  else sendJson(call.res, 200, writeModelList(models));
}

/** As it is when it is not percent-encoded text: no model is called so. */
function decoded(rest: string): string {
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

/** Ollama's clients leave out `:latest`. */
function known(models: readonly ModelInfo[], name: string): ModelInfo {
  const model = models.find(({ id }) => id === name) ?? models.find(({ id }) => id === `${name}:latest`);
  if (!model) throw new RouterError("not_found", `model '${name}' not found`, { param: "model" });
  return model;
}
