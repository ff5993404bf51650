import { deepEqual, equal, match, notEqual, rejects, throws } from "node:assert/strict";
import { chmodSync, chownSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { folderOf, open, problemsIn, SIMULATED, write } from "../../../test/support/modules.ts";
import { systemClock } from "../../core/clock.ts";
import { currentUser } from "../../core/own-files.ts";
import { check } from "../check.ts";
import { buildParts } from "../parts.ts";
import { Modules } from "./modules.ts";
import { refuseForeignHands } from "./permissions.ts";

/** Does nothing, and leaves a mark when it is loaded. */
const MARKING = `import { writeFileSync } from "node:fs";
writeFileSync(new URL("./loaded", import.meta.url), "");
export default { on_start: () => "continue" };
`;

const naming = (module: string) => `${SIMULATED}\n[plugins.mine]\nmodule = ${JSON.stringify(module)}\n`;

describe("what must not be loaded is refused, with its place", () => {
  const NEITHER = /neither a file beside the config, which begins with "\.\/", nor the name of an installed package$/;
  const refused: [string, RegExp][] = [
    ["../outside.ts", NEITHER],
    ["./../outside.ts", /must not have "\.\." in it/],
    ["./sub/../../outside.ts", /must not have "\.\." in it/],
    ["/etc/plugin.ts", NEITHER],
    ["~/plugin.ts", NEITHER],
    ["file:///etc/plugin.ts", NEITHER],
    ["https://example.com/plugin.js", NEITHER],
    ["data:text/javascript,export default {}", NEITHER],
    ["node:fs", NEITHER],
    ["fs", NEITHER],
    ["plugin.ts/../../outside", NEITHER],
    ["C:\\plugin.ts", NEITHER],
    [".\\plugin.ts", NEITHER],
    ["", /must not be empty/],
    ["./link.ts", /leads out of the config's folder, to .*outside\.ts/],
    ["./linked/outside.ts", /leads out of the config's folder/],
    ["./sub", /its name has to end in \.ts, \.mts, \.js, \.mjs$/],
    ["./plugin.txt", /its name has to end in/],
    ["./missing.ts", /there is no file missing\.ts/],
    ["missing-package", /there is no package missing-package in .* or above it: npm install missing-package$/],
    ["typed-package", /is TypeScript in node_modules, which Node does not run: a package has to bring JavaScript/],
    ["./leaving.ts", /it imports .*outside\.ts: what it imports by path has to lie in /],
    ["./writable.ts", /writable\.ts can be written by everybody: chmod o-w /],
    ["./importing.ts", /writable\.ts can be written by everybody/],
    ["./open/plugin.ts", /open can be written by everybody/],
  ];
  for (const [module, wrong] of refused) {
    test(module, async (t) => {
      const above = await folderOf(t, { "outside.ts": MARKING });
      const folder = join(above, "config");
      for (const name of ["plugin.txt", "writable.ts", "open/plugin.ts"]) write(folder, name, MARKING);
      mkdirSync(join(folder, "sub"));
      symlinkSync(join(above, "outside.ts"), join(folder, "link.ts"));
      symlinkSync(above, join(folder, "linked"));
      write(folder, "leaving.ts", 'import "../outside.ts";\nexport default {};');
      write(folder, "importing.ts", 'import "./writable.ts";\nexport default {};');
      write(folder, "node_modules/typed-package/package.json", '{ "type": "module", "exports": "./index.ts" }');
      write(folder, "node_modules/typed-package/index.ts", MARKING);
      chmodSync(join(folder, "writable.ts"), 0o666);
      chmodSync(join(folder, "open"), 0o777);
      write(folder, "config.toml", naming(module));
      const lines = await problemsIn(folder);
      equal(lines.length, 1, lines.join("\n"));
      match(lines[0] ?? "", /^config\.toml:9:1 {2}plugins\.mine\.module: /);
      match(lines[0] ?? "", wrong);
      for (const at of [above, folder, join(folder, "open"), join(folder, "node_modules/typed-package")])
        equal(existsSync(join(at, "loaded")), false, at);
    });
  }

  test("a config that others can write loads nothing", async (t) => {
    const folder = await folderOf(t, { "config.toml": naming("./plugin.ts"), "plugin.ts": MARKING });
    chmodSync(join(folder, "config.toml"), 0o646);
    const lines = await problemsIn(folder);
    match(
      lines.join("\n"),
      /^config\.toml:9:1 {2}plugins\.mine\.module: .*config\.toml can be written by everybody.*chmod o-w/,
    );
    equal(existsSync(join(folder, "loaded")), false);
  });

  test("a file of another user, or of a foreign group that can write it", async (t) => {
    const folder = await folderOf(t, { "plugin.ts": MARKING });
    const file = join(folder, "plugin.ts");
    const user = currentUser();
    // Only Windows has none.
    if (!user) return;
    refuseForeignHands(file, user);
    // Root may give files away; anybody else is somebody else here.
    if (user.uid === 0) chownSync(file, 12_345, user.gid);
    const other = user.uid === 0 ? user : { ...user, uid: user.uid + 1 };
    throws(() => refuseForeignHands(file, other), /belongs to another user/);
    if (user.uid === 0) chownSync(file, 0, user.gid);
    // Whoever has a folder above it can put another in its place.
    write(folder, "above/own/plugin.ts", MARKING);
    const below = join(folder, "above/own/plugin.ts");
    refuseForeignHands(below, user);
    if (user.uid === 0) {
      chownSync(join(folder, "above"), 12_345, user.gid);
      throws(() => refuseForeignHands(below, user), /above belongs to another user/);
    }
    chmodSync(file, 0o664);
    const group = /can be written by group \d+: chmod g-w /;
    throws(() => refuseForeignHands(file, { ...user, gid: user.gid + 1 }), group);
    // A group of one's own has one's own number; others, such as macOS's staff, are full of users.
    if (user.gid === user.uid) refuseForeignHands(file, user);
    else throws(() => refuseForeignHands(file, user), group);
  });
});

describe("a module with a mistake is a mistake of the config", () => {
  const faults: [string, string, RegExp][] = [
    [
      "throws",
      'function boom() {\n  throw new Error("no luck\\nmore");\n}\nboom();',
      /failed while loading: no luck, at plugin\.ts:2:9$/,
    ],
    ["is no TypeScript", "export default {\n  on_start(x {\n};", /failed while loading: .*, at plugin\.ts:2$/],
    [
      "is TypeScript that cannot be stripped",
      "enum A { b }\nexport default {};",
      /enum is not supported in strip-only mode, at plugin\.ts:1$/,
    ],
    ["imports a file that is not there", 'import "./helper.ts";\nexport default {};', /Cannot find module/],
    ["imports the types as code", 'import { x } from "opensourcellmrouter/plugin";', /types only: write "import type/],
    ["waits forever", "await new Promise(() => undefined);\nexport default {};", /was not loaded within 0\.1 s/],
    ["has no default export", "export const on_start = 1;", /has no default export: write export default/],
    ["exports a number", "export default 5;", /its default export must be an object, not a number$/],
    ["exports a promise", "export default Promise.resolve({});", /must be an object, not a promise/],
    ["does nothing", "export default {};", /does nothing: it needs on_start, pre_request, .*, or create$/],
    ["misspells a hook", "export default { on_sart() {} };", /has "on_sart", allowed: .*, did you mean "on_start"\?$/],
    [
      "has a hook that is no function",
      "export default { on_start: true };",
      /on_start must be a function, not a boolean$/,
    ],
    ["has hooks and create", "export default { on_start() {}, create() {} };", /has create and on_start/],
    [
      "has settings that are no schema",
      "export default { on_start() {}, settings: { sign: 1 } };",
      /its settings must be a JSON Schema/,
    ],
    [
      "has a schema that is none",
      'export default { on_start() {}, settings: { type: "object", properties: { a: { type: "text" } } } };',
      /is no JSON Schema: .*text/,
    ],
  ];
  for (const [what, code, wrong] of faults) {
    test(`one that ${what}`, async (t) => {
      const folder = await folderOf(t, { "config.toml": naming("./plugin.ts"), "plugin.ts": code });
      const lines = await problemsIn(folder, new Modules({ clock: systemClock, deadlineMs: 100 }));
      equal(lines.length, 1, lines.join("\n"));
      match(lines[0] ?? "", /^config\.toml:9:1 {2}plugins\.mine\.module: /);
      match(lines[0] ?? "", wrong);
    });
  }

  test("its settings are checked as those of built-in ones, in every section; all problems at once", async (t) => {
    const settings =
      'settings: { type: "object", properties: { sign: { type: "string" }, to: { type: "string" } } }, providers: ["to"]';
    const folder = await folderOf(t, {
      "plugin.ts": `export default { ${settings}, on_start: () => "continue" };`,
      "tags.ts": `export default { ${settings}, classify: () => [] };`,
      "rule.ts": `export default { ${settings}, candidates: () => [] };`,
      "config.toml": `${SIMULATED}
[plugins.mine]
module = "./plugin.ts"
sgin = "x"
[classifiers.mine]
module = "./tags.ts"
sign = 1
[response_classifiers.mine]
module = "./tags.ts"
to = "smi"
[plugins.redact]
module = "./plugin.ts"
[[routers]]
type = "mine"
module = "./rule.ts"
to = "nobody"
[[routers]]
type = "mine"
module = "./tags.ts"
`,
    });
    deepEqual(await problemsIn(folder), [
      'config.toml:10:1  plugins.mine.sgin: unknown key, allowed: enabled, module, deadline_ms, on_error, sign, to, did you mean "sign"?',
      "config.toml:13:1  classifiers.mine.sign: must be a string, not a number",
      'config.toml:16:1  response_classifiers.mine.to: no provider is named "smi", allowed: "sim", did you mean "sim"?',
      'config.toml:18:1  plugins.redact.module: "redact" is built in and needs no module: give yours another name',
      "config.toml:19:1  warning: routers[1]: is never reached: routers[0] resolves every request",
      'config.toml:22:1  routers[1].to: no provider is named "nobody", allowed: "sim"',
      "config.toml:23:1  warning: routers[2]: is never reached: routers[0] resolves every request",
      'config.toml:25:1  routers[2].module: the type "mine" already comes from "./rule.ts"',
    ]);
  });

  test("one whose create throws, or gives nothing that works", async (t) => {
    const folder = await folderOf(t, { "config.toml": naming("./plugin.ts") });
    for (const [body, wrong] of [
      [
        'throw new Error("no key");',
        /config\.toml:9:1 {2}plugins\.mine\.module: its create failed: no key, at plugin\.ts:1:\d+$/,
      ],
      ["return { close() {} };", /what create gives does nothing: it needs on_start/],
      ["return 5;", /what create gives must be an object, not a number$/],
    ] as const) {
      write(folder, "plugin.ts", `export default { create() { ${body} } };`);
      const { config, foreign } = await open(folder);
      const tools = { random: Math.random, programLog: () => undefined, foreign };
      throws(() => buildParts(config, {}, tools), wrong);
      await rejects(check(join(folder, "config.toml"), { env: {}, out: () => undefined, err: () => undefined }), wrong);
    }
  });

  test("what a built-in one misses is told at its place, by check too", async (t) => {
    const http = '[classifiers.http]\nenabled = true\nurl = "http://127.0.0.1:1/"\napi_key_env = "NOT_SET"\n';
    const folder = await folderOf(t, { "config.toml": `${SIMULATED}${http}` });
    await rejects(
      check(join(folder, "config.toml"), { env: {}, out: () => undefined, err: () => undefined }),
      /config\.toml:7:1 {2}classifiers\.http: api_key_env: the variable NOT_SET is not set/,
    );
  });

  test("a file without ./ is not to be installed; of a package's part the package is", async (t) => {
    const folder = await folderOf(t, { "plugins/mine.ts": "" });
    for (const [module, wrong] of [
      ["plugins/mine.ts", /a file beside the config begins with "\.\/": "\.\/plugins\/mine\.ts"$/],
      ["@me/none/part", /: npm install @me\/none$/],
    ] as const) {
      write(folder, "config.toml", naming(module));
      match((await problemsIn(folder)).join("\n"), wrong);
    }
  });
});

describe("what is loaded", () => {
  const read = async (folder: string, modules: Modules) => (await open(folder, modules)).foreign.kinds.plugins[0];

  test("stays the same while its files do, and those it imports by path; a mended one is taken", async (t) => {
    const folder = await folderOf(t, {
      "config.toml": naming("./plugins/plugin.ts"),
      "plugins/plugin.ts": 'import { flow } from "./helper.js";\nexport default { on_start: () => flow };',
      "plugins/helper.js": 'export const flow = "continue";',
    });
    const modules = new Modules({ clock: systemClock });
    const first = await read(folder, modules);
    notEqual(first, undefined);
    deepEqual(
      [...modules.files.keys()].map((path) => path.slice(folder.length)),
      ["/plugins/plugin.ts", "/plugins/helper.js"],
    );
    utimesSync(join(folder, "plugins/helper.js"), 1, 1);
    equal(await read(folder, modules), first);
    write(folder, "plugins/helper.js", "export const flow = ;");
    match((await problemsIn(folder, modules)).join("\n"), /at plugins\/helper\.js:1$/);
    deepEqual(modules.files.size, 2, "mending it is a change of the config");
    write(folder, "plugins/helper.js", 'export const flow = "modified";');
    const second = await read(folder, modules);
    notEqual(second, undefined);
    notEqual(second, first);
    write(folder, "config.toml", SIMULATED);
    await open(folder, modules);
    equal(modules.files.size, 0);
  });

  test("may be an installed package, with or without a scope, seen from the config's folder", async (t) => {
    const above = await folderOf(t, {
      "node_modules/my-plugin/package.json": '{ "exports": { "import": "./index.mjs" } }',
    });
    write(above, "node_modules/my-plugin/index.mjs", 'export default { on_start: () => "continue" };');
    write(above, "config/node_modules/@me/plugin/package.json", '{ "main": "index.js" }');
    write(above, "config/node_modules/@me/plugin/index.js", 'module.exports = { on_start: () => "continue" };');
    const folder = join(above, "config");
    writeFileSync(join(folder, "config.toml"), `${naming("my-plugin")}[plugins.other]\nmodule = "@me/plugin"\n`);
    const { foreign } = await open(folder);
    deepEqual(
      foreign.kinds.plugins.map(({ name }) => name),
      ["mine", "other"],
    );
  });
});
