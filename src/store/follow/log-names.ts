import { basename, dirname, extname, join } from "node:path";

/** The names of a log: what it is written to, what that is renamed to, and the index of both. */
export interface LogNames {
  folder: string;
  current: string;
  /** Path of the index. */
  index: string;
  /** Whether a file of the folder was the log once. */
  isRotated(name: string): boolean;
}

export function logNames(path: string): LogNames {
  const current = basename(path);
  const extension = extname(current);
  const stem = current.slice(0, current.length - extension.length);
  return {
    folder: dirname(path),
    current,
    index: join(dirname(path), `${stem}.index.sqlite`),
    isRotated: (name) => isOurs(name, stem, extension) || isForeign(name, current),
  };
}

/** As the router itself renames it (record/rotation.ts). */
function isOurs(name: string, stem: string, extension: string): boolean {
  if (!name.startsWith(`${stem}.`) || !name.endsWith(extension)) return false;
  const middle = name.slice(stem.length + 1, name.length - extension.length);
  return /^\d{4}-\d\d-\d\dT[\d-]+Z$/.test(middle);
}

/** As logrotate and the like do: `requests.jsonl.1`, `requests.jsonl-20261128`; what is compressed cannot be read. */
function isForeign(name: string, current: string): boolean {
  return name.startsWith(current) && /^[.-]\d[\d-]*$/.test(name.slice(current.length));
}
