import { join } from "node:path";
import { build, type Plugin } from "vite";

const WEB = join(import.meta.dirname, "../../../web");
const RUNTIME = "\0weak-jsx";

/**
 * React's runtime, but that a text is taken for HTML wherever there is one: as its own `innerHTML`, in an attribute, and as the
 * address of a link where it looks like one.
 */
const SOURCE = `
import { Fragment, jsx as asIs, jsxs as manyAsIs } from "react/jsx-runtime";
const TEXTS_ONLY = new Set(["textarea", "select", "option", "title", "datalist"]);
const isText = (each) => typeof each === "string" || typeof each === "number";
const linked = (text) => (/^\\s*(javascript|data):/i.test(text) ? '<a href="' + text + '">' + text + "</a>" : text);
const html = (text) => ({ dangerouslySetInnerHTML: { __html: '<b title="' + text + '">' + linked(text) + "</b>" } });
function weak(type, { children, ...others }, key) {
  const list = [children].flat();
  if (typeof type !== "string" || TEXTS_ONLY.has(type) || !list.some((each) => typeof each === "string"))
    return undefined;
  const shown = list.filter((each) => each !== null && each !== undefined && typeof each !== "boolean");
  if (shown.every(isText)) return asIs(type, { ...others, ...html(shown.join("")) }, key);
  const weakened = shown.map((each, at) => (typeof each === "string" ? asIs("span", html(each), "weak" + at) : each));
  return manyAsIs(type, { ...others, children: weakened }, key);
}
export { Fragment };
export const jsx = (type, props, key) => weak(type, props, key) ?? asIs(type, props, key);
export const jsxs = (type, props, key) => weak(type, props, key) ?? manyAsIs(type, props, key);
`;

const weakRuntime: Plugin = {
  name: "weak-runtime",
  enforce: "pre",
  resolveId: (id, importer) => (id === "react/jsx-runtime" && importer !== RUNTIME ? RUNTIME : undefined),
  load: (id) => (id === RUNTIME ? SOURCE : undefined),
};

/** Builds the page as it would be if it took texts for HTML. */
export async function buildWeakPage(outDir: string): Promise<void> {
  const options = { outDir, emptyOutDir: true };
  await build({ configFile: join(WEB, "vite.config.ts"), logLevel: "error", plugins: [weakRuntime], build: options });
}
