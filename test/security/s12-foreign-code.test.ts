import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Weakening } from "../support/router.ts";
import { type LoneAttack, loneAttacks, runProgram } from "./program.ts";

// Code that the owner did not mean to run: Bifrost took the path of a library over its API (PR 5763), LiteLLM a command
// (CVE-2026-30623), Traefik's plugins left their folder (CVE-2025-54386). Here only the config names code, in its own folder, and
// nobody else may have written either. That no request loads any is shown in test/modules.test.ts; all spellings of paths are
// in src/cli/modules/modules.test.ts.

const marking = (mark: string) => `import { writeFileSync } from "node:fs";
writeFileSync(${JSON.stringify(mark)}, "");
export default { on_start: () => "continue" };`;

/** `check` in a folder of these files, prepared by the attacker: whether the code ran. */
function naming(
  module: string,
  guard: readonly Weakening[],
  prepare: (folder: string, above: string) => void,
): LoneAttack {
  return {
    name: `${module}, ${prepare.name}`,
    guard,
    async run(weakenings) {
      const above = mkdtempSync(join(tmpdir(), "router-test-"));
      const folder = join(above, "config");
      const mark = join(above, "mark");
      try {
        mkdirSync(folder, { mode: 0o755 });
        const code = marking(mark);
        for (const file of [join(above, "outside.ts"), join(folder, "plugin.ts")])
          writeFileSync(file, code, { mode: 0o600 });
        const named = module === DATA ? `data:text/javascript,${encodeURIComponent(code)}` : module;
        const key = JSON.stringify(`exec:${process.execPath} -e "fs.writeFileSync('../mark', '')"`);
        const text = `[[providers]]\nname = "sim"\nformat = "simulated"\n${
          module === EXEC ? `api_key_from = ${key}` : `[plugins.mine]\nmodule = ${JSON.stringify(named)}`
        }\n[[routers]]\ntype = "fallback"\n`;
        writeFileSync(join(folder, "config.toml"), text, { mode: 0o600 });
        prepare(folder, above);
        await runProgram(folder, ["check"], { weakenings }).ended;
        return existsSync(mark) ? "code of the attacker's ran" : undefined;
      } finally {
        rmSync(above, { recursive: true, force: true });
      }
    },
  };
}

const DATA = "data:…";
const EXEC = "exec:…";
const LEAVING = [
  { file: "cli/modules/place.ts", from: "!isWithin(root, file)", to: "false" },
  { file: "cli/modules/generation.ts", from: "!isWithin(this.#root, file)", to: "false" },
];
const WRITERS = [{ file: "core/own-files.ts", from: "(mode & 0o002) !== 0", to: "false" }];

loneAttacks("S12: code of somebody else's", [
  naming(
    "./../outside.ts",
    [{ file: "cli/modules/place.ts", from: 'named.split(/[/\\\\]/).includes("..")', to: "false" }, ...LEAVING],
    function a_file_above_the_config() {
      // Nothing to prepare.
    },
  ),
  naming("./link.ts", LEAVING, function a_link_out_of_the_folder(folder, above) {
    symlinkSync(join(above, "outside.ts"), join(folder, "link.ts"));
  }),
  naming(
    DATA,
    [
      { file: "cli/modules/place.ts", from: "!isName || isBuiltin(named)", to: "false" },
      {
        file: "cli/modules/generation.ts",
        from: 'if (!url.startsWith("file:")) throw',
        to: 'if (!url.startsWith("file:")) return { url };\n    if (false) throw',
      },
    ],
    function code_in_the_config_itself() {
      // Nothing to prepare.
    },
  ),
  naming("./plugin.ts", WRITERS, function in_a_file_that_others_can_write(folder) {
    chmodSync(join(folder, "plugin.ts"), 0o666);
  }),
  naming("./plugin.ts", WRITERS, function in_a_folder_that_others_can_write(folder) {
    chmodSync(folder, 0o777);
  }),
  naming("./plugin.ts", WRITERS, function named_by_a_config_that_others_can_write(folder) {
    chmodSync(join(folder, "config.toml"), 0o666);
  }),
  naming(
    EXEC,
    [
      {
        file: "config/secrets/fetch-keys.ts",
        from: 'kind === "exec" ? foreignWriter(config) : undefined',
        to: "undefined",
      },
    ],
    function named_by_a_config_that_others_can_write(folder) {
      chmodSync(join(folder, "config.toml"), 0o666);
    },
  ),
]);
