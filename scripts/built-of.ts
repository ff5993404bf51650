import { globSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How a file looked: its name, size and time of change. Size -1: there was none. */
type Look = readonly [file: string, bytes: number, mtimeMs: number];

/** What a bundle is made of: who has changed one of these runs the sources (bin/start.cjs). The packages change with their lockfiles. */
const SOURCES = [
  "src/**/*",
  "skeletons/**/*",
  "scripts/*",
  "package.json",
  "package-lock.json",
  "node_modules/.package-lock.json",
];
/** Built beside the bundle, and copied into it: `npm run build:web` and `npm run build:tui` make them anew. */
const BUILT = ["web/dist/index.html", "tui/dist/tui.js"];

/** How the sources look. */
export function looksOf(root: string): Look[] {
  const files = SOURCES.flatMap((pattern) => (pattern.includes("*") ? globSync(pattern, { cwd: root }) : pattern));
  return files.filter((file) => !/\.test\.tsx?$/.test(file)).flatMap((file) => lookOf(root, file));
}

/** Says that `dist/` was built of sources that looked so. */
export function builtOf(root: string, sources: readonly Look[]): void {
  const looks = [...sources, ...BUILT.flatMap((file) => lookOf(root, file))];
  const place = join(root, "dist/built-of.json");
  // At once: whoever starts just now reads all of it, or none.
  writeFileSync(`${place}.new`, JSON.stringify(looks));
  renameSync(`${place}.new`, place);
}

/** Of a folder: nothing, what is in it is looked at by itself. */
function lookOf(root: string, file: string): Look[] {
  const stat = statSync(join(root, file), { throwIfNoEntry: false });
  return stat?.isDirectory() ? [] : [[file, stat?.size ?? -1, stat?.mtimeMs ?? -1]];
}
