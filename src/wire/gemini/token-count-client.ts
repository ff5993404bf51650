import { asObject } from "../../core/json.ts";
import type { TokenCountClientHalf } from "../format.ts";
import { readRequest } from "./request/read/read-request.ts";

/** `:countTokens`: contents, or a whole request with its tools and system instruction. */
export const geminiCountClient: TokenCountClientHalf = {
  readRequest(body, headers, path) {
    const whole = asObject(body["generateContentRequest"] ?? body["generate_content_request"]);
    return readRequest(whole ?? body, headers, path);
  },
  writeResponse: (tokens) => ({ totalTokens: tokens }),
};
