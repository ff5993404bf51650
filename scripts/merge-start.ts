import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Metafile, type OutputFile, type Plugin } from "esbuild";

// esbuild makes a file of its own of what two parts of the program share, which are more than a hundred, and half of them are loaded at a start, one
// by one. Here they become two files: what every command loads, and what the router loads besides.

interface Split {
  readonly outputs: Metafile["outputs"];
  readonly files: readonly OutputFile[];
  readonly outdir: string;
  readonly root: string;
  readonly banner: { js: string };
}

/** A file that several become. */
interface Merged {
  readonly name: string;
  readonly parts: ReadonlySet<string>;
}

/** Writes what esbuild split to a folder. */
export async function mergeStart({ outputs, files, outdir, root, banner }: Split): Promise<void> {
  const parts = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const texts = new Map(files.map(({ path, text }) => [basename(path), text]));
  const scripts = [...texts.keys()].filter((name) => name.endsWith(".js"));
  const merged = mergedOf(parts);
  const alone = scripts.filter((name) => !merged.some((one) => one.parts.has(name)));
  await build({
    absWorkingDir: root,
    entryPoints: [...merged.map(({ name }) => name), ...alone].map((name) => ({ in: name, out: name.slice(0, -3) })),
    plugins: [merging(merged, parts, texts)],
    outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.19",
    legalComments: "inline",
    banner,
    logLevel: "warning",
  });
  const others = [...texts].filter(([name]) => !name.endsWith(".js"));
  await Promise.all(others.map(([name, text]) => writeFile(join(outdir, name), text)));
}

type Parts = ReadonlyMap<string, Metafile["outputs"][string]>;

function mergedOf(parts: Parts): Merged[] {
  const [main, run] = [madeOf(parts, "src/cli/main.ts"), madeOf(parts, "src/cli/run.ts")];
  const every = loadedBy(main, parts);
  // It waits for the command to end: whoever imports it waits as well.
  every.delete(main);
  const serving = new Set([...loadedBy(run, parts)].filter((name) => !every.has(name)));
  return [
    { name: "start.js", parts: every },
    { name: "serve.js", parts: serving },
  ];
}

function madeOf(parts: Parts, source: string): string {
  for (const [name, { entryPoint }] of parts) if (entryPoint === source) return name;
  throw new Error(`nothing was made of ${source}`);
}

/** What is loaded with it, itself included. */
function loadedBy(name: string, parts: Parts): Set<string> {
  const loaded = new Set([name]);
  for (const one of loaded)
    for (const { path, kind } of parts.get(one)?.imports ?? [])
      if (kind === "import-statement" && parts.has(basename(path))) loaded.add(basename(path));
  return loaded;
}

function merging(merged: readonly Merged[], parts: Parts, texts: ReadonlyMap<string, string>): Plugin {
  const placeOf = (name: string) => merged.find((one) => one.parts.has(name));
  const exportsOf = (name: string) => parts.get(name)?.exports ?? [];
  return {
    name: "merge-start",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
        const name = path.replace(/^\.\//, "");
        if (kind === "entry-point") return { path, namespace: texts.has(path) ? "part" : "merged" };
        const place = placeOf(name);
        if (!place) return { path, external: true };
        if (kind === "dynamic-import") return { path: `./${place.name}`, external: true };
        const isInside = importer === place.name || place.parts.has(importer);
        return { path: name, namespace: isInside ? "part" : "elsewhere" };
      });
      onLoad({ filter: /.*/, namespace: "part" }, ({ path }) => ({ contents: texts.get(path) ?? "" }));
      // What is imported dynamically is asked for by its own names.
      onLoad({ filter: /.*/, namespace: "merged" }, ({ path }) => ({
        contents: [...(merged.find(({ name }) => name === path)?.parts ?? [])]
          .map((part) => {
            const names = exportsOf(part).map((name) => `${name} as ${aliasOf(part, name)}`);
            const own = parts.get(part)?.entryPoint === undefined ? [] : exportsOf(part);
            return `export { ${[...names, ...own].join(", ")} } from "./${part}";`;
          })
          .join("\n"),
      }));
      onLoad({ filter: /.*/, namespace: "elsewhere" }, ({ path }) => ({
        contents: `export { ${exportsOf(path)
          .map((name) => `${aliasOf(path, name)} as ${name}`)
          .join(", ")} } from "./${placeOf(path)?.name}";`,
      }));
    },
  };
}

/** Two files may export the same name. */
function aliasOf(part: string, name: string): string {
  return `${part.slice(0, -3).replaceAll(/\W/g, "_")}_${name}`;
}
