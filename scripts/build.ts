import { execFileSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { build as buildPage } from "vite";
import { TUI } from "./build-tui.ts";

/** Bundles the program into `dist/`, so that the published package has nothing to install. */
const root = join(import.meta.dirname, "..");
const outdir = join(root, "dist");

/** Zod brings its messages in fifty languages, of which none but English is ever asked for: a third of a megabyte to read at each start. */
const inEnglish: Plugin = {
  name: "in-english",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  // Threads are started by their names, processes too, and the terminal UI is loaded by its own: store/worker-store.ts, cli/workers/primary/crew.ts, plugins/web/page-thread.ts, plugins/pdf/pdf-thread.ts, cli/tui/open-tui.ts.
  entryPoints: {
    main: "src/cli/main.ts",
    "store-worker": "src/store/worker.ts",
    "page-worker": "src/plugins/web/pages/page-worker.ts",
    "pdf-worker": "src/plugins/pdf/pdf-worker.ts",
    "serving-worker": "src/cli/workers/worker/main.ts",
    tui: TUI.entry,
  },
  define: TUI.define,
  plugins: [...TUI.plugins, inEnglish],
  outdir,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.19",
  chunkNames: "[name]-[hash]",
  // Line ends and names stay: Node prints the line of a crash, and stack traces are worth more than the bytes.
  minifySyntax: true,
  keepNames: true,
  legalComments: "linked",
  banner: TUI.banner,
  logLevel: "warning",
});

// The page goes beside the bundle, where src/server/web-page.ts looks for it.
await buildPage({ configFile: join(root, "web/vite.config.ts"), logLevel: "warn" });
await cp(join(root, "web/dist"), join(outdir, "web"), { recursive: true });

// Read as they are, so that they can be printed: src/cli/demo/demo.ts.
await cp(join(root, "src/cli/demo/demo.toml"), join(outdir, "demo.toml"));

// What plugins are typed by (`opensourcellmrouter/plugin`), and what `plugin new` begins with.
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "scripts/types.json")]);
await cp(join(root, "skeletons"), join(outdir, "skeletons"), { recursive: true });
