import { z } from "zod";
import type { Fleet } from "../../upstream/provider.ts";
import { defineRule } from "../define-rule.ts";
import { shuffled } from "../order.ts";
import { rendezvous, wordOf } from "../rendezvous.ts";
import type { RoutingRequest, Target } from "../rule.ts";
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
    sticky: z
      .boolean()
      .default(false)
      .describe("Draws once for each conversation, which stays with its target; else for each request anew."),
  }),
  providerPaths: [
    ["providers", "*"],
    ["candidates", "*", "provider"],
  ],
  resolvesAlways: (settings) =>
    settings["candidates"] === undefined && settings["rewrite_model"] === undefined && choosesAmongAll(settings),
  create({ providers: names, rewrite_model: model, candidates = [], sticky }) {
    const once = sticky ? ", for each conversation" : "";
    if (candidates.length === 0) {
      const inOrder = sticky ? byConversation(({ provider }) => provider.name) : byRequest;
      return {
        type: "random",
        label: `random${once} ${arrow(`one of ${listed(names)}`, model)}`,
        ...(model !== undefined && { rewrites: [{ providers: names ?? [], model }] }),
        candidates(request, fleet) {
          const targets = fleet.among(names).map((provider) => ({ provider, model: model ?? request.model }));
          return inOrder(targets, request);
        },
      };
    }
    const inOrder = sticky ? byConversation(({ provider, model }) => `${provider.name}/${model}`) : byRequest;
    return {
      type: "random",
      label: `random${once} → one of ${candidates.map((one) => `${one.provider}/${one.model}`).join(", ")}`,
      rewrites: candidates.map((one) => ({ providers: [one.provider], model: one.model })),
      candidates: (request, fleet) => inOrder(pairsIn(fleet, candidates), request),
    };
  },
});

function pairsIn(fleet: Fleet, pairs: readonly z.output<typeof pair>[]): Target[] {
  return pairs.flatMap(({ provider: name, model }) => {
    const provider = fleet.get(name);
    return provider === undefined ? [] : [{ provider, model }];
  });
}

function byRequest(targets: readonly Target[], request: RoutingRequest): Iterable<Target> {
  return shuffled(targets, request.random);
}

/** `nameOf`: by which targets are told apart. One named twice takes part twice. */
function byConversation(nameOf: (target: Target) => string): typeof byRequest {
  const words = new Map<string, number>();
  const wordFor = (name: string): number => {
    const known = words.get(name) ?? wordOf(name);
    words.set(name, known);
    return known;
  };
  return (targets, { client, random }) => {
    const times = new Map<string, number>();
    const shares = targets.map((target) => {
      const name = nameOf(target);
      const time = times.get(name) ?? 0;
      times.set(name, time + 1);
      return { target, weight: 1, word: wordFor(`${name} ${time}`) };
    });
    return rendezvous(shares, client?.conversation, random);
  };
}
