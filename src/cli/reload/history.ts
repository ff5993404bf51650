import type { ConfigEvent } from "../../record/events.ts";
import type { PastReload } from "../../server/endpoints/router/parts.ts";

const MAX_PAST = 10;

/** The last times the config was read again, newest first, for who asks later. */
export class ReloadHistory {
  #past: readonly PastReload[] = [];

  get past(): readonly PastReload[] {
    return this.#past;
  }

  add({ type: _, ...reload }: ConfigEvent): void {
    this.#past = [reload, ...this.#past].slice(0, MAX_PAST);
  }
}
