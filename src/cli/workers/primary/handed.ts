import type { Worker } from "node:cluster";

/**
 * Connections on their way to workers. Node gives each worker one at a time and waits for it to be taken; where the worker dies
 * first, node keeps the connection open for ever, and its client waits (v26). This closes it.
 */
export class Handed {
  /** To whom each went last. */
  readonly #last = new WeakMap<object, Worker>();
  readonly #pending = new Map<Worker, object>();

  watch(worker: Worker): void {
    const { process: child } = worker;
    const send: unknown = Reflect.get(child, "send");
    // Another node may do it another way; then nothing is seen here, and nothing closed.
    if (typeof send !== "function") return;
    Reflect.set(child, "send", (...all: unknown[]) => {
      const handle = all[1];
      if (typeof handle === "object" && handle !== null) {
        this.#last.set(handle, worker);
        this.#pending.set(worker, handle);
      }
      return Reflect.apply(send, child, all);
    });
  }

  gone(worker: Worker): void {
    const handle = this.#pending.get(worker);
    this.#pending.delete(worker);
    // Closing one that is closed does nothing; one that another worker has by now is let be.
    if (handle && this.#last.get(handle) === worker && "close" in handle && typeof handle.close === "function")
      handle.close();
  }
}
