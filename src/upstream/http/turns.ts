/** Something that waits for its turn. */
interface Waiting {
  onTurn(): void;
}

/**
 * Lets requests go over connections that were kept when the event loop has read what is there: what the provider did to the connection meanwhile is
 * known then, be it that it closed it or sent what nobody asked for. One turn for all that wait.
 */
export class Turns {
  #waiting: Waiting[] = [];
  #before: Waiting[] = [];

  add(one: Waiting): void {
    if (this.#waiting.push(one) === 1) setImmediate(this.#take);
  }

  readonly #take = () => {
    const waiting = this.#waiting;
    this.#waiting = this.#before;
    this.#before = waiting;
    for (const one of waiting) one.onTurn();
    waiting.length = 0;
  };
}
