/** An assertion that cannot be understood. */
export class AssertionFault extends Error {
  override readonly name = "AssertionFault";
  /** In the text, from 0. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}
