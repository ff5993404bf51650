import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import manifest from "../package.json" with { type: "json" };
import { bundledPackages, lockedPackages, ROOT } from "../scripts/supply/bundled.ts";
import { sbom } from "../scripts/supply/sbom.ts";

// What comes from others, and how it gets in. docs/supply-chain.md says the same to people.

const PAGE = readFileSync(join(ROOT, "docs/supply-chain.md"), "utf8");
const locked = lockedPackages();
const bundled = bundledPackages();

/** How many packages may be in the bundle. More is a decision: say in the commit which one came, and what for. */
const MAX_IMPORTED = 20;
const MAX_BUNDLED = 80;
/** What the package's own licence (MIT) goes together with, in whatever form it is passed on. */
const LICENCES = new Set(["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "(MIT OR CC0-1.0)"]);
/** Of the tools besides, which are not passed on. */
const TOOLS_TOO = ["MIT OR Apache-2.0", "MPL-2.0", "Unlicense", "BlueOak-1.0.0"];

/** Of tools: under MIT, by the file that comes with them, though their package.json does not say so. */
const SAY_IT_IN_A_FILE = new Set(["node_modules/png-js"]);

test("package.json names exact versions, and those are locked", () => {
  deepEqual(
    Object.keys(manifest).filter((key) => /dependencies$/i.test(key)),
    ["devDependencies"],
  );
  for (const [name, version] of Object.entries(manifest.devDependencies)) {
    match(version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/, name);
    equal(locked.get(`node_modules/${name}`)?.version, version, `${name}: run npm install`);
  }
});

test("the lockfile holds a hash of each package, but of those for other systems, and names no other source", () => {
  const without = [...locked].filter(([, { integrity }]) => !/^sha512-[A-Za-z\d+/]{86}==$/.test(integrity ?? ""));
  // scripts/lock-platforms.ts adds these where the registry at hand has none of them.
  deepEqual(
    without.filter(([, { optional, os }]) => optional !== true || os === undefined).map(([place]) => place),
    [],
  );
  for (const [place, { resolved = "https://registry.npmjs.org/" }] of locked)
    ok(resolved.startsWith("https://registry.npmjs.org/"), `${place} is from ${resolved}`);
});

test("install scripts run for those that are allowed to, and each that has one was decided on", () => {
  const have = [...locked]
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([place]) => place.split("node_modules/").at(-1));
  deepEqual([...new Set(have)].sort(), Object.keys(manifest.allowScripts).sort());
});

test("licences: what is bundled goes together with MIT, tools are free", () => {
  const wrong = bundled.filter(({ entry }) => !LICENCES.has(entry.license ?? "none"));
  deepEqual(
    wrong.map(({ name, entry }) => `${name}: ${entry.license}`),
    [],
  );
  const tools = [...locked].filter(([place, { license, optional }]) => {
    if (license !== undefined) return !LICENCES.has(license) && !TOOLS_TOO.includes(license);
    return optional !== true && !SAY_IT_IN_A_FILE.has(place);
  });
  deepEqual(
    tools.map(([place, { license }]) => `${place}: ${license}`),
    [],
  );
});

test("no more is bundled than was decided, and the docs name it", () => {
  const direct = bundled.filter(({ isDirect }) => isDirect).map(({ name }) => name);
  ok(direct.length > 10 && direct.length <= MAX_IMPORTED, `${direct.length} imported: ${direct}`);
  ok(bundled.length > direct.length && bundled.length <= MAX_BUNDLED, `${bundled.length} bundled`);
  const told = [...PAGE.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  deepEqual(told, direct);
  for (const count of [MAX_IMPORTED, MAX_BUNDLED]) ok(PAGE.includes(`${count}`));
});

test("the SBOM names all of it once, each with version, licence and hash", () => {
  const made: unknown = JSON.parse(JSON.stringify(sbom()));
  const components = read(made, "components");
  ok(Array.isArray(components));
  deepEqual([read(made, "bomFormat"), read(made, "specVersion")], ["CycloneDX", "1.6"]);
  equal(new Set(components.map((one) => read(one, "bom-ref"))).size, bundled.length);
  for (const one of components) {
    match(String(read(one, "purl")), /^pkg:npm\/(?:%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
    match(JSON.stringify(one), /"licenses":\[\{"expression":"[^"]+"\}\].*"alg":"SHA-512","content":"[\da-f]{128}"/);
  }
});

function read(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
