import type { Side } from "../../config/diff/change.ts";
import { diffConfigs } from "../../config/diff/diff.ts";
import { KINDS } from "../kinds.ts";
import type { OpenConfig } from "../open-config.ts";
import type { Parts } from "../parts.ts";

/** So many are told in an event, and so much of each. */
const MAX_CHANGES = 50;
const MAX_CHARS = 300;

/** What runs, or is about to. */
export interface Applied {
  readonly opened: OpenConfig;
  readonly parts: Parts;
}

/** What another config changes, in words: `opensourcellmrouter diff` says the same. */
export function changesOf(before: Applied, after: Applied): string[] {
  const all = diffConfigs(sideOf(before), sideOf(after)).map(({ text }) =>
    text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 1)}…`,
  );
  const left = all.length - MAX_CHANGES;
  return left <= 0 ? all : [...all.slice(0, MAX_CHANGES), `and ${left} more`];
}

function sideOf({ opened, parts }: Applied): Side {
  return {
    config: parts.config,
    kinds: opened.foreign.with(KINDS),
    labels: parts.chain.rules.map(({ label }) => label),
    env: opened.dotEnv.env,
  };
}
