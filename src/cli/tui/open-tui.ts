import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Io, Refusal } from "../io.ts";
import type { Terminal, TuiEnd, TuiModule } from "./contract.ts";

/** Where the built TUI is: beside the bundle in a package, in `tui/dist` of a checkout. */
const BUNDLE = import.meta.filename.endsWith(".ts")
  ? join(import.meta.dirname, "../../../tui/dist/tui.js")
  : join(import.meta.dirname, "tui.js");

export interface OpenTui {
  /** Of the router: `http://localhost:8090`. */
  readonly base: string;
  readonly key: string | undefined;
  /** Whom the chat asks from the start; else the first model the router lists. */
  readonly model?: string;
  /** Closes it. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the terminal UI on a router, which may be one of this process. Resolves to the exit code once the user has left it and
 * the terminal is as it was before. Throws `Refusal` when there is no terminal.
 */
export async function openTui(options: OpenTui, io: Io): Promise<number> {
  const terminal = terminalOf(io);
  const { startTui } = await loadTui();
  const leaving = new Leaving();
  try {
    const signal = options.signal ? AbortSignal.any([leaving.signal, options.signal]) : leaving.signal;
    const end = await startTui({ ...options, terminal, signal });
    return leaving.code(end, io);
  } finally {
    leaving.dispose();
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What may end it from outside: the screen is put back first, then is said why. */
class Leaving {
  readonly #leave = new AbortController();
  #signal: (typeof SIGNALS)[number] | undefined;
  #mistake: { error: unknown } | undefined;
  /** Whoever takes mistakes already (a router that outlives them) goes on doing so. */
  readonly #takesMistakes = process.listenerCount("uncaughtException") === 0;

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    // A terminal that is gone cannot be told so.
    process.stdout.on("error", this.#onGone);
    if (this.#takesMistakes) process.on("uncaughtException", this.#onMistake);
  }

  get signal(): AbortSignal {
    return this.#leave.signal;
  }

  code({ exitCode, message }: TuiEnd, io: Io): number {
    if (this.#mistake !== undefined) throw this.#mistake.error;
    if (message !== undefined) io.err(`opensourcellmrouter: ${message}`);
    return this.#signal === undefined ? exitCode : 128 + constants.signals[this.#signal];
  }

  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    process.off("uncaughtException", this.#onMistake);
    process.stdout.off("error", this.#onGone);
  }

  readonly #onSignal = (signal: (typeof SIGNALS)[number]) => {
    this.#signal = signal;
    this.#leave.abort();
  };

  readonly #onMistake = (error: unknown) => {
    this.#mistake ??= { error };
    this.#leave.abort();
  };

  readonly #onGone = () => this.#leave.abort();
}

function terminalOf({ env }: Io): Terminal {
  const { stdin, stdout } = process;
  const watch = "`opensourcellmrouter watch` prints the requests line by line";
  if (!stdout.isTTY) throw new Refusal(1, `tui draws on a terminal, and the output is none: ${watch}`);
  if (!stdin.isTTY) throw new Refusal(1, `tui takes keys from a terminal, and the input is none: ${watch}`);
  if (env["TERM"] === "dumb") {
    throw new Refusal(1, `tui needs a terminal that can move its cursor, and TERM is "dumb": ${watch}`);
  }
  return { stdin, stdout, env };
}

async function loadTui(): Promise<TuiModule> {
  if (!existsSync(BUNDLE)) throw new Refusal(1, "the terminal UI was not built: run npm run build:tui");
  const module: unknown = await import(pathToFileURL(BUNDLE).href);
  if (isTui(module)) return module;
  throw new Refusal(1, "the terminal UI that was built is of another version: run npm run build:tui");
}

function isTui(module: unknown): module is TuiModule {
  return typeof module === "object" && module !== null && "startTui" in module && typeof module.startTui === "function";
}
