import { formatProblem } from "../config/problem.ts";
import { systemClock } from "../core/clock.ts";
import { DebugSink } from "../record/debug-sink.ts";
import { type RunningRouter, startRouter } from "../server/start.ts";
import type { RouterParts } from "../server/version.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { Modules } from "./modules/modules.ts";
import { type Listening, listeningAt, type OpenConfig, openConfig } from "./open-config.ts";
import { outliveMistakes } from "./outlive.ts";
import { buildParts } from "./parts.ts";
import { probe } from "./probe.ts";
import { type Front, frontOf, withFront } from "./program-log/front.ts";
import { logHttp } from "./program-log/http-lines.ts";
import type { LogSettings } from "./program-log/options.ts";
import { ProgramLog } from "./program-log/program-log.ts";
import { secretsOf } from "./program-log/secrets.ts";
import { ErrorWatch } from "./reload/error-watch.ts";
import { followConfig, type Served } from "./reload/follow-config.ts";
import { ReloadHistory } from "./reload/history.ts";
import { clientLines, exposureWarning, sourceLines, startFields } from "./start-lines.ts";
import { dieOf, stopOnSignal } from "./stop.ts";
import { VERSION } from "./version.ts";
import type { Primary } from "./workers/primary/primary.ts";

export interface RunArgs extends Listening {
  readonly file: string | undefined;
  readonly log: LogSettings;
}

/** `run [CONFIG]`: runs the router until it is told to stop. */
export function run(args: RunArgs, io: Io): Promise<number> {
  const program = new ProgramLog(args.log, { write: (line) => io.err(line, "painted"), isFull: isStderrFull });
  const front = frontOf(program, io);
  return withFront(front, () => serve(args, io.env, program, front));
}

async function serve(args: RunArgs, env: Io["env"], program: ProgramLog, front: Front): Promise<number> {
  const { log } = program;
  const modules = new Modules({ clock: systemClock });
  const opened = listeningAt(await openConfig(args.file, { kinds: KINDS, env, probe, modules }), args);
  for (const problem of opened.warnings) front.tell("warn", formatProblem(opened.file, problem));
  const about = { version: VERSION, file: opened.detected === undefined ? opened.file : null };
  const errors = new ErrorWatch<OpenConfig>(systemClock);
  const reloads = new ReloadHistory();
  const primary = await primaryFor(opened.config, program, args, errors);
  const parts = buildParts(opened.config, opened.dotEnv.env, {
    random: Math.random,
    programLog: log,
    about,
    foreign: opened.foreign,
    reloads,
    // Workers tell of what they do themselves.
    lastingSinks: [errors, ...(program.debugs && !primary ? [new DebugSink(log)] : [])],
    company: primary?.partsCompany,
  });
  if (program.debugs && !primary) logHttp(log, systemClock.nowMs);
  program.hide(secretsOf(opened.config, opened.dotEnv.env, parts.fleet));
  for (const line of sourceLines(VERSION, opened, parts)) front.out(line);
  const router: Served = primary ? await listen(parts, () => primary.start(parts, opened)) : await listen(parts);
  outliveMistakes(log);
  log("debug", `the program runs from ${import.meta.dirname}`);
  parts.logs.open(opened.config.logging);
  void parts.stores.open(opened.config);
  program.also((line) => parts.telemetry.line(line));
  parts.telemetry.open(opened.config, opened.dotEnv.env);
  const following = followConfig({ router, opened, modules, parts, errors, reloads, env, program, args });
  let toldAll = true;
  // Before the line by which others know that it is there, and may stop it.
  const close = async () => {
    // A reload under way may look for providers for a second; meanwhile nothing new is taken.
    await Promise.all([router.close(), following.stop()]);
    const [told] = await Promise.all([parts.telemetry.close(), parts.logs.close(), parts.stores.close()]);
    toldAll = told;
  };
  const stopped = stopOnSignal({
    close,
    flush: () => Promise.all([parts.jsonl?.written(), parts.logs.close(), parts.telemetry.flush()]),
    tell: (text) => front.tell("info", text),
    ...(primary && { die: (signal: NodeJS.Signals) => dieWith(primary, signal) }),
  });
  const warning = exposureWarning(opened.config.server.host, Number(new URL(router.url).port), parts);
  if (warning !== undefined) front.tell("warn", warning);
  for (const line of clientLines(router.url, parts)) front.out(line);
  if (front.isLog) log("info", "listening", startFields(router.url, opened, parts));
  await Promise.race([stopped, ...(primary ? [primary.ended] : [])]).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  // Exporters cannot be told to give up a request, nor a pause before the next.
  if (!toldAll) setTimeout(() => process.exit(0), LINGER_MS).unref();
  return 0;
}

/** For the last lines. */
const LINGER_MS = 300;

/** What joins several processes, where there are to be some: nothing of it is even loaded for one. */
async function primaryFor(
  { server }: OpenConfig["config"],
  program: ProgramLog,
  args: RunArgs,
  errors: ErrorWatch<OpenConfig>,
): Promise<Primary | undefined> {
  if (server.workers === 1) return undefined;
  const { Primary, workersOf } = await import("./workers/primary/primary.ts");
  const count = workersOf(server);
  return count === 1 ? undefined : new Primary({ count, program, args, lean: [errors] }, server.port);
}

function dieWith(primary: Primary, signal: NodeJS.Signals): void {
  primary.kill();
  dieOf(signal);
}

/** Rejects with a `Refusal` where the address cannot be had. */
export async function listen<R>(parts: RouterParts, start: () => Promise<R>): Promise<R>;
export async function listen(parts: RouterParts): Promise<RunningRouter>;
export async function listen<R>(parts: RouterParts, start?: () => Promise<R>): Promise<R | RunningRouter> {
  try {
    return await (start?.() ?? startRouter(parts));
  } catch (cause) {
    throw listenRefusal(cause, parts.config.server) ?? cause;
  }
}

/** What can be said of a port or address that cannot be had. */
function listenRefusal(cause: unknown, { host, port }: { host: string; port: number }): Refusal | undefined {
  if (!(cause instanceof Error && "code" in cause)) return undefined;
  switch (cause.code) {
    case "EADDRINUSE":
      return new Refusal(1, `port ${port} on ${host} is in use, perhaps by another router: stop it, or choose --port`);
    case "EACCES":
      return new Refusal(1, `port ${port} is not yours to listen on: choose one above 1023 with --port`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new Refusal(1, `${host} is not an address of this machine: choose another with --host`);
    default:
      return undefined;
  }
}

/** So much waits for a reader that does not read: what is logged beyond is left out. */
const MAX_WAITING_BYTES = 1024 * 1024;

function isStderrFull(): boolean {
  return process.stderr.writableLength > MAX_WAITING_BYTES;
}
