import { estimateTokens } from "../../../core/estimate/estimate.ts";
import { reportedUsage } from "../../../core/usage.ts";
import { type Cost, NO_COST, sumOf } from "../../../cost/cost.ts";
import { type Provider, upstreamModel } from "../../../upstream/provider.ts";
import type { ProviderTools } from "../checks/provider/tools.ts";
import { type Finding, skipped } from "../finding.ts";
import { costHere } from "../spending.ts";
import { CASES } from "./cases/index.ts";

/** A provider's row of the table, as far as it has come. */
export interface DeepLook {
  readonly provider: Provider;
  readonly model: string;
  readonly features: Finding[];
}

/** All the cases, one after the other: a provider may take few requests at a time. What is found is in `look` at once. */
export async function runDeep(look: DeepLook, tools: ProviderTools): Promise<void> {
  const { provider, model, features } = look;
  const earlier = {};
  for (const one of CASES) {
    const why = whyNot(features);
    const finding = why === undefined ? await one.run({ provider, model, tools, earlier }) : skipped(one.name, why);
    if (tools.signal.aborted) return;
    features.push(finding);
  }
}

/** No use in asking on: nothing works, or nothing comes any more. */
function whyNot(features: readonly Finding[]): string | undefined {
  const [first] = features;
  if (first?.state === "failed") return "not asked, since the plain request failed";
  const last = features.filter(({ state }) => state !== "skipped").slice(-2);
  const isLate = last.length === 2 && last.every(({ state, text }) => state === "failed" && /^timeout/.test(text));
  return isLate ? "not asked, since nothing came of the two before" : undefined;
}

/** What asking all that will use, roughly. */
export interface Outlook {
  readonly requests: number;
  readonly tokens: number;
  readonly cost: Cost;
}

export function outlookOf(
  looks: readonly Pick<DeepLook, "provider" | "model">[],
  { pricing }: Pick<ProviderTools, "pricing">,
): Outlook {
  let requests = 0;
  let tokens = 0;
  const costs: Cost[] = [NO_COST];
  for (const { provider, model } of looks) {
    for (const { outlook, usualOutput: output } of CASES) {
      if (outlook === undefined) continue;
      const input = estimateTokens(outlook(model), provider.half.dialect);
      requests++;
      tokens += input + output;
      costs.push(costHere(provider, upstreamModel(provider, model), reportedUsage({ input, output }), pricing));
    }
  }
  return { requests, tokens, cost: sumOf(costs) };
}
