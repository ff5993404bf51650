import { terminalLine } from "../../core/terminal-text.ts";
import type { CompleteEvent } from "../events.ts";
import { type Family, OTHER, type Series } from "./registry.ts";

const MAX_CHARS = 100;
/** Pairs of provider and model that have series of their own; of these, so many nobody knows but the clients that ask for them. */
const MAX_TARGETS = 1_000;
const MAX_UNKNOWN = 100;

/** A name from outside as the value of a label: one line, nothing that is an order to a terminal, not too long. */
export function labelValue(text: string): string {
  return terminalLine(text.slice(0, MAX_CHARS).toWellFormed());
}

/** A model of a provider as labels call them, with its series at hand: to look them up by all their labels takes ten times as long. */
export class Target {
  readonly provider: string;
  readonly model: string;
  readonly #series = new Map<Family, Map<string, Series>>();

  constructor(provider: string, model: string) {
    this.provider = labelValue(provider);
    this.model = labelValue(model);
  }

  /** Of a family whose first two labels are provider and model. The rest is from short lists. */
  in(family: Family, rest = "", second?: string, third?: string): Series {
    let own = this.#series.get(family);
    if (!own) {
      own = new Map();
      this.#series.set(family, own);
    }
    const key = second === undefined ? rest : `${rest} ${second} ${third ?? ""}`;
    const known = own.get(key);
    if (known) return known;
    const all = [this.provider, this.model, rest, second ?? "", third ?? ""];
    const series = family.at(all.slice(0, family.definition.labels.length));
    own.set(key, series);
    return series;
  }
}

export type IsKnown = (provider: string, model: string) => boolean;

/**
 * The names of models. Clients may ask for whatever they like, and providers may take it: models that some provider lists or
 * the config names are called by their names, of others the first hundred that answered; the rest is `other`.
 */
export class ModelNames {
  readonly #targets = new Map<string, Target>();
  readonly #rest = new Map<string, Target>();
  #unknown = 0;

  /** How many pairs have a name. */
  get size(): number {
    return this.#targets.size + this.#rest.size;
  }

  /** `answered`: it exists, then. A name that only failed, as mistyped ones do, takes no place. */
  of(provider: string, model: string, answered: boolean, isKnown: IsKnown): Target {
    const key = `${provider}\u0000${model}`;
    const named = this.#targets.get(key);
    if (named) return named;
    const known = isKnown(provider, model);
    if (this.#targets.size >= MAX_TARGETS || (!known && (!answered || this.#unknown >= MAX_UNKNOWN)))
      return this.#other(provider);
    if (!known) this.#unknown++;
    const target = new Target(provider, model);
    this.#targets.set(key, target);
    return target;
  }

  /** Providers come from the config alone. */
  #other(provider: string): Target {
    let target = this.#rest.get(provider);
    if (!target) {
      target = new Target(provider, OTHER);
      this.#rest.set(provider, target);
    }
    return target;
  }
}

/** Fields that losses are named by, without what stands behind the first dot or bracket. Others are a client's own words. */
const LOSS_FIELDS = new Set(
  `temperature top_p top_k min_p frequency_penalty presence_penalty repeat_penalty seed stop n logprobs logit_bias
  image_detail max_output_tokens json_object json_schema response_format tools tool_choice parallel_tool_calls reasoning
  reasoning_effort reasoning_budget thinking verbosity cache_marks cache_control cache_key prompt_cache_key user metadata
  messages system web_search_options`.split(/\s+/),
);

/** `messages[3].content[0].citations` → `messages`. */
export function lossField(field: string): string {
  const root = /^[a-z_]+/.exec(field)?.[0] ?? "";
  return LOSS_FIELDS.has(root) ? root : OTHER;
}

/** `ok`, `client_gone` (the client left, which is nobody's fault) or `error`. */
export function outcomeClass({ outcome }: Pick<CompleteEvent, "outcome">): "ok" | "client_gone" | "error" {
  if (outcome === "ok") return "ok";
  return outcome === "client-gone" ? "client_gone" : "error";
}
