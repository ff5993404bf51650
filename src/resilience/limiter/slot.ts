import type { Failure } from "../../core/failure.ts";

/** Who wants a slot. */
export interface SlotWaiter {
  granted(slot: Slot): void;
  /** Kind `busy`, with the seconds after which it is worth another try. */
  refused(failure: Failure): void;
}

/** Leave to send one request to a provider. */
export interface Slot {
  /** First byte came. */
  answered(): void;
  /** Over; may be called twice. */
  release(): void;
}
