/** What is wrong with an index, and whether it can be mended. */
export interface IndexProblem {
  /** `corrupt`: to be made anew. `busy`: for a moment. `lasting`: to be tried again after a while. `bug`: ours. */
  kind: "corrupt" | "busy" | "lasting" | "bug";
  /** With the remedy, where there is one. */
  message: string;
}

const FIXES: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full: make room"],
  ["EDQUOT", "the disk quota is used up: make room"],
  ["EACCES", "the router may not write there: give its user the right to, or set [logging] index = false"],
  ["EPERM", "the router may not write there: give its user the right to, or set [logging] index = false"],
  ["EROFS", "the file system is read-only: set another [logging] path, or [logging] index = false"],
  ["ELOOP", "it is a symbolic link, which is not followed: remove it, and the index is made from the log"],
  ["EISDIR", "a folder is where the index should be: move it away"],
  ["ENOTDIR", "a file is where its folder should be: set another [logging] path"],
]);

/** SQLite's primary result codes. */
const RESULTS: ReadonlyMap<number, IndexProblem> = new Map<number, IndexProblem>([
  [5, { kind: "busy", message: "another program holds the index locked: close it" }],
  [6, { kind: "busy", message: "another program holds the index locked: close it" }],
  [8, { kind: "lasting", message: "the index may only be read: give the router's user the right to write it" }],
  [10, { kind: "lasting", message: "the disk cannot be read or written" }],
  [11, { kind: "corrupt", message: "the index is corrupt" }],
  [13, { kind: "lasting", message: "the disk is full: make room" }],
  [14, { kind: "lasting", message: "the index cannot be opened: see that its folder exists and can be written" }],
  [26, { kind: "corrupt", message: "the index is no SQLite database" }],
]);

export function problemOf(error: unknown): IndexProblem {
  if (!(error instanceof Error)) return { kind: "bug", message: String(error) };
  const result =
    "errcode" in error && typeof error.errcode === "number" ? RESULTS.get(error.errcode & 0xff) : undefined;
  if (result) return { kind: result.kind, message: `${result.message} (${error.message})` };
  const isOfSystem = "syscall" in error && "code" in error;
  const fix = isOfSystem ? FIXES.get(String(error.code)) : undefined;
  if (fix !== undefined) return { kind: "lasting", message: `${fix} (${error.message})` };
  if (isOfSystem) return { kind: "lasting", message: error.message };
  return { kind: "bug", message: error.stack ?? error.message };
}
