import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import manifest from "../package.json" with { type: "json" };
import { builtOf, looksOf } from "../scripts/built-of.ts";
import { unicodePdf } from "./support/make-pdf.ts";
import { until } from "./support/until.ts";
import { startUpstream } from "./support/upstream/upstream.ts";

/** The package as its users get it: packed, installed without network into an empty project, run with an empty HOME. */
const root = join(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "package-"));
const home = join(work, "home");
const project = join(work, "project");
const packageDir = join(project, "node_modules", "opensourcellmrouter");
const env = {
  PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter),
  HOME: home,
  npm_config_cache: join(work, "cache"),
  npm_config_offline: "true",
  npm_config_update_notifier: "false",
};

/** What no router is made of. */
const LEFT_OUT = new Set(["node_modules", "test", "fuzz", "soak", "bench", "docs", "logs", ".git", ".cache"]);

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

function run(command: string, args: string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

const llmrouter = (...args: string[]) => run(join(project, "node_modules", ".bin", "llmrouter"), args, project);

before(async () => {
  for (const folder of [home, project]) mkdirSync(folder);
  writeFileSync(join(project, "package.json"), '{ "private": true }');
  const packed = await run("npm", ["pack", "--pack-destination", work], root);
  assert.equal(packed.code, 0, packed.stderr);
  const tarball = readdirSync(work).find((file) => file.endsWith(".tgz")) ?? "";
  const installed = await run("npm", ["install", join(work, tarball)], project);
  assert.equal(installed.code, 0, installed.stderr);
});

after(() => rmSync(work, { recursive: true, force: true }));

test("it brings what it needs and nothing else", () => {
  const installed = readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith("."));
  assert.deepEqual(installed, ["opensourcellmrouter"], "no dependency to install");
  const parts = readdirSync(packageDir);
  assert.ok(parts.includes("dist") && parts.includes("bin") && !parts.includes("src") && !parts.includes("test"));
});

test("the bundle holds no path of the machine it was built on", () => {
  const dist = join(packageDir, "dist");
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) assert.ok(!readFileSync(file, "utf8").includes(root), file);
  }
});

