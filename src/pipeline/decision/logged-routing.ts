import { setOwn } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";
import type { Content } from "../../record/content-policy.ts";
import type { LoggedAffinity, LoggedNumber, LoggedRouting, LoggedTarget } from "../../record/events.ts";
import { CONFIGURED, type Known } from "../../routing/numbers.ts";
import type { Affinity } from "../../routing/rule.ts";
import { upstreamModel } from "../../upstream/provider.ts";
import { isReported } from "../attempts/choose.ts";
import type { Exchange } from "../exchange.ts";
import type { DecisionInputs, LeftAlone, LossyTarget } from "./decision-inputs.ts";
import type { Asked } from "./routing-facts.ts";
import type { SeenTarget, SeenTargets } from "./seen-targets.ts";

/** What a decision was made from: what nobody asked for is absent. */
export function loggedRouting(exchange: Exchange, inputs: DecisionInputs, content: Content): LoggedRouting {
  const { deciding, facts, leftAlone, lossy } = inputs;
  const { asked, model, needs, prefer } = facts;
  const headers = asked.headers && loggedHeaders(asked.headers, content);
  const targets = asked.targets ? targetsOf(asked.targets) : [];
  const output = asked.targets && expectedOutput(asked.targets);
  const conversation = exchange.client.knownConversation;
  const incomplete = [...(headers?.hidden ? ["headers"] : []), ...(asksModule(exchange, inputs) ? ["module"] : [])];
  return {
    seed: exchange.seed ?? 0,
    config: deciding.digest,
    ...(deciding.skipped.size > 0 && { skipped: [...deciding.skipped] }),
    ...(model !== exchange.requestedModel && { model }),
    ...(needs.length > 0 && { needs: [...needs] }),
    ...(asked.wallMs !== undefined && { at_ms: asked.wallMs }),
    ...(asked.inputTokens !== undefined && { input_tokens: asked.inputTokens }),
    ...(conversation !== undefined && { conversation }),
    ...(headers && { headers: headers.shown }),
    ...(exchange.forcedProviders && { forced: exchange.forcedProviders.map(forcedOf) }),
    ...(prefer && { prefer: { provider: prefer.provider, model: prefer.model, why: prefer.why } }),
    ...affinityOf(asked),
    ...(output !== undefined && { output_tokens: output }),
    ...(targets.length > 0 && { targets }),
    ...(leftAlone && { left_alone: leftAlone.map(leftAloneOf) }),
    ...(lossy && { lossy: lossy.map(lossyOf) }),
    ...(incomplete.length > 0 && { incomplete }),
  };
}

function asksModule({ decision }: Exchange, { rules }: DecisionInputs): boolean {
  const verdicts = decision?.verdicts ?? [];
  return verdicts.some(({ rule, outcome }) => outcome !== "not-asked" && rules[rule]?.ofModule);
}

/** A header that may not be recorded as it is, is not: what would stand there could not be decided from. */
function loggedHeaders(headers: ReadonlyMap<string, string | undefined>, content: Content) {
  const shown: Record<string, string | null> = {};
  let hidden = false;
  for (const [name, value] of headers) {
    if (value === undefined || content.text(value) === value) setOwn(shown, name, value ?? null);
    else hidden = true;
  }
  return { shown, hidden };
}

function forcedOf({ provider, model }: { provider: string; model?: string | undefined }) {
  return { provider, ...(model !== undefined && { model }) };
}

function affinityOf({ affinity }: Asked): Pick<LoggedRouting, "affinity"> {
  if (affinity === undefined) return {};
  return { affinity: affinity && loggedAffinity(affinity) };
}

function loggedAffinity({ provider, model, cachedTokens, outputTokens, sticky }: Affinity): LoggedAffinity {
  return { provider, model, cached_tokens: cachedTokens, output_tokens: outputTokens, sticky };
}

/** The same for all targets. */
function expectedOutput(seen: SeenTargets): number | undefined {
  for (const { costPer1M } of seen.all()) if (costPer1M?.tokens) return costPer1M.tokens.output;
  return undefined;
}

function targetsOf(seen: SeenTargets): LoggedTarget[] {
  return [...seen.all()].flatMap((target) => {
    const said = saidOf(target);
    return Object.keys(said).length === 0 ? [] : [{ provider: target.provider.name, model: target.model, ...said }];
  });
}

function saidOf(seen: SeenTarget): Omit<LoggedTarget, "provider" | "model"> {
  const { provider, model, info } = seen;
  const latency = beyond(CONFIGURED.latencyMs(provider, model), seen.latencyMs);
  const speed = beyond(CONFIGURED.tokensPerSec(provider, model), seen.tokensPerSec);
  const errors = beyond(CONFIGURED.errorRate(provider, model), seen.errorRate);
  const cost = beyond(CONFIGURED.costPer1M(provider, model), seen.costPer1M);
  return {
    ...(latency !== undefined && { latency_ms: latency }),
    ...(speed !== undefined && { tokens_per_sec: speed }),
    ...(errors !== undefined && { error_rate: errors }),
    ...(cost !== undefined && { cost_per_1m: cost }),
    ...(info !== null && { info: info === undefined ? null : infoOf(info) }),
  };
}

/** What was said, where that is not what the config says; null: nobody knows. Undefined: nothing to record. */
function beyond(configured: Known | undefined, said: Known | undefined | null): LoggedNumber | null | undefined {
  if (said === null) return undefined;
  if (said === undefined) return configured && null;
  const { value, source, samples, tokens } = said;
  if (value === configured?.value && source === configured.source && !tokens && samples === undefined) return undefined;
  return {
    value,
    source,
    ...(samples !== undefined && { samples }),
    ...(tokens && { cached_tokens: tokens.cached }),
  };
}

function infoOf({ capabilities, contextLength }: ModelInfo) {
  return {
    ...(capabilities && { capabilities: [...capabilities] }),
    ...(contextLength !== undefined && { context: contextLength }),
  };
}

function leftAloneOf({ target: { provider, model }, holdMs }: LeftAlone) {
  return { provider: provider.name, model: upstreamModel(provider, model), hold_ms: holdMs };
}

function lossyOf({ target: { provider, model }, losses, refused }: LossyTarget) {
  return {
    provider: provider.name,
    model: upstreamModel(provider, model),
    fields: losses.filter(isReported).map(({ field }) => field),
    refused: refused.map(({ field }) => field),
  };
}
