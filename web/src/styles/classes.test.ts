import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const SOURCES = join(import.meta.dirname, "..");

test("no two style sheets define one class: all of them apply to the whole page", () => {
  const owners = new Map<string, Set<string>>();
  for (const file of globSync("**/*.css", { cwd: SOURCES })) {
    const text = readFileSync(join(SOURCES, file), "utf8");
    for (const [, name = ""] of text.matchAll(/^\.([a-z][\w-]*)/gm)) {
      owners.set(name, (owners.get(name) ?? new Set()).add(file));
    }
  }
  const shared = [...owners].filter(([, files]) => files.size > 1).map(([name, files]) => [name, [...files]]);
  deepEqual(shared, []);
});
