import type { Log } from "../../core/log.ts";
import type { ModuleTools } from "../../plugins/module.ts";
import { ModuleFault, thrownFault } from "./fault.ts";

/** Where a module's kind comes from: what tells its mistakes from ours. */
export interface Origin {
  /** Its name in the config: the id of a plugin or classifier, the type of a rule. */
  name: string;
  /** `plugin hello`, for the log. */
  what: string;
  /** What it is made of. */
  files: Iterable<string>;
  /** The config's. */
  folder: string;
}

/** What its `create` throws is a fault of the config. */
export function creating<T>({ files, folder }: Origin, create: () => T): T {
  try {
    return create();
  } catch (error) {
    if (error instanceof ModuleFault) throw error;
    throw thrownFault("its create failed", error, files, folder);
  }
}

export function toolsOf({ what }: Origin, { log, env }: { log: Log; env: ModuleTools["env"] }): ModuleTools {
  return { env, log: (level, message) => log(level, `${what}: ${message}`) };
}
