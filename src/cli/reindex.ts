import { existsSync, readdirSync } from "node:fs";
import { logNames } from "../record/log-names.ts";
import { reindex as makeAnew } from "../store/reindex.ts";
import { StoreError } from "../store/store.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import { openConfig } from "./open-config.ts";
import { probe } from "./probe.ts";

/** `reindex [CONFIG]`: makes the index of the log anew, from all its files. */
export async function reindex(file: string | undefined, io: Io): Promise<number> {
  const { config } = await openConfig(file, { kinds: KINDS, env: io.env, probe });
  const { path, index } = config.logging;
  if (!index) throw new Refusal(2, "[logging] index = false: there is no index to make; take it out first");
  if (!hasLog(path))
    throw new Refusal(1, `there is no log at ${path}: nothing to index ([logging] path names another)`);
  const began = performance.now();
  try {
    const { exchanges, index, indexBytes } = makeAnew(path, ({ name, bytes, lines, exchanges }) => {
      const others = lines > exchanges ? `, ${lines - exchanges} lines are no records` : "";
      io.out(`${name}: ${exchanges} exchanges in ${mib(bytes)}${others}`);
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    io.out(`${index}: ${exchanges} exchanges, ${mib(indexBytes)}, made in ${seconds} s`);
    return 0;
  } catch (error) {
    if (error instanceof StoreError) throw new Refusal(1, `the index of ${path} cannot be made: ${error.message}`);
    throw error;
  }
}

function hasLog(path: string): boolean {
  const { folder, current, isRotated, isForeign } = logNames(path);
  return (
    existsSync(folder) && readdirSync(folder).some((name) => name === current || isRotated(name) || isForeign(name))
  );
}

function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
