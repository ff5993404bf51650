import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Ink loads React's developer tools when DEV is set, which nobody here has installed. */
const withoutDevtools: Plugin = {
  name: "without-devtools",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\/devtools\.js$/ }, ({ importer }) =>
      /[\\/]ink[\\/]build[\\/]/.test(importer) ? { path: "devtools", namespace: "nothing" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "" }));
  },
};

/** The terminal UI as an entry of a bundle: in a checkout alone, in the package beside the rest. */
export const TUI = {
  entry: "tui/src/main.tsx",
  plugins: [withoutDevtools],
  define: { "process.env.NODE_ENV": '"production"' },
  // Bundled CommonJS asks for Node's own modules through require.
  banner: { js: 'import{createRequire as $require}from"node:module";const require=$require(import.meta.url);' },
};

/** Bundles the terminal UI into `tui/dist/tui.js`, where src/cli/tui/open-tui.ts looks for it. A third of a second. */
export async function buildTui(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { tui: TUI.entry },
    outdir: join(root, "tui/dist"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.19",
    define: TUI.define,
    plugins: TUI.plugins,
    banner: TUI.banner,
    keepNames: true,
    logLevel: "warning",
    write: false,
  });
  for (const { path, contents } of outputFiles) {
    // One that stays the same stays as old as it is: what was built beside it still counts (scripts/built-of.ts).
    if (existsSync(path) && readFileSync(path).equals(contents)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await buildTui();
