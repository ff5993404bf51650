import type { ChatEvent } from "../../../core/event.ts";
import { asString, type JsonObject, objectsOf } from "../../../core/json.ts";
import type { ImplicitBlocks } from "../../blocks.ts";
import { detailText, plainReasoning, readDetail } from "../reasoning-details.ts";

/**
 * Reasoning comes as plain text, as details, or as both at once (OpenRouter says everything twice). A detail closes a block
 * when it brings a signature or encrypted data.
 */
export class ReasoningDeltas {
  readonly #blocks: ImplicitBlocks;
  /** Text of the details since the last state: the state is kept with all of it. */
  #detailText = "";
  /** The text of the block now open came without details; details that follow repeat it. */
  #plainOnly = false;

  constructor(blocks: ImplicitBlocks) {
    this.#blocks = blocks;
  }

  take(delta: JsonObject, out: ChatEvent[]): void {
    const plain = plainReasoning(delta);
    const details = objectsOf(delta["reasoning_details"]);
    const detailed = details.some((detail) => detailText(detail) !== "");
    if (plain !== "" && !detailed) {
      this.#plainOnly = true;
      this.#blocks.reasoning(plain, out);
    }
    for (const detail of details) this.#detail(detail, out);
  }

  #detail(detail: JsonObject, out: ChatEvent[]): void {
    const text = detailText(detail);
    this.#detailText += text;
    if (!this.#plainOnly) this.#blocks.reasoning(text, out);
    if (!asString(detail["signature"]) && !asString(detail["data"])) return;
    const key = typeof detail["summary"] === "string" ? "summary" : "text";
    const whole = this.#detailText === "" ? detail : { ...detail, [key]: this.#detailText };
    const state = readDetail(whole)?.state;
    if (state) this.#blocks.reasoningState(state, out);
    this.#detailText = "";
    this.#plainOnly = false;
  }
}
