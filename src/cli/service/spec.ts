import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Config } from "../../config/config.ts";
import { clientUrl } from "../address.ts";
import { Refusal } from "../io.ts";
import type { Host } from "./host.ts";

/** By which the service is known to the machine. */
export const SERVICE = "opensourcellmrouter";

/** What a service runs, all paths absolute. */
export interface ServiceSpec {
  readonly node: string;
  readonly program: string;
  readonly config: string;
  /** Of the config: where it runs. */
  readonly folder: string;
  /** Folders it writes to. */
  readonly writable: readonly string[];
  /** How long it may take to stop, in seconds. */
  readonly stopS: number;
  readonly port: number;
  /** Where it will be, for people. */
  readonly base: string;
  /** For the whole machine: whom it runs as. Undefined: it is a user's own. */
  readonly runAs: string | undefined;
}

/** Whole answers have a minute when the router stops (src/server/start.ts), and the log is written out after that. */
const WHOLE_S = 60;
const LAST_S = 15;

/** Throws `Refusal` for what cannot be run from where it is. */
export function serviceSpec(
  file: string,
  config: Config,
  host: Pick<Host, "node" | "program">,
  runAs: string | undefined,
): ServiceSpec {
  const { server, logging } = config;
  const path = resolve(file);
  const folder = dirname(path);
  for (const place of [host.node, host.program]) refuseVolatile(place);
  for (const place of [host.node, host.program, path]) refuseControls(place);
  const log = isAbsolute(logging.path) ? logging.path : join(folder, logging.path);
  refuseControls(log);
  const isFile = logging.enabled && !log.startsWith("/dev/");
  const url = `http://${server.host.includes(":") ? `[${server.host}]` : server.host}:${server.port}`;
  return {
    node: host.node,
    program: host.program,
    config: path,
    folder,
    writable: isFile ? [dirname(log)] : [],
    stopS: Math.ceil(Math.max(server.drain_s, WHOLE_S)) + LAST_S,
    port: server.port,
    base: clientUrl(url),
    runAs,
  };
}

/** Places that are emptied now and then. */
const VOLATILE: readonly [RegExp, string][] = [
  [/\/_npx\//, "the cache of npx"],
  [/\/(?:bunx-|\.bun\/install\/cache)/, "the cache of bunx"],
  [/\/dlx[-/]/, "the cache of pnpm dlx"],
  [/^\/(?:tmp|var\/tmp|dev\/shm|run|private\/tmp|private\/var\/folders)\//, "a temporary folder"],
];

function refuseVolatile(path: string): void {
  const place = VOLATILE.find(([pattern]) => pattern.test(path));
  if (place === undefined) return;
  throw new Refusal(
    1,
    `${path} is in ${place[1]}, which may be emptied at any time: a service cannot run from there.\n` +
      "Install it to stay (npm install -g opensourcellmrouter), and run this again with what was installed.",
  );
}

/** No line of a unit can hold them, nor may it end in a backslash. */
function refuseControls(path: string): void {
  const holds = [...path].some((char) => char < " " || char === "\u007f") || /\\(?:\/|$)/.test(path);
  if (!holds) return;
  const what = "a control character, or a folder that ends in a backslash";
  throw new Refusal(2, `${JSON.stringify(path)} holds ${what}: rename it, a service cannot be told of it`);
}
