import { deepEqual, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { test } from "node:test";

// What docs/security.md promises is only worth something while the tests it names are there.

const page = readFileSync("docs/security.md", "utf8");
const promises = page.slice(page.indexOf("## What is promised"));
const files = globSync("{src,test,web,tui}/**/*.test.{ts,tsx}");

test("every test that a promise names is there", () => {
  const named = [...promises.matchAll(/`([\w/.-]+\.test\.tsx?)`/g)].map(([, name = ""]) => name);
  ok(named.length > 0);
  deepEqual(
    named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`))),
    [],
  );
});

test("every class of attacks that has tests is promised", () => {
  const classes = files.map((file) => basename(file)).filter((file) => /^s\d\d-/.test(file));
  deepEqual(
    classes.filter((file) => !promises.includes(file)),
    [],
  );
});
