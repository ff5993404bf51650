import { existsSync, realpathSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { extname, isAbsolute, relative, resolve, sep } from "node:path";
import { ModuleFault } from "./fault.ts";

/** What to import for a `module = "…"`: a file, without links, or a package as seen from the config's folder. */
export interface ModulePlace {
  kind: "file" | "package";
  /** The file's path, or the package's name. */
  named: string;
  /** The config's folder, without links: what a file imports by relative path has to lie in it. */
  folder: string;
}

/** Files of the owner's own need no package.json to say what they are. */
type Format = "module" | "module-typescript";

const FORMATS: ReadonlyMap<string, Format> = new Map([
  [".ts", "module-typescript"],
  [".mts", "module-typescript"],
  [".js", "module"],
  [".mjs", "module"],
]);

/** `my-package`, `@me/my-package`, `my-package/part`. */
const PACKAGE = /^(?:@[a-z\d-][\w.-]*\/)?[a-z\d-][\w.-]*(?:\/[\w.-]+)*$/i;

/** Where `module = "…"` of a config in `folder` leads. Throws `ModuleFault` for all that is neither a file there nor a package. */
export function placeOf(named: string, folder: string): ModulePlace {
  const root = realpathSync(folder);
  if (named.startsWith("./")) return fileIn(root, named);
  const isName = PACKAGE.test(named) && !named.split("/").includes("..");
  if (!isName || isBuiltin(named)) {
    throw new ModuleFault(
      `${JSON.stringify(named)} is neither a file beside the config, which begins with "./", nor the name of an installed package`,
    );
  }
  return { kind: "package", named, folder: root };
}

function fileIn(root: string, named: string): ModulePlace {
  if (named.split(/[/\\]/).includes("..")) {
    throw new ModuleFault(`${JSON.stringify(named)} must not have ".." in it: modules lie in the config's folder`);
  }
  const path = resolve(root, named);
  if (!existsSync(path)) throw new ModuleFault(`there is no file ${path}`);
  const file = realpathSync(path);
  if (!isWithin(root, file)) {
    throw new ModuleFault(`${named} leads out of the config's folder, to ${file}: modules lie in that folder`);
  }
  if (!statSync(file).isFile() || formatOf(file) === undefined) {
    throw new ModuleFault(`${named} is no module: its name has to end in ${[...FORMATS.keys()].join(", ")}`);
  }
  return { kind: "file", named: file, folder: root };
}

/** By its name's end, as a module of the owner's own; undefined: it is none. */
export function formatOf(file: string): Format | undefined {
  return FORMATS.get(extname(file));
}

export function isWithin(root: string, file: string): boolean {
  const path = relative(root, file);
  return path !== "" && path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
