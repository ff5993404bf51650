import type { Part } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { Headers, ProviderHalf, TargetInfo } from "../format.ts";
import { tierOf } from "../service-tier.ts";
import { PLAIN_TOOL_NAMES } from "../tools/tool-names.ts";
import { readResponse } from "./answer/read-response.ts";
import { readStream } from "./answer/read-stream.ts";
import { hasForeignCitation } from "./citations.ts";
import { readFailure } from "./errors.ts";
import { isForeignSearch } from "./hosted.ts";
import { rulesOf } from "./models-rules.ts";
import { writeRequest } from "./request/write-request.ts";
import { anthropicSupport } from "./support.ts";

/** The last version that takes sampling parameters; newer ones are used only when the client asks in one of them. */
const VERSION = "2023-06-01";

/** Some models want it beside `speed: "fast"`; to all others it says nothing. */
const FAST_BETA = "fast-mode-2026-02-01";

/** What providers of the Anthropic Messages API hear and say. */
export const anthropicProvider: ProviderHalf = {
  dialect: "anthropic",
  toolNames: PLAIN_TOOL_NAMES,
  support: anthropicSupport,
  path: () => "/messages",
  writeRequest,
  mustRewrite,
  continues,
  headers,
  readResponse,
  readStream,
  readError: readFailure,
};

/** Claude refuses thinking that is not signed, and sources without their encrypted index; its imitators may not. */
function mustRewrite(request: ChatRequest, model: string): boolean {
  return rulesOf(model).known && request.messages.some(({ parts }) => parts.some(isForeign));
}

/** The newer Claude models refuse a last assistant message, and thinking beside one is refused by all. */
function continues({ reasoning }: ChatRequest, { model }: TargetInfo): boolean {
  const { known, prefill } = rulesOf(model);
  return known && prefill && (!reasoning || reasoning.mode === "off" || reasoning.effort === "none");
}

function isForeign(part: Part): boolean {
  if (part.type === "reasoning") return !part.state;
  if (part.type === "opaque") return isForeignSearch(part);
  return part.type === "text" && part.citations !== undefined && hasForeignCitation(part.citations);
}

function headers(request: ChatRequest, client: Headers): Record<string, string> {
  const version = request.dialect === "anthropic" ? joined(client["anthropic-version"]) : undefined;
  const fast = request.dialect !== "anthropic" && tierOf(request) === "fast";
  const beta = joined([client["anthropic-beta"] ?? [], fast ? FAST_BETA : []].flat());
  return { "anthropic-version": version ?? VERSION, ...(beta !== undefined && { "anthropic-beta": beta }) };
}

function joined(header: string | string[] | undefined): string | undefined {
  const value = Array.isArray(header) ? header.join(",") : header;
  return value === "" ? undefined : value;
}
