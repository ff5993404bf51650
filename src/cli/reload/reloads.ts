import type { Problem } from "../../config/problem.ts";
import { ConfigError, formatProblem } from "../../config/problem.ts";
import type { Log } from "../../core/log.ts";
import type { ConfigEvent } from "../../record/events.ts";
import { Refusal } from "../io.ts";
import type { OpenConfig } from "../open-config.ts";

export interface ReloadSteps {
  /** Reads and checks the config anew. */
  open: () => Promise<OpenConfig>;
  /** Builds it and goes over to it; resolves to the number of its version. Rejecting it changes nothing. */
  apply: (opened: OpenConfig) => Promise<number>;
  /** The version that answers. */
  version: () => number;
  log: Log;
  told: (event: Pick<ConfigEvent, "version" | "ok" | "problems" | "source">) => void;
}

/** Reads the config again when asked to, one time after the other. What is wrong with it is told, and changes nothing. */
export class Reloads {
  readonly #steps: ReloadSteps;
  #running: Promise<void> | undefined;
  #next: ConfigEvent["source"] | undefined;
  #stopped = false;

  constructor(steps: ReloadSteps) {
    this.#steps = steps;
  }

  /** Never rejects. Asked again meanwhile, it reads once more afterwards: the file may have changed since. */
  reload(source: ConfigEvent["source"]): Promise<void> {
    this.#next = source;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** No more from now on; resolves when the last one is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#next !== undefined && !this.#stopped) {
      const source = this.#next;
      this.#next = undefined;
      await this.#once(source);
    }
  }

  async #once(source: ConfigEvent["source"]): Promise<void> {
    const { open, apply, log, told, version } = this.#steps;
    try {
      const opened = await open();
      const number = await apply(opened);
      const problems = opened.warnings.map((problem: Problem) => formatProblem(opened.file, problem));
      for (const problem of problems) log("warn", problem);
      log("info", `config version ${number}: ${opened.file} read again (${source})`, {
        version: number,
        source,
      });
      told({ version: number, ok: true, problems, source });
    } catch (error) {
      const problems = problemsOf(error);
      for (const problem of problems) log("error", problem);
      log("error", `the config was not taken over: version ${version()} goes on (${source})`, {
        version: version(),
        source,
      });
      told({ version: version(), ok: false, problems, source });
    }
  }
}

function problemsOf(error: unknown): string[] {
  if (error instanceof ConfigError) return error.problems.map((problem) => formatProblem(error.file, problem));
  if (error instanceof Refusal) return error.message.split("\n");
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
