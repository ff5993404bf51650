import { asObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { tokenCount } from "../../core/usage.ts";
import type { TokenCountHalf } from "../format.ts";
import { modelPath } from "./model-path.ts";
import { writeRequest } from "./request/write/write-request.ts";
import { geminiSupport } from "./support.ts";

/** `:countTokens`. Only inside `generateContentRequest` are tools and system prompt counted. */
export const geminiTokenCount: TokenCountHalf = {
  path: (model) => modelPath(model, "countTokens"),
  writeRequest(request, target) {
    const whole = writeRequest(request, target, new Losses(geminiSupport));
    const model = target.model.includes("/") ? target.model : `models/${target.model}`;
    return { generateContentRequest: { model, ...whole } };
  },
  readResponse: (body) => tokenCount(asObject(body)?.["totalTokens"]),
};
