import { ConfigError, formatProblem } from "../../config/problem.ts";
import type { Log } from "../../core/log.ts";
import type { ConfigEvent } from "../../record/events.ts";
import { Refusal } from "../io.ts";
import type { OpenConfig } from "../open-config.ts";
import type { Tripped } from "./error-watch.ts";

export interface ReloadSteps {
  /** Reads and checks the config anew. */
  open: () => Promise<OpenConfig>;
  /** Builds it and goes over to it. `isBack`: it answered before. Rejecting it changes nothing. */
  apply: (opened: OpenConfig, isBack: boolean) => Promise<Taken>;
  /** The version that answers. */
  version: () => number;
  log: Log;
  told: (event: Omit<ConfigEvent, "type" | "ts_ms">) => void;
}

interface Taken {
  readonly version: number;
  /** In words. */
  readonly changes: string[];
}

type Source = "SIGHUP" | "file";

/** Reads the config again when asked to, one time after the other. What is wrong with it is told, and changes nothing. */
export class Reloads {
  readonly #steps: ReloadSteps;
  #running: Promise<void> | undefined;
  #next: Source | undefined;
  #back: Tripped<OpenConfig> | undefined;
  #stopped = false;

  constructor(steps: ReloadSteps) {
    this.#steps = steps;
  }

  /** Never rejects. Asked again meanwhile, it reads once more afterwards: the file may have changed since. */
  reload(source: Source): Promise<void> {
    this.#next = source;
    return this.#start();
  }

  /** Never rejects. Goes over to a config that answered before, unless another one than that which failed does by then. */
  goBack(tripped: Tripped<OpenConfig>): Promise<void> {
    this.#back = tripped;
    return this.#start();
  }

  /** No more from now on; resolves when the last one is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const [source, back] = [this.#next, this.#back];
      this.#next = undefined;
      this.#back = undefined;
      if (source !== undefined) await this.#once(source);
      else if (back?.version === this.#steps.version()) await this.#goBack(back);
      else return;
    }
  }

  async #once(source: Source): Promise<void> {
    const { open, apply, log, told } = this.#steps;
    try {
      const opened = await open();
      const { version, changes } = await apply(opened, false);
      const problems = opened.warnings.map((problem) => formatProblem(opened.file, problem));
      for (const problem of problems) log("warn", problem);
      const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
      log("info", `config version ${version}: ${opened.file} read again (${source}), ${count}`, {
        version,
        source,
        changes: changes.length,
      });
      told({ version, ok: true, problems, source, changes });
    } catch (error) {
      this.#failed("was not taken over", source, error);
    }
  }

  async #goBack({ version: failed, why, config, before }: Tripped<OpenConfig>): Promise<void> {
    const { apply, log, told } = this.#steps;
    const source = "rollback";
    try {
      const { version, changes } = await apply(config, true);
      const problem = `${why}: the config of version ${before} answers again`;
      log(
        "error",
        `config version ${version}: ${problem}. ${config.file} stays as it is, and is taken when it changes, or on SIGHUP`,
        { version, source, failed, before },
      );
      told({ version, ok: true, problems: [problem], source, changes });
    } catch (error) {
      this.#failed(`of version ${before} could not be gone back to (${why})`, source, error);
    }
  }

  #failed(what: string, source: ConfigEvent["source"], error: unknown): void {
    const { log, told, version } = this.#steps;
    const problems = problemsOf(error);
    for (const problem of problems) log("error", problem);
    log("error", `the config ${what}: version ${version()} goes on (${source})`, { version: version(), source });
    told({ version: version(), ok: false, problems, source, changes: [] });
  }
}

function problemsOf(error: unknown): string[] {
  if (error instanceof ConfigError) return error.problems.map((problem) => formatProblem(error.file, problem));
  if (error instanceof Refusal) return error.message.split("\n");
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}
