/** The terminal the TUI draws on: the process's own, or that of a test. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface TuiOptions {
  /** Of the router: `http://localhost:8090`. */
  readonly base: string;
  readonly key: string | undefined;
  /** Named in the chat from the start; else the first the router lists. */
  readonly model?: string;
  readonly terminal: Terminal;
  /** Closes it. */
  readonly signal?: AbortSignal;
}

/** How it ended, once the terminal is as it was before. */
export interface TuiEnd {
  readonly exitCode: number;
  /** What the user has to be told, on the screen that was there before. */
  readonly message?: string;
}

/** What `tui/src/main.tsx` exports: it is built by itself, since it has a syntax that Node does not read. */
export interface TuiModule {
  startTui(options: TuiOptions): Promise<TuiEnd>;
}
