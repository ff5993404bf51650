import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { bundledPackages, ROOT } from "./bundled.ts";

// `npm run audit:bundled`: known holes of the packages that are bundled fail it; those of tools are told. A registry that cannot be
// asked fails nothing, and is said: what is right does not become wrong by having no network.

interface Report {
  vulnerabilities?: Record<string, { severity: string; range: string; fixAvailable?: unknown }>;
  error?: unknown;
}

async function report(): Promise<Report> {
  try {
    return JSON.parse((await promisify(execFile)("npm", ["audit", "--json"], { cwd: ROOT })).stdout);
  } catch (error) {
    // It ends with 1 when it has found something, too.
    const said = typeof error === "object" && error !== null ? Reflect.get(error, "stdout") : "";
    try {
      return JSON.parse(String(said));
    } catch {
      return { error: String(error) };
    }
  }
}

const { vulnerabilities, error } = await report();
if (vulnerabilities === undefined) {
  console.log(`audit: SKIPPED, the registry could not be asked (${JSON.stringify(error) ?? "no answer"})`);
} else {
  const bundled = new Set(bundledPackages().map(({ name }) => name));
  for (const [name, { severity, range }] of Object.entries(vulnerabilities)) {
    const isBundled = bundled.has(name);
    console.log(`audit: ${isBundled ? "BUNDLED" : "tool"} ${name} ${range}: ${severity}`);
    if (isBundled) process.exitCode = 1;
  }
  console.log(`audit: ${Object.keys(vulnerabilities).length} packages with known holes`);
}
