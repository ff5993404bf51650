import manifest from "../../../../../package.json" with { type: "json" };
import { type Finding, failed, ok } from "../../finding.ts";

/** `>=22.19` of the package, against the Node that runs. */
export function nodeVersion(version: string = process.versions.node): Finding {
  const least = manifest.engines.node.replace(/^>=/, "");
  if (isAtLeast(version, least)) return ok("node", `${version} (${least} or later is needed)`);
  return failed("node", `${version} is too old`, `install Node ${least} or later from https://nodejs.org`);
}

function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split(".").map(Number));
  for (const [at, wanted] of (want ?? []).entries()) {
    const had = have?.[at] ?? 0;
    if (had !== wanted) return had > wanted;
  }
  return true;
}
