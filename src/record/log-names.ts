import { basename, dirname, extname, join } from "node:path";

/** The names of a log: what it is written to, what that is renamed to, and the index of both. */
export interface LogNames {
  folder: string;
  /** In the folder. */
  current: string;
  /** Path of the index. */
  index: string;
  /** What the current file is renamed to at that time. */
  rotated(date: Date): string;
  /** Whether a file of the folder was the log once and was renamed by the router. */
  isRotated(name: string): boolean;
  /** Whether it was renamed by others, such as logrotate: `requests.jsonl.1`; what is compressed cannot be read. */
  isForeign(name: string): boolean;
}

export function logNames(path: string): LogNames {
  const current = basename(path);
  const extension = extname(current);
  const stem = current.slice(0, current.length - extension.length);
  const middleOf = (name: string) => name.slice(stem.length + 1, name.length - extension.length);
  return {
    folder: dirname(path),
    current,
    index: join(dirname(path), `${stem}.index.sqlite`),
    rotated: (date) => `${stem}.${date.toISOString().replace(/[:.]/g, "-")}${extension}`,
    isRotated: (name) =>
      name.startsWith(`${stem}.`) && name.endsWith(extension) && /^\d{4}-\d\d-\d\dT[\d-]+Z$/.test(middleOf(name)),
    isForeign: (name) => name.startsWith(current) && /^[.-]\d[\d-]*$/.test(name.slice(current.length)),
  };
}
