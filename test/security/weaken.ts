import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Weakening } from "../support/router.ts";

// Loaded before the router (`--import`): takes guards out of its source, as `startRouter` orders, so that an attack can be seen to
// succeed without them. A guard that is no longer there in these words ends the program: its attack would prove nothing.

const SRC = join(import.meta.dirname, "../../src");
const orders: Weakening[] = JSON.parse(process.env["WEAKEN"] ?? "[]");

registerHooks({
  load(url, context, next) {
    const own = url.startsWith("file:") ? orders.filter(({ file }) => fileURLToPath(url) === join(SRC, file)) : [];
    if (own.length === 0) return next(url, context);
    const source = own.reduce(weakened, readFileSync(new URL(url), "utf8"));
    return { format: url.endsWith(".ts") ? "module-typescript" : "module", source, shortCircuit: true };
  },
});

function weakened(source: string, { file, from, to }: Weakening): string {
  const parts = source.split(from);
  if (parts.length !== 2) {
    console.error(`weaken: src/${file} has ${parts.length - 1} places that read: ${from}`);
    process.exit(70);
  }
  return parts.join(to);
}
