import { RouterError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Dispatch } from "../../pipeline/dispatch.ts";
import type { Chain } from "../../routing/chain.ts";
import type { Transports } from "../../upstream/transports.ts";
import { geminiArrayClient, geminiClient } from "../../wire/gemini/client.ts";
import { geminiBatchEmbedClient, geminiEmbedClient } from "../../wire/gemini/embeddings-client.ts";
import { bareModel } from "../../wire/gemini/request/read/read-request.ts";
import { geminiCountClient } from "../../wire/gemini/token-count-client.ts";
import type { Call, Endpoint } from "../call.ts";
import type { BodyLimits } from "../read-body.ts";
import { answerChat } from "./chat.ts";
import { countTokensEndpoint } from "./count-tokens.ts";
import { answerEmbedding } from "./embeddings.ts";
import { decoded } from "./models.ts";

interface GeminiParts {
  dispatch: Dispatch;
  chain: Chain;
  transports: Transports;
  bodyLimits: BodyLimits;
  log: Log;
}

/**
 * Gemini's API names model and method in its paths: `models/M:generateContent`. `folder` is what the route's own path has
 * of that. What has no folder is a model too: Vercel's SDK asks so for every name with a slash in it.
 */
export function geminiEndpoint(folder: string, parts: GeminiParts): Endpoint {
  return (call) => {
    const { model, method } = targetOf(folder + decoded(call.rest));
    switch (method) {
      case "generateContent":
        return answerChat(call, geminiClient, parts.dispatch, parts.bodyLimits, { model, stream: false });
      case "streamGenerateContent": {
        const client = wantsEvents(call) ? geminiClient : geminiArrayClient;
        return answerChat(call, client, parts.dispatch, parts.bodyLimits, { model, stream: true });
      }
      case "countTokens":
        return countTokensEndpoint(geminiClient, geminiCountClient, parts, { model, stream: false })(call);
      case "embedContent":
        return answerEmbedding(call, "gemini", geminiEmbedClient, parts, model);
      case "batchEmbedContents":
        return answerEmbedding(call, "gemini", geminiBatchEmbedClient, parts, model);
      default:
        throw new RouterError("not_found", `no route ${call.req.method} ${call.path}`);
    }
  };
}

function targetOf(path: string): { model: string; method: string } {
  const colon = path.lastIndexOf(":");
  const method = colon === -1 ? "" : path.slice(colon + 1);
  return { model: bareModel(colon === -1 ? path : path.slice(0, colon)), method };
}

function wantsEvents({ search }: Call): boolean {
  return (search.get("alt") ?? search.get("$alt")) === "sse";
}
