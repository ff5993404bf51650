import { CODING } from "./examples/coding.ts";
import { EVERYDAY } from "./examples/everyday.ts";
import type { Conversation } from "./examples/example.ts";
import { OFFICE } from "./examples/office.ts";

/** All of them: what a provider with `replies = "examples"` answers. No prompt is part of another. */
export const EXAMPLES: readonly Conversation[] = [CODING, EVERYDAY, OFFICE].flatMap((kinds) =>
  Object.values(kinds).flat(),
);
