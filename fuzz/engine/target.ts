/** Something that reads what comes from outside. */
export interface Target {
  readonly name: string;
  /** Folders and files under `src/` whose words inputs are made of. */
  readonly words: readonly string[];
  /** Inputs to begin with. */
  seeds(): Iterable<Buffer | string>;
  /** Reads one input. What it throws is a finding: errors that are documented have to be caught here. */
  run(input: Buffer): void;
}
