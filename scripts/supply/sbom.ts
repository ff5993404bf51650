import { writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { type Bundled, bundledPackages, ROOT } from "./bundled.ts";

// `npm run sbom [-- FILE]`: what is in the package, as CycloneDX. The same sources give the same bytes: it holds no time and no serial number.
// npm's own `npm sbom` would list nothing, as there is nothing to install, or with the tools of development all of them.

export function sbom(): object {
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": `${manifest.name}@${manifest.version}`,
        name: manifest.name,
        version: manifest.version,
        purl: purlOf(manifest.name, manifest.version),
        licenses: [{ expression: manifest.license }],
      },
    },
    components: bundledPackages().map(component),
  };
}

function component({ name, place, entry }: Bundled): object {
  const [algorithm = "", digest] = (entry.integrity ?? "").split("-");
  const hash = digest === undefined ? undefined : Buffer.from(digest, "base64").toString("hex");
  return {
    type: "library",
    "bom-ref": `${name}@${entry.version}|${place}`,
    name,
    version: entry.version,
    purl: purlOf(name, entry.version),
    scope: "required",
    ...(entry.license !== undefined && { licenses: [{ expression: entry.license }] }),
    ...(hash !== undefined && { hashes: [{ alg: algorithm.toUpperCase().replace("SHA", "SHA-"), content: hash }] }),
  };
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

if (import.meta.main) {
  const file = process.argv[2] ?? join(ROOT, "sbom.cdx.json");
  writeFileSync(file, `${JSON.stringify(sbom(), undefined, 2)}\n`);
  console.log(`wrote ${file}`);
}
