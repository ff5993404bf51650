import type { Joiner } from "../core/joiner.ts";
import type { Loss } from "../core/loss.ts";
import type { ResponseBuilder } from "../core/response.ts";
import type { Target } from "../routing/rule.ts";

/** What stands behind an answer: a target that was asked, or a plugin. Several of one exchange know nothing of each other. */
export interface Source {
  /** Undefined: a plugin. */
  readonly target?: Target;
  readonly sentModel: string;
  /** Bytes go through as they are; ends when somebody changes the answer. */
  passthrough: boolean;
  losses: Loss[];
  /** It goes on with an answer another source began: `answer` is the whole. */
  readonly joiner?: Joiner | undefined;
  /** What it used is among `Exchange.billed`. */
  readonly isBilled?: boolean;
  /** Gathers the answer. */
  answer: ResponseBuilder;
}
