import type { BoundedMemory } from "./memory.ts";
import { digest } from "./owner.ts";
import type { Remembered } from "./remembered.ts";

/** What classifiers last found, by conversation. */
export class TagMemory {
  readonly #memory: BoundedMemory<Remembered>;

  constructor(memory: BoundedMemory<Remembered>) {
    this.#memory = memory;
  }

  get(conversation: string, classifier: string): readonly string[] | undefined {
    const found = this.#memory.get(digest("tags", conversation, classifier));
    return found?.kind === "tags" ? found.tags : undefined;
  }

  set(conversation: string, classifier: string, tags: readonly string[]): void {
    const bytes = tags.reduce((sum, tag) => sum + 2 * tag.length, 0);
    this.#memory.set(digest("tags", conversation, classifier), { kind: "tags", tags }, bytes);
  }
}
