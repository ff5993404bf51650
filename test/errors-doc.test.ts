import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROUTER_ERRORS } from "../src/core/errors.ts";
import { FAILURES } from "../src/core/failure.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/errors.md"), "utf8");

/** The rows of the table under a heading: first cell without its backticks → the other cells. */
function tableUnder(heading: string): Map<string, string[]> {
  const section = page.split(`## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = new Map<string, string[]>();
  for (const line of section.split("\n")) {
    const [, name, rest] = /^\| `([a-z_-]+)` \| (.*) \|$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    ok(!rows.has(name), `${name} is there twice`);
    rows.set(name, rest.split(" | "));
  }
  return rows;
}

test("every error of the router is documented, with its status and its remedy, and no other", () => {
  const rows = tableUnder("Errors of the router");
  deepEqual([...rows.keys()], Object.keys(ROUTER_ERRORS));
  for (const [code, { status, remedy }] of Object.entries(ROUTER_ERRORS)) {
    const [documented, meaning, advice, ...more] = rows.get(code) ?? [];
    deepEqual([documented, advice, more], [String(status), remedy, []], code);
    ok(meaning);
  }
});

test("every kind of failure is documented, with its status, and no other", () => {
  const rows = tableUnder("Failures of providers");
  deepEqual([...rows.keys()], Object.keys(FAILURES));
  for (const [kind, { status }] of Object.entries(FAILURES)) {
    const cells = rows.get(kind) ?? [];
    equal(cells[0], String(status), kind);
    equal(cells.length, 3, kind);
    for (const cell of cells) ok(cell !== "");
  }
});
