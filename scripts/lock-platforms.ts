import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Adds to package-lock.json the platform packages of optional dependencies that the registry at hand did not have when the
 * lock was written. Without them `npm ci` calls the lock out of step with package.json, on every platform. Run it after
 * `npm install`; it changes nothing when nothing is missing.
 */
interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}
interface Lock {
  packages: Record<string, LockEntry>;
}

const file = join(import.meta.dirname, "..", "package-lock.json");
const lock: Lock = JSON.parse(readFileSync(file, "utf8"));
const added: string[] = [];

for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] !== undefined) continue;
    lock.packages[place] = { version: lowestOf(version), ...platformOf(name), dev: entry.dev === true, optional: true };
    added.push(name);
  }
}
if (added.length > 0) {
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`);
}
console.log(added.length === 0 ? "nothing is missing" : `added:\n${added.join("\n")}`);

/** `^0.1.0` asks for 0.1.0 at least; a lock names one version. */
function lowestOf(range: string): string {
  return range.replace(/^[\^~]/, "");
}

/** `…/binding-linux-arm64-musl` says for which machines it is. */
function platformOf(name: string): LockEntry {
  const words = name.split(/[-/]/);
  const systems = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
  const os = words.includes("windows") ? "win32" : systems.find((word) => words.includes(word));
  const cpu = ["arm64", "arm", "x64", "ia32", "ppc64", "riscv64", "s390x"].find((word) => words.includes(word));
  const isMusl = words.some((word) => word.startsWith("musl"));
  return {
    ...(os !== undefined && { os: [os] }),
    ...(cpu !== undefined && { cpu: [cpu] }),
    ...(os === "linux" && { libc: [isMusl ? "musl" : "glibc"] }),
  };
}
