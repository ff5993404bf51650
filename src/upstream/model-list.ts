import type { ModelInfo } from "../core/model.ts";
import { type Fleet, modelInfo, type Provider } from "./provider.ts";

/** A model a rule sends of its own accord; no providers named = any. */
export interface Rewrite {
  readonly providers: readonly string[];
  readonly model: string;
  /** What providers know it by, where that is another name. */
  readonly sent?: string;
}

/**
 * The models clients may ask for, each once: first the names the config gives (aliases, then what rules rewrite to), then what
 * the providers report, in the order of the config. A name two providers have is described by the first.
 */
export function listModels(fleet: Fleet, rewrites: readonly Rewrite[] = []): ModelInfo[] {
  const listed = new Map<string, ModelInfo>();
  const add = (provider: Provider, id: string, info: ModelInfo | undefined) => {
    if (!listed.has(id)) listed.set(id, { ...info, id, ownedBy: info?.ownedBy ?? provider.name });
  };
  for (const provider of fleet.all()) {
    for (const alias of provider.aliases.keys()) add(provider, alias, modelInfo(provider, alias));
  }
  for (const { providers, model, sent = model } of rewrites) {
    const served = fleet.among(providers);
    const provider = served.find((one) => modelInfo(one, sent) !== undefined) ?? served[0];
    if (provider !== undefined) add(provider, model, modelInfo(provider, sent));
  }
  for (const provider of fleet.all()) {
    for (const info of provider.models.values()) add(provider, info.id, info);
  }
  return [...listed.values()];
}
