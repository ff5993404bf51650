import { type BrokenPrefix, type PrefixWatch, sessionOf, type Watched } from "../conversation/prefix-watch.ts";
import type { Warning } from "../record/events.ts";
import type { Choice } from "./attempts/choose.ts";
import type { Exchange } from "./exchange.ts";

/** Looks whether the provider's prompt cache holds; only for clients that name their session. */
export function watchPrefix(exchange: Exchange, { target, prepared }: Choice, watch: PrefixWatch): Watched | undefined {
  const session = sessionOf(exchange.request);
  if (session === undefined) return undefined;
  const { prompt } = exchange.incoming;
  const origin = { provider: target.provider.name, model: prepared.sentModel };
  const watched = watch.watch(exchange, session, prompt.expanded ?? prompt.body, prepared.written, origin);
  exchange.prefixHash = watched?.prefixHash;
  return watched;
}

export function prefixWarning(broken: BrokenPrefix): Warning {
  const { provider, model, message } = broken;
  const what = `what ${provider}/${model} gets differs from message ${message} on`;
  return {
    warning: "prompt_cache_broken",
    message: `the client left the beginning of its prompt as it was, but ${what}: the provider's cache does not hold`,
    details: { ...broken },
  };
}
