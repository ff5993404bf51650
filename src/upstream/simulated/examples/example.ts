import type { ReplyConfig } from "../../../config/config.ts";

/** A prompt of the demo, and what is answered. */
export interface Example extends ReplyConfig {
  /** What its tools return, by name. */
  readonly results?: Readonly<Record<string, string>>;
}

/** Prompts that follow one another. */
export type Conversation = readonly Example[];
