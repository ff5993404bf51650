import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type ResolveFnOutput, type ResolveHookContext, registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Clock } from "../../core/clock.ts";
import { ModuleFault, thrownFault } from "./fault.ts";
import { Generation } from "./generation.ts";
import { formatOf, type ModulePlace } from "./place.ts";

/** Until a module is loaded, ms: one that waits for something forever must not hold up the config. */
const LOAD_DEADLINE_MS = 10_000;
const QUERY = "router-module=";

type Next = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** Loads modules, each time anew. */
export class Generations {
  readonly #clock: Clock;
  readonly #deadlineMs: number;
  /** Whatever else is loaded in this process has other addresses. */
  readonly #name = randomUUID();
  readonly #all = new Map<string, Generation>();

  constructor(clock: Clock, deadlineMs = LOAD_DEADLINE_MS) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  begin(place: ModulePlace): Generation {
    // Before the first there is nothing to look after, and imports cost what they cost without.
    if (this.#all.size === 0) registerHooks({ resolve: (...asked) => this.#resolve(...asked) });
    const generation = new Generation(place, `${QUERY}${this.#name}-${this.#all.size + 1}`);
    this.#all.set(generation.query, generation);
    return generation;
  }

  /** Its default export; undefined: it has none. Rejects with `ModuleFault`, for whatever reason it could not be loaded. */
  async load(generation: Generation): Promise<{ exported: unknown }> {
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(this.#deadlineMs, () => {
      const seconds = this.#deadlineMs / 1000;
      late.reject(new ModuleFault(`was not loaded within ${seconds} s: perhaps it awaits what does not come`));
    });
    try {
      const module: { default?: unknown } = await Promise.race([import(generation.query), late.promise]);
      return { exported: module.default };
    } catch (error) {
      if (error instanceof ModuleFault) throw error;
      throw thrownFault(
        "failed while loading",
        located(error, generation),
        generation.files.keys(),
        generation.place.folder,
      );
    } finally {
      timer.cancel();
    }
  }

  #resolve(specifier: string, context: ResolveHookContext, next: Next): ResolveFnOutput {
    const entry = this.#all.get(specifier);
    if (entry) return this.#entry(entry, context, next);
    const parent = context.parentURL ?? "";
    const generation = this.#all.get(parent.slice(parent.indexOf(`?${QUERY}`) + 1));
    if (!generation) return next(specifier, context);
    if (!/^(\.{0,2}\/|file:)/.test(specifier)) return importedPackage(specifier, context, next);
    try {
      const resolved = next(specifier, context);
      return { ...resolved, ...generation.member(resolved.url) };
    } catch (error) {
      // Once it is there the config can be read again.
      if (isMissing(error)) generation.look(fileURLToPath(new URL(specifier, parent)));
      throw error;
    }
  }

  #entry(generation: Generation, context: ResolveHookContext, next: Next): ResolveFnOutput {
    const { kind, named, folder } = generation.place;
    const parentURL = pathToFileURL(join(folder, "config.toml")).href;
    try {
      const resolved = next(kind === "file" ? pathToFileURL(named).href : named, { ...context, parentURL });
      return { ...resolved, ...generation.entry(resolved.url) };
    } catch (error) {
      if (kind === "file" || !isMissing(error)) throw error;
      // What looks like a package may be a file: npm would take "plugins/mine.ts" for somebody's repository.
      if (formatOf(named) !== undefined || existsSync(join(folder, named)))
        throw new ModuleFault(`there is no package ${named}: a file beside the config begins with "./": "./${named}"`);
      const name = named.split("/", named.startsWith("@") ? 2 : 1).join("/");
      throw new ModuleFault(`there is no package ${named} in ${folder} or above it: npm install ${name}`);
    }
  }
}

function importedPackage(specifier: string, context: ResolveHookContext, next: Next): ResolveFnOutput {
  if (specifier !== "opensourcellmrouter/plugin") return next(specifier, context);
  throw new ModuleFault(`it imports ${specifier}, which has types only: write "import type { … } from "${specifier}""`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}

/** Node keeps the place of a syntax error in JavaScript to itself; who strips types from the text meets it again, and tells. */
function located(error: unknown, { files }: Generation): unknown {
  if (!(error instanceof SyntaxError) || [...files.keys()].some((file) => error.stack?.includes(file))) return error;
  for (const file of files.keys()) {
    try {
      stripTypeScriptTypes(readFileSync(file, "utf8"), { sourceUrl: file });
    } catch (again) {
      if (again instanceof SyntaxError) return again;
    }
  }
  return error;
}
