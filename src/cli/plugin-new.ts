import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SettingsKind } from "../config/kinds.ts";
import { type Io, Refusal } from "./io.ts";
import { KINDS } from "./kinds.ts";
import type { ModuleKindName } from "./modules/kind-names.ts";
import { DEFAULT_CONFIG } from "./open-config.ts";

/** Where the skeletons are: beside the bundle in a package, at the top of a checkout. */
const SKELETONS = import.meta.filename.endsWith(".ts")
  ? join(import.meta.dirname, "../../skeletons")
  : join(import.meta.dirname, "skeletons");

const BUILT_IN: Readonly<Record<ModuleKindName, readonly SettingsKind[]>> = {
  plugin: KINDS.plugins,
  classifier: KINDS.classifiers,
  "response-classifier": KINDS.responseClassifiers,
  rule: KINDS.rules,
};

const FOLDER = "plugins";

/** `plugin new NAME`: a module of one's own to begin with, and its test. What is there stays. */
export function pluginNew(name: string, kind: ModuleKindName, io: Io): number {
  if (!/^[a-z\d][a-z\d_-]{0,63}$/.test(name)) {
    throw new Refusal(2, `${JSON.stringify(name)} is no name for it: a-z, 0-9, "-" and "_", at most 64, no sign first`);
  }
  if (BUILT_IN[kind].some((one) => one.name === name)) {
    throw new Refusal(2, `${JSON.stringify(name)} is a built-in ${kind.replace("-", " ")}: choose another name`);
  }
  const files = [`${name}.ts`, `${name}.test.ts`].map((file) => join(FOLDER, file));
  const taken = files.find((file) => existsSync(file));
  if (taken !== undefined) throw new Refusal(1, `${taken} exists and was left as it is; choose another name`);
  const texts = [`${kind}.ts`, `${kind}.test.ts`].map((file) => readFileSync(join(SKELETONS, file), "utf8"));
  try {
    // Whoever else could write them could put code there that the router would run: it refuses to load such files.
    mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
    for (const [index, file] of files.entries()) {
      const text = (texts[index] ?? "").replaceAll("NAME", name).replaceAll(`"./${kind}.ts"`, `"./${name}.ts"`);
      writeFileSync(file, text, { flag: "wx", mode: 0o644 });
    }
  } catch (cause) {
    throw new Refusal(1, `cannot write into ${FOLDER}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  for (const line of nextSteps(name, kind, files)) io.out(line);
  return 0;
}

function nextSteps(name: string, kind: ModuleKindName, [file = "", test = ""]: readonly string[]): string[] {
  const missing = existsSync(DEFAULT_CONFIG) ? "" : ' (there is none here yet: "opensourcellmrouter init" writes one)';
  return [
    `wrote ${file} and ${test}`,
    "",
    `Put this into ${DEFAULT_CONFIG}${missing}${kind === "rule" ? ", before the rules that are to come after it" : ""}:`,
    "",
    ...configLines(name, kind),
    "",
    `Run its test:    node --test ${test}`,
    "Check it all:    opensourcellmrouter check",
    "Start:           opensourcellmrouter (one that runs takes it over by itself)",
    "See it work:     curl -i http://localhost:8090/v1/chat/completions \\",
    `                   -d '{"model": "any", "messages": [{"role": "user", "content": "Hello."}]}'`,
    `                 ${SHOWS[kind](name)}`,
  ];
}

function configLines(name: string, kind: ModuleKindName): string[] {
  const module = `module = "./${FOLDER}/${name}.ts"`;
  if (kind === "rule") return ["[[routers]]", `type = "${name}"`, module];
  return [`[${kind.replace("-", "_")}s.${name}]`, "enabled = true", module];
}

/** How one sees that it was there. */
const SHOWS: Readonly<Record<ModuleKindName, (name: string) => string>> = {
  plugin: (name) => `The answer ends with "(by way of ${name})".`,
  classifier: (name) => `The answer has the header X-Router-Request-Tags: ${name}.`,
  "response-classifier": (name) => `The answer has the header X-Router-Response-Tags: ${name}.`,
  rule: () => "X-Router-Provider says where it went; the start lines show the rule.",
};
