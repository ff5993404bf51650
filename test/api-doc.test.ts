import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allRoutes } from "./support/all-routes.ts";

const ROOT = join(import.meta.dirname, "..");
const page = readFileSync(join(ROOT, "docs", "api.md"), "utf8");

function routesOfTheCode(): string[] {
  return allRoutes().map(({ method, path }) => `${method} ${path}`);
}

/** The rows of the table of routes: methods in the first column, paths in the second. */
function routesOfThePage(): string[] {
  const rows = [...page.matchAll(/^\| (`(?:GET|HEAD|POST|DELETE)`[^|]*) \| (`\/[^|]*) \|/gm)];
  return rows.flatMap(([, methods = "", paths = ""]) =>
    quoted(methods).flatMap((method) => quoted(paths).map((path) => `${method} ${path.replace("{id}", "*")}`)),
  );
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
}

test("docs/api.md lists every route, and no other", () => {
  assert.deepEqual(routesOfThePage().toSorted(), routesOfTheCode().toSorted());
});

test("docs/api.md shows how to call every route", () => {
  const examples = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, text = ""]) => text).join("");
  const plain = ["/", "/health", "/ready", "/dashboard", "/dashboard/assets/simulated"];
  for (const route of routesOfTheCode()) {
    const path = route.replace(/^\w+ (?:\/v1)?/, "");
    if (plain.includes(path.replace("*", "simulated"))) continue;
    // Gemini's paths have the method behind the model.
    const ways = ["", "/v1"].flatMap((base) => ["simulated", "$ID"].map((id) => `$B${base}${path.replace("*", id)}`));
    assert.ok(
      ways.some((way) => [" ", ":", "\n"].some((end) => examples.includes(`${way}${end}`))),
      path,
    );
  }
});

test("docs/api.md names every header of the router's own", () => {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" });
  const names = new Set<string>();
  for (const file of files.filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))) {
    for (const [name] of readFileSync(join(ROOT, "src", file), "utf8").matchAll(/\bX-Router-[A-Z][A-Za-z-]+/g)) {
      names.add(name);
    }
  }
  const told = new Set([...page.matchAll(/\bX-Router-[A-Z][A-Za-z-]+/g)].map(([name]) => name));
  assert.deepEqual([...told].toSorted(), [...names].toSorted());
});
