import type { Failure } from "../../core/failure.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ChatResponse } from "../../core/response.ts";
import { NO_COST } from "../../cost/cost.ts";
import { estimateUsage } from "../../pipeline/estimate-usage.ts";
import { type AskedOnce, type AskOnceParts, askOnce } from "../../pipeline/small/ask-once.ts";
import { turnAt } from "../../pipeline/small/turn.ts";
import { loggedResponse } from "../../record/content.ts";
import { contentOf } from "../../record/content-policy.ts";
import type { Limiter } from "../../resilience/limiter.ts";
import { JsonFailure } from "../../upstream/transports.ts";
import type { Askable } from "./askable.ts";
import { compare } from "./compare.ts";
import { costOfUsage, costWith, type Outlook } from "./outlook.ts";
import type { ArmAnswer } from "./result.ts";

/** What arms are asked with. */
export interface ArmTools extends AskOnceParts {
  readonly limiter: Limiter;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const FULL = contentOf("full");
const NOT_SENT = "not_sent";
/** Whoever fails like this may have made an answer all the same, and sends the bill for it. */
const MAY_BE_BILLED: ReadonlySet<Failure["kind"]> = new Set(["timeout", "cut", "malformed", "client-gone"]);

/** Asks an arm for an answer of at most so many tokens: on the way of every client's request, but once. Never rejects but for bugs. */
export async function askArm(
  outlook: Outlook,
  { request, logged }: Askable,
  maxOutputTokens: number,
  tools: ArmTools,
): Promise<ArmAnswer> {
  const { provider } = outlook.arm;
  const asked = { ...request, model: outlook.model, maxOutputTokens };
  const { response, failure, losses, ms, pieces, isSent } = await inTurn(outlook, asked, tools);
  const refused = losses.filter((loss) => loss.class === "reject");
  const usage = response.usage?.output ? response.usage : estimateUsage(asked, response, provider.half.dialect);
  const { content, tool_calls, stop_reason } = loggedResponse(response, [], FULL);
  const answer = {
    text: content,
    tool_calls: tool_calls.map(({ name, arguments: input }) => ({ name, arguments: input })),
  };
  const isOk = !failure && refused.length === 0;
  const isBilled = isSent && (!failure || pieces > 0 || MAY_BE_BILLED.has(failure.kind));
  return {
    arm: outlook.arm.name,
    provider: provider.name,
    model: outlook.sentModel,
    outcome: refused.length > 0 ? NOT_SENT : (failure?.kind ?? "ok"),
    error:
      refused.length > 0
        ? refused.map((loss) => `${loss.field}: ${loss.treatment}`).join("; ")
        : (failure?.message ?? null),
    ...answer,
    finish: isOk ? stop_reason : null,
    input_tokens: isOk ? usage.input : 0,
    output_tokens: isOk ? usage.output : 0,
    cost: isBilled ? (isOk ? costOfUsage(outlook, usage) : costWith(outlook, maxOutputTokens)) : NO_COST,
    ms: Math.round(ms),
    max_output_tokens: maxOutputTokens,
    losses: losses.map(({ field, treatment, class: level }) => ({ field, treatment, class: level })),
    ...(isOk ? compare(logged, answer) : { similarity: null, same_tools: null, same_arguments: null }),
  };
}

const NOTHING: ChatResponse = { id: "", model: "", parts: [], finish: { reason: "other" } };

interface Sent extends Pick<AskedOnce, "response" | "losses" | "ms" | "pieces"> {
  failure?: Failure;
  isSent: boolean;
}

/** When the provider's limits let it: waiting for that is none of the answer's time. */
async function inTurn(
  { arm: { provider }, model, sentModel }: Outlook,
  request: ChatRequest,
  tools: ArmTools,
): Promise<Sent> {
  const { limiter, timeoutMs, signal } = tools;
  try {
    const slot = await turnAt(limiter, provider, sentModel, signal);
    try {
      const asked = await askOnce({ provider, model }, request, tools, { timeoutMs, signal });
      if (!asked.failure) slot?.answered();
      return { ...asked, isSent: !asked.losses.some((loss) => loss.class === "reject") };
    } finally {
      slot?.release();
    }
  } catch (error) {
    if (!(error instanceof JsonFailure)) throw error;
    return { response: NOTHING, failure: error.failure, losses: [], ms: 0, pieces: 0, isSent: false };
  }
}
