import { deepEqual } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KINDS } from "../../src/cli/kinds.ts";
import { Foreign } from "../../src/cli/modules/foreign.ts";
import { buildRules } from "../../src/cli/parts.ts";
import { diffConfigs } from "../../src/config/diff/diff.ts";
import { parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/problem.ts";
import type { Target } from "../engine/target.ts";
import { unlessRefused } from "./documented.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TOOLS = { log: () => undefined, env: {} };

/** The whole config: TOML, every section, settings of rules, plugins and classifiers, and the rules they make. */
export const CONFIG: Target = {
  name: "config",
  words: ["config/**/*.ts", "routing/**/*.ts", "plugins/*/*.ts", "classify/**/*.ts"],
  *seeds() {
    for (const file of globSync(["test/configs/*.toml", "docs/**/*.md"], { cwd: ROOT }).sort()) {
      const text = readFileSync(join(ROOT, file), "utf8");
      if (file.endsWith(".toml")) yield text;
      else for (const [, block = ""] of text.matchAll(/^```toml\n(.*?)^```/gms)) yield block;
    }
  },
  run(input) {
    const text = input.toString("utf8");
    const loaded = unlessRefused(
      input,
      () => parseConfig(text, "config.toml", KINDS, {}),
      (error) => error instanceof ConfigError,
    );
    if (!loaded) return;
    const { config } = loaded;
    for (const { message, at } of loaded.warnings)
      if (message === "" || !at) throw new Error("a warning without text or place");
    // Rules of modules nobody loads here.
    const routers = config.routers.filter(({ module }) => module === undefined);
    const rules = buildRules({ ...config, routers }, Foreign.NONE, TOOLS);
    const side = { config, kinds: KINDS, labels: rules.map(({ label }) => label), env: {} };
    deepEqual(diffConfigs(side, side), []);
  },
};
