import { z } from "zod";
import { defineRule } from "../define-rule.ts";
import { shuffled } from "../order.ts";
import type { Target } from "../rule.ts";
import { arrow, choosesAmongAll, listed, providers, rewriteModel } from "../settings.ts";

const pair = z.strictObject({
  provider: z.string().min(1).describe("Where the request goes."),
  model: z.string().min(1).describe("The model to send there."),
});

/** One at random; a pair named twice comes up twice as often. The others follow in random order. */
export const random = defineRule({
  name: "random",
  schema: z.strictObject({
    providers,
    rewrite_model: rewriteModel,
    candidates: z.array(pair).optional().describe("Pairs to draw from, instead of providers and rewrite_model."),
  }),
  providerPaths: [
    ["providers", "*"],
    ["candidates", "*", "provider"],
  ],
  resolvesAlways: (settings) =>
    settings["candidates"] === undefined && settings["rewrite_model"] === undefined && choosesAmongAll(settings),
  create({ providers: names, rewrite_model: model, candidates = [] }) {
    if (candidates.length === 0) {
      return {
        type: "random",
        label: `random ${arrow(`one of ${listed(names)}`, model)}`,
        ...(model !== undefined && { rewrites: [{ providers: names ?? [], model }] }),
        candidates(request, fleet) {
          const targets = fleet.among(names).map((provider) => ({ provider, model: model ?? request.model }));
          return shuffled(targets, request.random);
        },
      };
    }
    return {
      type: "random",
      label: `random → one of ${candidates.map((one) => `${one.provider}/${one.model}`).join(", ")}`,
      rewrites: candidates.map((one) => ({ providers: [one.provider], model: one.model })),
      candidates(request, fleet) {
        const targets = candidates.flatMap((one): Target[] => {
          const provider = fleet.get(one.provider);
          return provider === undefined ? [] : [{ provider, model: one.model }];
        });
        return shuffled(targets, request.random);
      },
    };
  },
});
