import { z } from "zod";
import { globs } from "../../core/glob.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ChatRequest, Reasoning } from "../../core/request.ts";
import { definePlugin } from "../define.ts";

const tokens = z.int().min(1).optional();
const limits = {
  limit: tokens.describe("The most tokens an answer may have, thinking included; requests for more get this."),
  default: tokens.describe("What requests get that ask for no number. Omitted: the limit."),
};
const rule = z
  .strictObject({
    models: z
      .array(z.string().min(1))
      .min(1)
      .describe("Models as the client names them; `*` and `?` stand for what may differ."),
    ...limits,
  })
  .superRefine(checkOrder);

/** Anthropic takes no smaller budget. */
const SMALLEST_BUDGET = 1024;
/** Of an answer; the rest is for what is said after thinking. */
const THINKING_SHARE = 0.75;

/** What is asked of an answer, and what of its thinking. */
type Asked = Pick<ChatRequest, "maxOutputTokens" | "reasoning">;
interface Limits {
  limit?: number | undefined;
  default?: number | undefined;
}

/** Bounds how long answers may be. */
export const maxTokens = definePlugin({
  name: "max-tokens",
  schema: z
    .strictObject({
      ...limits,
      rules: z
        .array(rule)
        .default([])
        .describe("For some models: the first rule that takes the model; what it leaves out is as above."),
    })
    .superRefine(checkOrder),
  ownerOnly: ["limit", "default", "rules"],
  create({ rules, ...general }) {
    const ready = rules.map(({ models, ...own }) => ({ takes: globs(models), own }));
    return {
      pre_request(exchange) {
        const { request } = exchange;
        const own = ready.find(({ takes }) => takes(request.model))?.own;
        const limited = within(request, {
          limit: own?.limit ?? general.limit,
          default: own?.default ?? general.default,
        });
        if (!limited) return "continue";
        const { maxOutputTokens: before } = request;
        const { maxOutputTokens: now, reasoning } = limited;
        if (before !== undefined) exchange.warn(...told(before, now, request.reasoning, reasoning));
        const { reasoning: _, ...rest } = request;
        exchange.request = { ...rest, maxOutputTokens: now, ...(reasoning && { reasoning }) };
        return "modified";
      },
    };
  },
});

/** What is asked for instead; undefined: it may stay as it is. */
function within({ maxOutputTokens: asked, reasoning }: Asked, limits: Limits): Limited | undefined {
  const { limit = Number.POSITIVE_INFINITY } = limits;
  const budget = reasoning?.budgetTokens;
  // A default is for the words; a client that gave thinking a budget meant that besides.
  const usual = limits.default === undefined ? limit : limits.default + (budget ?? 0);
  const allowed = Math.min(asked ?? usual, limit);
  if (allowed === asked || allowed === Number.POSITIVE_INFINITY) return undefined;
  const hasRoom = limits.default !== undefined && allowed === usual;
  return {
    maxOutputTokens: allowed,
    ...(reasoning && { reasoning: hasRoom ? reasoning : fitting(reasoning, allowed) }),
  };
}

interface Limited {
  maxOutputTokens: number;
  reasoning?: Reasoning;
}

/** Thinking that leaves room for an answer: providers refuse a budget that is not smaller than the limit. */
function fitting(reasoning: Reasoning, limit: number): Reasoning {
  const { budgetTokens, ...rest } = reasoning;
  if (budgetTokens === undefined || budgetTokens <= limit * THINKING_SHARE) return reasoning;
  if (limit <= SMALLEST_BUDGET) return { mode: "off" };
  return { ...rest, budgetTokens: Math.max(SMALLEST_BUDGET, Math.floor(limit * THINKING_SHARE)) };
}

function told(
  before: number,
  now: number,
  thought: Reasoning | undefined,
  thinks: Reasoning | undefined,
): [message: string, details: JsonObject] {
  const [budget, fitted] = [thought?.budgetTokens, thinks?.budgetTokens];
  const message = `the answer may have ${now} tokens instead of ${before}`;
  const details: JsonObject = { asked: before, limit: now };
  if (budget === fitted) return [message, details];
  const thinking = fitted === undefined ? "and there is no room to think" : `of them ${fitted} for thinking`;
  return [`${message}, ${thinking}`, { ...details, budget_asked: budget, budget: fitted ?? 0 }];
}

function checkOrder({ limit, default: usual }: Limits, context: z.core.$RefinementCtx): void {
  if (limit !== undefined && usual !== undefined && usual > limit)
    context.addIssue({ code: "custom", path: ["default"], message: `may not be more than the limit, ${limit}` });
}
