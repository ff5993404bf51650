/** Where the characters of a text went when pieces of it were replaced. */
export class Shifts {
  readonly #list: { from: number; to: number; by: number }[] = [];
  #by = 0;

  /** The piece from `start` to `end` of the old text has become `length` characters. In order. */
  add(start: number, end: number, length: number): void {
    this.#by += length - (end - start);
    this.#list.push({ from: start, to: end, by: this.#by });
  }

  /** The place in the new text; one within a piece that was replaced is its beginning, or as an end its end. */
  place(at: number, side: "start" | "end"): number {
    let by = 0;
    for (const shift of this.#list) {
      if (at <= shift.from) break;
      if (at < shift.to) return side === "start" ? shift.from + by : shift.to + shift.by;
      by = shift.by;
    }
    return at + by;
  }
}
