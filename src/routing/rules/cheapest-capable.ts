import { z } from "zod";
import type { Fleet } from "../../upstream/provider.ts";
import { comparing, MONEY_PATIENCE } from "../compare.ts";
import { defineRule } from "../define-rule.ts";
import { CONFIGURED, costText, errorText } from "../numbers.ts";
import type { RoutingRequest, Target } from "../rule.ts";
import { holdsPrompt, listed, namesOf, providers, reserveTokens, rewritesTo, targetSchema } from "../settings.ts";

const marked = targetSchema.extend({
  quality: z.number().optional().describe("Your mark for this model; omitted: its provider's."),
});

/** A target, and how good its owner says it is. */
interface Marked extends Target {
  quality: number;
}

/** The cheapest, by what this request is expected to cost, of those that are good enough and can do it. */
export const cheapestCapable = defineRule({
  name: "cheapest-capable",
  schema: z.strictObject({
    min_quality: z.number().describe("Those with a lower `quality` are out; none left: pass."),
    providers,
    targets: z.array(marked).min(1).optional().describe("Those to choose from, instead of providers."),
    max_cost_per_1m_tokens: z.number().nonnegative().optional().describe("Dearer ones are out; none left: pass."),
    reserve_tokens: reserveTokens,
  }),
  providerPaths: [
    ["providers", "*"],
    ["targets", "*", "provider"],
  ],
  check: ({ providers: some, targets }) =>
    some === undefined || targets === undefined
      ? []
      : [{ severity: "error", path: ["providers"], message: "with `targets`, providers are not asked: leave one out" }],
  create({
    min_quality: floor,
    providers: names,
    targets,
    max_cost_per_1m_tokens: ceiling = Number.POSITIVE_INFINITY,
    reserve_tokens: reserve,
  }) {
    const limit = Number.isFinite(ceiling) ? ` up to ${ceiling}` : "";
    const whyOut = (target: Marked, cost: number, request: RoutingRequest): string | undefined => {
      if (target.quality < floor) return `less than ${floor}`;
      if (!holdsPrompt(target, request, reserve)) return "its context window is too small";
      return cost <= ceiling ? undefined : `more than ${ceiling}`;
    };
    return {
      type: "cheapest-capable",
      label: `cheapest-capable${limit} → cheapest of ${targets ? namesOf(targets) : listed(names)} with a quality from ${floor} on`,
      ...(targets && { rewrites: rewritesTo(targets) }),
      ...comparing<Marked>({
        patience: MONEY_PATIENCE,
        targets: targets ? (request, fleet) => targetsIn(fleet, targets, request.model) : providersMarked(names),
        mark(target, request) {
          const { provider, model, quality } = target;
          const { numbers = CONFIGURED } = request;
          const known = numbers.costPer1M(provider, model);
          const cost = known?.value ?? 0;
          const why = whyOut(target, cost, request);
          const failed = () => errorText(numbers.errorRate(provider, model));
          const note = () => `quality ${quality}${failed()}, ${costText(known)}${why === undefined ? "" : `: ${why}`}`;
          return why === undefined ? { score: -cost, note } : { note };
        },
      }),
    };
  },
});

function targetsIn(fleet: Fleet, targets: readonly z.output<typeof marked>[], asked: string): Marked[] {
  return targets.flatMap(({ provider: name, model = asked, quality }) => {
    const provider = fleet.get(name);
    return provider ? [{ provider, model, quality: quality ?? provider.config.quality }] : [];
  });
}

function providersMarked(names: readonly string[] | undefined) {
  return ({ model }: RoutingRequest, fleet: Fleet): Marked[] =>
    fleet.among(names).map((provider) => ({ provider, model, quality: provider.config.quality }));
}
