import { constants } from "node:fs";
import { access, stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Config } from "../../../../config/config.ts";
import { logNames } from "../../../../record/log-names.ts";
import { type Finding, failed, ok, skipped, warning } from "../../finding.ts";

const MIB = 1024 * 1024;
/** Below these a busy day may fill it. */
const LITTLE = 1024 * MIB;
const TOO_LITTLE = 100 * MIB;

/** Whether log and store can be written, and have room. */
export async function logFiles({ enabled, path, index }: Config["logging"]): Promise<Finding[]> {
  if (!enabled) return [skipped("log", "[logging] enabled = false: nothing is written down")];
  if (path.startsWith("/dev/")) return [ok("log", `${path}: no file`)];
  const file = resolve(path);
  const folder = await nearestThere(dirname(file));
  if (!(await stat(folder)).isDirectory())
    return [failed("log", `${path}: ${folder} is a file, not a folder`, "correct [logging] path")];
  const findings: Finding[] = [];
  const wanted = [file, ...(index ? [logNames(file).index] : [])];
  const locked = await firstLocked(folder, wanted);
  if (locked === undefined) findings.push(ok("log", `${path} can be written`));
  else findings.push(failed("log", `${locked} cannot be written`, "make it writable for whoever runs the router"));
  findings.push(await space(folder));
  return findings;
}

/** What is there already of a path: parent folders of a log are made. */
async function nearestThere(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) if ((await isThere(at)) || at === dirname(at)) return at;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function firstLocked(folder: string, files: readonly string[]): Promise<string | undefined> {
  if (!(await isWritable(folder))) return folder;
  for (const file of files) {
    if ((await isThere(file)) && !(await isWritable(file))) return file;
  }
  return undefined;
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function space(folder: string): Promise<Finding> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return spaceFinding(folder, bavail * bsize, files > 0 && ffree === 0);
}

/** `bytes`: left for whoever runs the router. `full`: there is no room for another file, however small. Exported for its test. */
export function spaceFinding(folder: string, bytes: number, full: boolean): Finding {
  const left = bytes >= 1024 * MIB ? `${(bytes / 1024 / MIB).toFixed(1)} GiB` : `${Math.floor(bytes / MIB)} MiB`;
  const text = `${left} free in ${folder}`;
  const todo = "make room, move [logging] path, or bound the log with keep_days or keep_mb";
  if (full) return failed("disk", `no file can be made in ${folder}: it has no free inode`, "delete files there");
  if (bytes < TOO_LITTLE) return failed("disk", text, todo);
  return bytes < LITTLE ? warning("disk", text, todo) : ok("disk", text);
}
