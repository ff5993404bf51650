/** Does work one piece in each turn of the event loop: much of it at once must not keep other requests waiting. */
export class OneATurn {
  #waiting: (() => void)[] = [];
  #busy = false;

  /** At once, unless another piece was done in this turn. */
  run(job: () => void): void {
    if (this.#busy) {
      this.#waiting.push(job);
      return;
    }
    this.#busy = true;
    setImmediate(this.#next);
    job();
  }

  /** Does now what still waits. */
  finish(): void {
    for (let job = this.#waiting.shift(); job; job = this.#waiting.shift()) job();
  }

  readonly #next = (): void => {
    const job = this.#waiting.shift();
    this.#busy = job !== undefined;
    if (!job) return;
    setImmediate(this.#next);
    job();
  };
}
