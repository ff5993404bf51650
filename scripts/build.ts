import { execFileSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { build as buildPage } from "vite";
import { buildTui } from "./build-tui.ts";
import { builtOf, looksOf } from "./built-of.ts";
import { bundle } from "./bundle.ts";

/** Builds the program into `dist/`, so that the published package has nothing to install, and a checkout starts as fast as that. */
const root = join(import.meta.dirname, "..");
const outdir = join(root, "dist");

await rm(outdir, { recursive: true, force: true });
// Before they are read: what changes meanwhile is not what was built.
const sources = looksOf(root);
await Promise.all([bundle(outdir), buildTui()]);

// The page goes beside the bundle, where src/server/web-page.ts looks for it.
await buildPage({ configFile: join(root, "web/vite.config.ts"), logLevel: "warn" });
await cp(join(root, "web/dist"), join(outdir, "web"), { recursive: true });

// Read as they are, so that they can be printed: src/cli/demo/demo.ts.
await cp(join(root, "src/cli/demo/demo.toml"), join(outdir, "demo.toml"));

// What plugins are typed by (`opensourcellmrouter/plugin`), and what `plugin new` begins with.
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "scripts/types.json")]);
await cp(join(root, "skeletons"), join(outdir, "skeletons"), { recursive: true });

builtOf(root, sources);