test("a checkout in which it was built runs what was built, until a source is changed", async () => {
  const config = join(work, "checkout.toml");
  writeFileSync(config, '[[providers]]\nname = "s"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n');
  const runsFrom = async (checkout: string) => {
    const args = [join(checkout, "bin/opensourcellmrouter.cjs"), config, "--port", "0", "--log-level", "debug"];
    const child = spawn(process.execPath, args, { cwd: work, env, stdio: ["ignore", "ignore", "pipe"] });
    for await (const text of child.stderr.setEncoding("utf8")) {
      const from = /the program runs from (\S+)/.exec(text)?.[1];
      if (from !== undefined) {
        child.kill("SIGKILL");
        return relative(realpathSync(checkout), from);
      }
    }
    return undefined;
  };
  assert.equal(await runsFrom(root), "dist");
  const copy = join(work, "checkout");
  cpSync(root, copy, { recursive: true, filter: (from) => !(dirname(from) === root && LEFT_OUT.has(basename(from))) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  builtOf(copy, looksOf(copy));
  assert.equal(await runsFrom(copy), "dist");
  appendFileSync(join(copy, "src/server/start.ts"), "\n");
  assert.equal(await runsFrom(copy), join("src", "cli"));
});

test("--version, check, schema", async () => {
  assert.deepEqual(await llmrouter("--version"), { code: 0, stdout: `${manifest.version}\n`, stderr: "" });
  writeFileSync(
    join(project, "config.toml"),
    '[[providers]]\nname = "s"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n',
  );
  assert.deepEqual(await llmrouter("check"), {
    code: 0,
    stdout: "config.toml: no errors (1 provider, 1 rule)\n",
    stderr: "",
  });
  writeFileSync(join(project, "bad.toml"), '[server]\nprot = 1\n[[providers]]\nname = "s"\nformat = "simulated"\n');
  const bad = await llmrouter("check", "bad.toml");
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /^bad\.toml:2:1 {2}server\.prot: unknown key, .*did you mean "port"\?$/m);
  const schema: unknown = JSON.parse((await llmrouter("schema")).stdout);
  assert.ok(typeof schema === "object" && schema !== null && "properties" in schema);
});

test("it starts, answers, shows its page, reads a PDF, indexes what it logs, and stops on SIGTERM", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const config = [
    "[logging]\nenabled = true\n[server]\ndashboard = true\n[plugins.pdf]\nenabled = true",
    `[[providers]]\nname = "s"\nformat = "simulated"`,
    `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.url}"`,
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "local"\nprovider = "p"`,
    `[[routers]]\ntype = "fallback"\nproviders = ["s"]`,
  ];
  writeFileSync(join(project, "config.toml"), config.join("\n"));
  const bin = join(project, "node_modules", ".bin", "opensourcellmrouter");
  const child = spawn(bin, ["config.toml", "--port", "0"], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${text}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      const found = /listening\s+(http:\S+)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  assert.equal(await (await fetch(`${url}/health`)).text(), "ok");
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] });
  const answer = await fetch(`${url}/v1/chat/completions`, { method: "POST", body });
  assert.equal(answer.status, 200, await answer.text());
  // Its thread is a file of its own in the package; the library's complaints of a missing font are nobody's business.
  const file = { file_data: unicodePdf("Привет").toString("base64") };
  const asked = { model: "local", messages: [{ role: "user", content: [{ type: "file", file }] }] };
  assert.equal(
    (await fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(asked) })).status,
    200,
  );
  assert.match(upstream.last().raw.toString(), /\[page 1\]\\nПривет/);
  assert.doesNotMatch(text, /warning|font/i);
  const page = await (await fetch(`${url}/dashboard`)).text();
  const script = /src="([^"]+\.js)"/.exec(page)?.[1];
  assert.ok(script !== undefined, page);
  assert.equal((await fetch(url + script)).status, 200);
  await until(() => indexedIn(project) === 2, "the index to have them");
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  assert.equal(code, 0, text);
});

function indexedIn(folder: string): number {
  const path = join(folder, "logs", "requests.index.sqlite");
  if (!existsSync(path)) return 0;
  const index = new DatabaseSync(path, { readOnly: true });
  try {
    const hasTables = index.prepare("SELECT name FROM sqlite_schema WHERE name = 'exchange'").get() !== undefined;
    return hasTables ? Number(index.prepare("SELECT count(*) AS count FROM exchange").get()?.["count"]) : 0;
  } finally {
    index.close();
  }
}

test("plugin new: its test runs without anything installed, its types come with the package, and check takes it", async () => {
  const made = await llmrouter("plugin", "new", "mine");
  assert.equal(made.code, 0, made.stderr);
  assert.equal((await llmrouter("plugin", "new", "tagged", "--classifier")).code, 0);
  const lines = /config\.toml:\n\n(.*?)\n\n/s.exec(made.stdout)?.[1] ?? "";
  const simulated = '[[providers]]\nname = "s"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n';
  writeFileSync(join(project, "mine.toml"), `${simulated}${lines}\nsign = "x"\n`);
  assert.match((await llmrouter("check", "mine.toml")).stdout, /no errors/);
  writeFileSync(join(project, "mine.toml"), `${simulated}${lines}\nsgin = "x"\n`);
  assert.match(
    (await llmrouter("check", "mine.toml")).stderr,
    /^mine\.toml:9:1 {2}plugins\.mine\.sgin: .*did you mean "sign"\?$/m,
  );
  const tested = await run(process.execPath, ["--test", "plugins/mine.test.ts"], project);
  assert.equal(tested.code, 0, tested.stdout);
  const options = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--moduleDetection",
    "force",
    "--allowImportingTsExtensions",
  ];
  const types = ["--types", "node", "--typeRoots", join(root, "node_modules", "@types")];
  const files = readdirSync(join(project, "plugins")).map((file) => join("plugins", file));
  const checked = await run(
    process.execPath,
    [join(root, "node_modules/typescript/bin/tsc"), ...options, ...types, ...files],
    project,
  );
  assert.deepEqual([checked.code, checked.stdout], [0, ""]);
});

test("on too old a Node it says so in one line, with the remedy", async () => {
  const old = join(work, "old.cjs");
  writeFileSync(old, 'Object.defineProperty(process, "versions", { value: { node: "18.20.1" } });');
  const bin = join(packageDir, "bin", "opensourcellmrouter.cjs");
  const { code, stdout, stderr } = await run(process.execPath, ["--require", old, bin, "--version"], project);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^opensourcellmrouter needs Node 22\.19 or later and this is 18\.20\.1: install .*\n$/);
});

test("the lockfile names every platform's packages, or npm ci refuses it, and no registry", () => {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  const lock: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(text);
  const wanted = Object.values(lock.packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  const missing = wanted.filter((name) => lock.packages[`node_modules/${name}`] === undefined);
  assert.deepEqual(missing, [], "run: node scripts/lock-platforms.ts");
  assert.doesNotMatch(text, /"resolved"/);
});
