import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { stampOf } from "../reload/config-watch.ts";
import { ModuleFault } from "./fault.ts";
import { refuseForeignHands } from "./permissions.ts";
import { formatOf, isWithin, type ModulePlace } from "./place.ts";

/** A file as it was when it was read. */
export interface ReadFile {
  /** Tells it from what it was, as the watch of the config does. */
  stamp: string;
  /** Of what is in it; undefined: it could not be read. */
  hash: string | undefined;
}

export function readFileNow(file: string): ReadFile {
  const stamp = stampOf(file);
  return { stamp, hash: stamp === "none" ? undefined : hashOf(file) };
}

function hashOf(file: string): string | undefined {
  try {
    return createHash("sha256").update(readFileSync(file)).digest("hex");
  } catch {
    // A folder, or one that may not be read: who imports it says so.
    return undefined;
  }
}

/** One loading of one module: Node never lets go of what it has loaded, so each loading has addresses of its own. */
export class Generation {
  readonly place: ModulePlace;
  /** What its addresses end in. */
  readonly query: string;
  /** What it is made of, as far as it was asked for; packages it imports are not among them. */
  readonly files = new Map<string, ReadFile>();
  /** Where those have to lie. */
  #root: string;

  constructor(place: ModulePlace, query: string) {
    this.place = place;
    this.query = query;
    this.#root = place.folder;
  }

  /** The module itself, as Node found it. Throws `ModuleFault` for what must not be loaded. */
  entry(url: string): { url: string; format?: string } {
    if (this.place.kind === "package" && url.startsWith("file:")) this.#root = packageFolder(fileURLToPath(url));
    return this.member(url);
  }

  /** A file that it imports by path, likewise. */
  member(url: string): { url: string; format?: string } {
    if (!url.startsWith("file:")) throw new ModuleFault(`it imports ${url}, which is no file`);
    const file = fileURLToPath(url);
    if (!isWithin(this.#root, file)) {
      throw new ModuleFault(`it imports ${file}: what it imports by path has to lie in ${this.#root}`);
    }
    this.look(file);
    refuseForeignHands(file);
    const isInstalled = file.split(sep).includes("node_modules");
    if (isInstalled && /\.[cm]?ts$/.test(file)) {
      throw new ModuleFault(
        `${file} is TypeScript in node_modules, which Node does not run: a package has to bring JavaScript`,
      );
    }
    const format = isInstalled || this.place.kind === "package" ? undefined : formatOf(file);
    return { url: `${url}?${this.query}`, ...(format && { format }) };
  }

  /** Makes it one of the files that are looked after. */
  look(file: string): void {
    if (!this.files.has(file)) this.files.set(file, readFileNow(file));
  }
}

/** The nearest folder with a package.json. */
function packageFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(join(folder, "package.json")) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}
