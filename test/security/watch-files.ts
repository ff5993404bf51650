import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { resolve, sep } from "node:path";

// Loaded before the router (`--import`): writes to stderr which files below the working directory it reads or opens.

const below = process.cwd() + sep;

function watch(owner: object, name: string): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== "function") return;
  Reflect.set(owner, name, function watched(this: unknown, ...args: unknown[]): unknown {
    const [path] = args;
    if (typeof path === "string" && resolve(path).startsWith(below)) fs.writeSync(2, `OPENED ${name} ${path}\n`);
    return Reflect.apply(original, this, args);
  });
}

for (const name of ["readFileSync", "openSync", "readFile", "open", "createReadStream", "readdirSync"]) watch(fs, name);
for (const name of ["readFile", "open", "readdir"]) watch(fs.promises, name);
syncBuiltinESMExports();
