import { dirname, join } from "node:path";
import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { formatProblem } from "../../config/problem.ts";
import { lacksKey } from "../../config/secrets/key-source.ts";
import { systemClock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { ConfigEvent } from "../../record/events.ts";
import { Refusal } from "../io.ts";
import { KINDS } from "../kinds.ts";
import type { Modules } from "../modules/modules.ts";
import { type Listening, listeningAt, type OpenConfig, openAgain } from "../open-config.ts";
import { buildParts, type Parts } from "../parts.ts";
import { probe } from "../probe.ts";
import type { ProgramLog } from "../program-log/program-log.ts";
import { secretsOf } from "../program-log/secrets.ts";
import { type Applied, changesOf } from "./changes.ts";
import { ConfigWatch, stampOf, watchFolder } from "./config-watch.ts";
import type { ErrorWatch } from "./error-watch.ts";
import type { ReloadHistory } from "./history.ts";
import { Reloads } from "./reloads.ts";

/** What serves, in one process or in several. */
export interface Served {
  readonly url: string;
  readonly version: number;
  swap(parts: Parts, opened: OpenConfig): Promise<number>;
  close(): Promise<void>;
}

export interface Following {
  router: Served;
  /** What it runs on. */
  opened: OpenConfig;
  /** Which loaded its modules. */
  modules: Modules;
  parts: Parts;
  errors: ErrorWatch<OpenConfig>;
  /** Is told of each time. */
  reloads: ReloadHistory;
  env: Env;
  program: Pick<ProgramLog, "log" | "hide">;
  args: Listening;
}

/**
 * Keeps a running router to its config: reads it again on SIGHUP, and when the file or its `.env` changes. What was detected
 * has no file to watch, and is detected again on SIGHUP.
 */
export function followConfig(following: Following): { stop(): Promise<void> } {
  const { router, opened, modules, parts, errors, reloads: history, env, program, args } = following;
  const { log } = program;
  let current: Applied = { opened, parts };
  const reloads = new Reloads({
    open: async () => {
      try {
        return withKeys(listeningAt(await openAgain(opened, { kinds: KINDS, env, probe, modules }), args));
      } finally {
        // Those of a config that is wrong as well: mending one is a change.
        watch?.follow(modules.files);
      }
    },
    apply: async (again, isBack) => {
      const config = staying(again.config, parts.config, log);
      const tools = { ...parts, foreign: again.foreign };
      const next = { opened: again, parts: buildParts(config, again.dotEnv.env, tools, current.parts) };
      program.hide(secretsOf(again.config, again.dotEnv.env, next.parts.fleet));
      const version = await router.swap(next.parts, again);
      const isWatched = config.routing.rollback_on_errors;
      if (isBack) errors.wentBack(version, isWatched);
      else errors.began(version, again, isWatched);
      next.parts.logs.open(again.config.logging);
      void next.parts.stores.open(again.config);
      next.parts.telemetry.open(again.config, again.dotEnv.env);
      const changes = toldChanges(current, next, log);
      current = next;
      return { version, changes };
    },
    version: () => router.version,
    log,
    told: (told) => {
      const event: ConfigEvent = { type: "config", ts_ms: systemClock.wallMs(), ...told };
      history.add(event);
      current.parts.recorder.record("config", () => event);
    },
  });
  errors.began(router.version, opened, parts.config.routing.rollback_on_errors);
  errors.tripped = (tripped) => void reloads.goBack(tripped);
  const onHangup = () => void reloads.reload("SIGHUP");
  process.on("SIGHUP", onHangup);
  const watch =
    opened.detected === undefined ? watchFile(opened.file, () => void reloads.reload("file"), log) : undefined;
  watch?.follow(modules.files);
  return {
    // SIGHUP stays taken: its default would end what is still under way.
    stop: () => {
      watch?.stop();
      return reloads.stop();
    },
  };
}

/** The config is taken over already: a schema of a module that throws must not make it look otherwise. */
function toldChanges(before: Applied, after: Applied, log: Log): string[] {
  try {
    return changesOf(before, after);
  } catch (error) {
    log("warn", `what the config changes cannot be told: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

/** A password manager that is locked for a moment must not take a provider out that works. Throws `Refusal`. */
function withKeys(opened: OpenConfig): OpenConfig {
  if (opened.lacking.length === 0) return opened;
  const problems = opened.warnings.map((problem) => formatProblem(opened.file, problem));
  const missing = opened.lacking.map((source) => lacksKey(source));
  throw new Refusal(2, [...problems, ...missing].join("\n"));
}

function watchFile(file: string, changed: () => void, log: Log): ConfigWatch {
  return new ConfigWatch({
    clock: systemClock,
    changed,
    files: [file, join(dirname(file), ".env")],
    stampOf,
    watchFolder: (folder, told) =>
      watchFolder(folder, told, (why) =>
        log("info", `the folder ${folder} cannot be watched (${why}): it is looked at once a second`),
      ),
  });
}

/** A socket that listens cannot move: where it listens stays as it was. */
function staying(config: Config, first: Config, log: Log): Config {
  const { host, port } = first.server;
  if (config.server.host !== host || config.server.port !== port) {
    const wanted = `${config.server.host} port ${config.server.port}`;
    log(
      "warn",
      `[server] host and port change only with a restart: still listening on ${host} port ${port}, not ${wanted}`,
    );
  }
  return { ...config, server: { ...config.server, host, port } };
}
