import { type ExecFileSyncOptions, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ROOT } from "./bundled.ts";

// `npm run reproducible`: packs two clones of what is committed in folders of different names, and compares the packages byte
// by byte. Whoever has the sources can so tell that a published package was made of them and of nothing else.

/** The bytes of the package made in a clone of this repository. */
function packed(commit: string, folder: string): Buffer {
  const quiet: ExecFileSyncOptions = { stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ROOT, folder], quiet);
  execFileSync("git", ["checkout", "--quiet", "--detach", commit], { ...quiet, cwd: folder });
  copyModules(join(folder, "node_modules"));
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { ...quiet, cwd: folder });
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "";
  return readFileSync(join(folder, name));
}

/** In place, as an installation has them: a link would lead out of the clone, and paths are part of what is hashed. */
function copyModules(to: string): void {
  const from = join(ROOT, "node_modules");
  // Of hard links, where that can be.
  const linked = spawnSync("cp", ["-al", from, to], { stdio: "ignore" });
  if (linked.status !== 0) cpSync(from, to, { recursive: true, verbatimSymlinks: true, force: true });
}

/** The files of a tar whose bytes or headers differ, by name. */
function differences(one: Buffer, other: Buffer): string[] {
  const [a, b] = [entriesOf(one), entriesOf(other)];
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => a.get(name) !== b.get(name)).sort();
}

function entriesOf(tgz: Buffer): Map<string, string> {
  const tar = gunzipSync(tgz);
  const entries = new Map<string, string>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const field = (from: number, length: number) =>
      tar.toString("utf8", at + from, at + from + length).replace(/\0.*$/s, "");
    const end = at + 512 + Math.ceil(Number.parseInt(field(124, 12), 8) / 512) * 512;
    entries.set(field(0, 100), createHash("sha256").update(tar.subarray(at, end)).digest("hex"));
    at = end;
  }
  return entries;
}

// Modes of files are part of a package.
process.umask(0o022);
const commit = execFileSync("git", ["rev-parse", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim();
const work = mkdtempSync(join(tmpdir(), "reproducible-"));
try {
  const one = packed(commit, join(work, "a"));
  const other = packed(commit, join(work, "another/place"));
  const sha256 = createHash("sha256").update(one).digest("hex");
  if (one.equals(other)) console.log(`two packages, byte for byte the same: ${one.length} bytes, sha256 ${sha256}`);
  else {
    console.error(`two packages that differ, in: ${differences(one, other).join(", ") || "how they are compressed"}`);
    process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
