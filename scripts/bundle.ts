import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { TUI } from "./build-tui.ts";
import { mergeStart } from "./merge-start.ts";

const root = join(import.meta.dirname, "..");

/** Zod brings its messages in fifty languages, of which none but English is ever asked for: a third of a megabyte to read at each start. */
const inEnglish: Plugin = {
  name: "in-english",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** Of a namespace that is imported as one esbuild leaves out what nobody uses; of one that is exported by a name, as `z` is, it takes all. */
const asNamespace: Plugin = {
  name: "as-namespace",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace('import { z } from "zod"', 'import * as z from "zod"'),
      loader: "ts",
    }));
  },
};

/**
 * Who imports a module of Node by `import` has all of its exports read, and some of them load much when they are read (`promises` of `node:fs`,
 * `webcrypto` of `node:crypto`): a tenth of a start. Here only those are read that somebody uses.
 */
const readWhenUsed: Plugin = {
  name: "read-when-used",
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "built-in" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "built-in" }, ({ path }) => ({ contents: exportsOf(path) }));
  },
};

function exportsOf(module: string): string {
  const names = Object.keys(process.getBuiltinModule(module) ?? {}).filter((name) => /^[A-Za-z]\w*$/.test(name));
  const lines = names
    .filter((name) => name !== "default")
    .map((name) => `const own_${name} = /* @__PURE__ */ read("${name}");\nexport { own_${name} as ${name} };`);
  return `const module = process.getBuiltinModule("${module}");
const read = (name) => module[name];
export default module;
${lines.join("\n")}`;
}

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.19",
  chunkNames: "[name]-[hash]",
  legalComments: "linked",
  // Line ends and names stay: Node prints the line of a crash, and stack traces are worth more than the bytes.
  minifySyntax: true,
  logLevel: "warning",
} satisfies BuildOptions;

/** Bundles the program into a folder. */
export async function bundle(outdir: string): Promise<void> {
  await Promise.all([program(outdir), threads(outdir)]);
}

/** What processes run. Those of several are started by their names: cli/workers/primary/crew.ts. */
async function program(outdir: string): Promise<void> {
  const { metafile, outputFiles } = await build({
    ...COMMON,
    entryPoints: { main: "src/cli/main.ts", "serving-worker": "src/cli/workers/worker/main.ts" },
    plugins: [inEnglish, asNamespace, readWhenUsed],
    outdir,
    metafile: true,
    write: false,
  });
  await mergeStart({ outputs: metafile.outputs, files: outputFiles, outdir, root, banner: TUI.banner });
}

/**
 * Threads are started by their names, and the terminal UI is loaded by its own: store/worker-store.ts, plugins/web/page-thread.ts,
 * plugins/pdf/pdf-thread.ts, cli/tui/open-tui.ts.
 */
async function threads(outdir: string): Promise<void> {
  await build({
    ...COMMON,
    entryPoints: {
      "store-worker": "src/store/worker.ts",
      "page-worker": "src/plugins/web/pages/page-worker.ts",
      "pdf-worker": "src/plugins/pdf/pdf-worker.ts",
      tui: TUI.entry,
    },
    define: TUI.define,
    plugins: [...TUI.plugins, inEnglish],
    outdir,
    keepNames: true,
    banner: TUI.banner,
  });
}
