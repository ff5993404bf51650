import type { Env } from "../check/providers.ts";
import type { Config } from "../config.ts";
import type { Kinds } from "../kinds.ts";

/** One of two configs that are compared. */
export interface Side {
  /** Checked: defaults are filled in. */
  readonly config: Config;
  /** Built-in kinds and those of its modules. */
  readonly kinds: Kinds;
  /** What each of its rules is called. */
  readonly labels: readonly string[];
  readonly env: Env;
}

/** `consequence`: no key of the config, but what follows from the changes. */
export type ChangeKind = "consequence" | "added" | "removed" | "changed";

/** What is different, in words; never with a key, the value of a header, or what else may be a secret. */
export interface Change {
  /** `consequences`, `providers`, `rules`, or the section of the config. */
  readonly group: string;
  readonly kind: ChangeKind;
  readonly text: string;
}

export function consequence(text: string): Change {
  return { group: "consequences", kind: "consequence", text };
}
