import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isObject, tryParseJson } from "../../src/core/json.ts";
import type { Router } from "./processes.ts";

/** Where `[logging] enabled = true` writes. */
export function logPath({ folder }: Pick<Router, "folder">): string {
  return join(folder, "logs", "requests.jsonl");
}

export interface LogLines {
  /** Of the records, in their order. */
  ids: string[];
  /** Lines with an end that are no records. */
  broken: number;
  /** Characters behind the last line end. */
  torn: number;
}

export function readLog(path: string): LogLines {
  const lines = readFileSync(path, "utf8").split("\n");
  const torn = lines.pop()?.length ?? 0;
  const ids: string[] = [];
  for (const line of lines) {
    const record = tryParseJson(line);
    if (isObject(record) && typeof record["id"] === "string") ids.push(record["id"]);
  }
  return { ids, broken: lines.length - ids.length, torn };
}
