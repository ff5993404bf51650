/** Whether the router is being stopped: one object for its whole life, asked by whoever answers otherwise then. */
export class Lifecycle {
  #stopping = false;

  get stopping(): boolean {
    return this.#stopping;
  }

  stop(): void {
    this.#stopping = true;
  }
}
