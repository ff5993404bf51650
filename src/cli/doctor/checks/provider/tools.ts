import type { Conversations } from "../../../../conversation/conversations.ts";
import type { Clock } from "../../../../core/clock.ts";
import type { ChatRequest } from "../../../../core/request.ts";
import type { Pricing } from "../../../../cost/pricing.ts";
import { type AskedOnce, type AskOnceOptions, askOnce } from "../../../../pipeline/small/ask-once.ts";
import type { Chain } from "../../../../routing/chain.ts";
import type { Provider } from "../../../../upstream/provider.ts";
import type { Transports } from "../../../../upstream/transports.ts";
import type { Finding } from "../../finding.ts";
import type { Spending } from "../../spending.ts";
import type { ClockReading } from "../machine/clock.ts";

/** What providers are looked at with. */
export interface ProviderTools {
  readonly transports: Transports;
  readonly conversations: Conversations;
  readonly clock: Clock;
  readonly chain: Chain;
  readonly pricing: Pricing;
  readonly spending: Spending;
  /** How long one question may take, ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** False: nothing that is paid for is asked. */
  readonly mayAsk: boolean;
  /** The model to ask, instead of one that is chosen. */
  readonly model: string | undefined;
}

/** A provider, and what was found of it so far: it is told of even when the looking is broken off. */
export interface ProviderLook {
  readonly provider: Provider;
  readonly findings: Finding[];
  readonly readings: ClockReading[];
  /** The model that answered, as it is called in the router. */
  model?: string;
  isDone: boolean;
}

/** Sends one request through the router's own wire code, and counts what it cost. */
export async function ask(
  provider: Provider,
  request: ChatRequest,
  tools: ProviderTools,
  more: Pick<AskOnceOptions, "cancelAfter"> = {},
): Promise<AskedOnce> {
  const { timeoutMs, signal } = tools;
  const asked = await askOnce({ provider, model: request.model }, request, tools, { timeoutMs, signal, ...more });
  const wasSent = !asked.losses.some((loss) => loss.class === "reject");
  if (wasSent) tools.spending.add(provider, provider.aliases.get(request.model) ?? request.model, request, asked);
  return asked;
}
