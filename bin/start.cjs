"use strict";
const { existsSync, lstatSync, mkdirSync, readFileSync, statSync } = require("node:fs");
const { constants, enableCompileCache, flushCompileCache } = require("node:module");
const { homedir } = require("node:os");
const { dirname, isAbsolute, join } = require("node:path");
const { pathToFileURL } = require("node:url");

/** What was compiled is written down this long after the start, for those that are killed; others do it when they end. */
const WRITTEN_AFTER_MS = 2_000;

keepCompiled();
// zod, which checks the config, would write and compile code of its own for each shape: that pays off after many checks, not at a start.
globalThis.__zod_globalConfig = { jitless: true };
// A package has only what was built. A checkout has the sources as well: they are run when one was changed since.
const root = join(__dirname, "..");
const source = join(root, "src", "cli", "main.ts");
const main = existsSync(source) && !isBuiltOfSources() ? source : join(root, "dist", "main.js");
import(pathToFileURL(main).href);

/** Whether every source looks as it did when scripts/build.ts built `dist/`: less than 10 ms, where loading them takes hundreds. */
function isBuiltOfSources() {
  const place = join(root, "dist", "built-of.json");
  if (!existsSync(place)) return false;
  const quietly = { throwIfNoEntry: false };
  return JSON.parse(readFileSync(place, "utf8")).every(([file, bytes, mtimeMs]) => {
    // join would take a third of the time of this.
    const stat = statSync(`${root}/${file}`, quietly);
    return (stat?.size ?? -1) === bytes && (stat?.mtimeMs ?? -1) === mtimeMs;
  });
}

/** The next start takes from the user's cache what this one compiles: a quarter of a start, in a checkout half of it. */
function keepCompiled() {
  // Then Node has done it by itself, or must not.
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) return;
  const folder = ownFolder();
  if (folder === undefined) return;
  const { status } = enableCompileCache(folder);
  if (status === constants.compileCacheStatus.ENABLED) setTimeout(flushCompileCache, WRITTEN_AFTER_MS).unref();
}

/** Undefined: there is none, or somebody else could write to it. What lies there is run. */
function ownFolder() {
  try {
    const folder = join(cacheFolder(), "opensourcellmrouter");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return lstatSync(folder).isDirectory() && isOwn(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** As foreignWriter in src/core/own-files.ts has it: who can write a folder above can put another in this one's place. */
function isOwn(folder) {
  if (process.geteuid === undefined) return true;
  const uid = process.geteuid();
  for (let at = folder; ; at = dirname(at)) {
    const stat = statSync(at);
    const isSticky = at !== folder && (stat.mode & 0o1000) !== 0;
    const others = stat.gid === uid && stat.gid === process.getegid() ? 0o002 : 0o022;
    if ((stat.uid !== uid && stat.uid !== 0) || ((stat.mode & others) !== 0 && !isSticky)) return false;
    if (at === dirname(at)) return true;
  }
}

function cacheFolder() {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === "win32" && LOCALAPPDATA) return LOCALAPPDATA;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches");
  return XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), ".cache");
}
