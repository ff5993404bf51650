import { isFetched, shownSource, sourceOf } from "../../config/secrets/key-source.ts";
import type { Failure, FailureKind } from "../../core/failure.ts";
import type { Provider } from "../../upstream/provider.ts";

/** What to do about a failure of a provider: docs/errors.md, in the words of somebody who sets it up. */
const REMEDIES: Record<FailureKind, (provider: Provider, model: string) => string> = {
  caller: (_, model) => `the provider takes no such request for ${model}: see its words; another model may do`,
  context: (_, model) => `choose a model with a larger window than ${model}`,
  credential: ({ config }) => {
    const source = sourceOf(config.api_key_env, config.api_key_from);
    const where =
      source === undefined
        ? "its key"
        : isFetched(source)
          ? `what ${shownSource(source)} gives`
          : `the value of ${source}`;
    return `check ${where}, and what that key may do: it may be of another account, expired, or without this model`;
  },
  quota: () => "fill up the account, or take the provider out of the rules until then",
  "not-found": (_, model) => `it has no ${model}, or base_url is wrong: see the models it lists`,
  "rate-limit": () => "wait and run doctor again; requests_per_minute keeps the router below a limit",
  overloaded: () => "wait and run doctor again; a second provider in the rule would answer meanwhile",
  busy: () => "raise the limits you set for this provider",
  target: () => "the provider broke: see its words and its own log or status page",
  connect: ({ origin }) => `check that it runs and that base_url is right (${origin})`,
  tls: () => "mend the certificate or base_url; name the file of an authority of your own with ca_file",
  timeout: () => "find out why it is slow (a model being loaded?), or give doctor more time with --timeout",
  malformed: () => "check format and base_url: most often another kind of server answers there",
  cut: () => "try again; if it stays so, look for a proxy on the way that closes connections",
  "client-gone": () => "run doctor again",
};

export function remedyFor({ kind, message }: Failure, provider: Provider, model: string): string {
  if (kind === "malformed" && /redirect/.test(message)) return "correct base_url: redirects are never followed";
  return REMEDIES[kind](provider, model);
}

/** A provider's words, short enough for a table. */
export function wordsOf({ kind, message, upstreamStatus }: Failure): string {
  const text = message.length > 300 ? `${message.slice(0, 299)}…` : message;
  return upstreamStatus === undefined ? `${kind}: ${text}` : `${kind} (HTTP ${upstreamStatus}): ${text}`;
}
