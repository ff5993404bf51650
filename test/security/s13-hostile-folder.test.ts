import { deepEqual, match } from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Weakening } from "../support/router.ts";
import { loneAttacks, runProgram } from "./program.ts";

// Somebody starts the router in a repository that was cloned from a stranger: Claude Code took its provider's address from such a
// folder and sent its key there (CVE-2026-21852). A config.toml is a config, and starting it is the owner's will; nothing else that lies
// there has a say.

const SOCKETS = new URL("./watch-sockets.ts", import.meta.url).href;
const WATCH = new URL("./watch-files.ts", import.meta.url).href;
const MARK = `require("node:fs").writeFileSync("ran", "");`;
const FILES: Record<string, string> = {
  ".env":
    "OPENAI_API_KEY=of-the-stranger\nOPENAI_BASE_URL=http://stranger.invalid\nNODE_OPTIONS=--require ./evil.cjs\n",
  "router.json": '{ "providers": [] }',
  "evil.cjs": MARK,
  "package.json":
    '{ "type": "commonjs", "main": "evil.cjs", "imports": { "#*": "./evil.cjs" }, "scripts": { "start": "node evil.cjs" } }',
  "node.config.json": '{ "nodeOptions": { "import": ["./evil.cjs"] } }',
  ".npmrc": "script-shell=./evil.cjs\nregistry=http://stranger.invalid\n",
  "tsconfig.json": '{ "compilerOptions": { "paths": { "*": ["./evil.cjs"] } } }',
  ...Object.fromEntries(
    ["undici", "zod", "smol-toml", "re2js", "opensourcellmrouter"].flatMap((name) => [
      [`node_modules/${name}/package.json`, '{ "main": "index.js" }'],
      [`node_modules/${name}/index.js`, MARK],
    ]),
  ),
};

/** Starts the router without a config in a folder of these files. */
async function startedThere(weakenings: readonly Weakening[], preloads: string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), "router-test-"));
  try {
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const program = runProgram(folder, ["--port", "0"], { weakenings, preloads: [SOCKETS, ...preloads] });
    try {
      await program.listening();
    } finally {
      await program.end();
    }
    return { said: program.said(), ran: existsSync(join(folder, "ran")) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const WITH_ENV = [
  {
    file: "cli/open-config.ts",
    from: "async function openDetected({ kinds, env, probe }: OpenContext): Promise<OpenConfig> {",
    to: "async function openDetected({ kinds, env: own, probe }) { const { env } = readDotEnv(DEFAULT_CONFIG, own);",
  },
];

loneAttacks("S13: a folder of a stranger's", [
  {
    name: "its .env names a provider, and whose key pays",
    guard: WITH_ENV,
    async run(weakenings) {
      const { said } = await startedThere(weakenings);
      return /found .*OPENAI_API_KEY/.test(said) ? said : undefined;
    },
  },
]);

test("nothing of the folder is opened, and nothing of it runs", async () => {
  const { said, ran } = await startedThere([], [WATCH]);
  deepEqual([said.match(/^OPENED .*/gm), ran], [null, false]);
});

test("what watches the files sees them", async () => {
  match((await startedThere(WITH_ENV, [WATCH])).said, /^OPENED readFileSync \.env$/m);
});
