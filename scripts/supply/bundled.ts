import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";

// The package has no dependencies to install: what it needs is bundled into it. These are the packages that can be in the bundle,
// found by what the sources import and what that depends on.

export const ROOT = join(import.meta.dirname, "../..");

export interface LockEntry {
  version: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  optional?: boolean;
  hasInstallScript?: boolean;
  os?: string[];
  cpu?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

export interface Bundled {
  readonly name: string;
  /** Where it lies: `node_modules/…`. */
  readonly place: string;
  readonly entry: LockEntry;
  /** The sources import it themselves. */
  readonly isDirect: boolean;
}

/** Of the lockfile, by the places of packages; the project itself, which has none, is not among them. */
export function lockedPackages(): Map<string, LockEntry> {
  const lock: { packages: Record<string, LockEntry> } = JSON.parse(
    readFileSync(join(ROOT, "package-lock.json"), "utf8"),
  );
  return new Map(Object.entries(lock.packages).filter(([place]) => place !== ""));
}

/** Sorted by name. */
export function bundledPackages(): Bundled[] {
  const locked = lockedPackages();
  const direct = new Set(importedBySources());
  const found = new Map<string, Bundled>();
  const waiting = [...direct].map((name) => ({ name, from: "" }));
  for (const { name, from } of waiting) {
    const place = placeOf(name, from, locked);
    const entry = place === undefined ? undefined : locked.get(place);
    if (place === undefined || entry === undefined || found.has(place)) continue;
    found.set(place, { name, place, entry, isDirect: from === "" });
    for (const next of Object.keys(entry.dependencies ?? {})) waiting.push({ name: next, from: place });
  }
  return [...found.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** As Node looks for it: in the folder of the package that wants it, then in those above. */
function placeOf(name: string, from: string, locked: ReadonlyMap<string, LockEntry>): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const place = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (locked.has(place)) return place;
    if (folder === "") return undefined;
  }
}

const IMPORT = /^(?:import|export) (?!type )[^"';]*from "([^"]+)"|\bimport\("([^"]+)"\)|^import "([^"]+)"/gm;

function importedBySources(): string[] {
  const files = globSync("{src,tui/src,web/src}/**/*.{ts,tsx}", { cwd: ROOT }).filter(
    (file) => !/\.test\.ts/.test(file),
  );
  const names = files.flatMap((file) =>
    [...readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)].flatMap(([, a, b, c]) => a ?? b ?? c ?? []),
  );
  const packages = names.filter((name) => /^[@a-z]/.test(name) && !isBuiltin(name));
  return [...new Set(packages.map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/")))];
}
