import { deepEqual, equal, match, throws } from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { pluginNew } from "../src/cli/plugin-new.ts";
import { sharedCompiled } from "./support/compiled.ts";
import { inProcess } from "./support/in-process.ts";
import { open } from "./support/modules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAIN = join(ROOT, "src/cli/main.ts");

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A program of this Node, in the folder, with nothing of this process's environment. */
function node(folder: string, ...args: string[]): Promise<Outcome> {
  const env = { PATH: dirname(process.execPath), HOME: folder, ...sharedCompiled() };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

const KINDS = [
  ["plugin", "signed", []],
  ["classifier", "tagged", ["--classifier"]],
  ["response-classifier", "judged", ["--response-classifier"]],
  ["rule", "routed", ["--rule"]],
] as const;

describe("plugin new, from a checkout", () => {
  const folder = mkdtempSync(join(tmpdir(), "plugin-new-"));
  after(() => rmSync(folder, { recursive: true }));
  let printed: Outcome[] = [];
  before(async () => {
    printed = await Promise.all(
      KINDS.map(([, name, options]) => node(folder, MAIN, "plugin", "new", name, ...options)),
    );
  });

  test("writes a module and its test for each kind, which others cannot write", () => {
    deepEqual(
      printed.map(({ code, stderr }) => [code, stderr]),
      KINDS.map(() => [0, ""]),
    );
    const files = KINDS.flatMap(([, name]) => [`${name}.test.ts`, `${name}.ts`]).toSorted();
    deepEqual(readdirSync(join(folder, "plugins")).toSorted(), files);
    for (const file of files) {
      equal(statSync(join(folder, "plugins", file)).mode & 0o022, 0);
      equal(readFileSync(join(folder, "plugins", file), "utf8").includes("NAME"), false, file);
    }
  });

  test("their tests pass as they are, without anything installed", async () => {
    const { code, stdout } = await node(
      folder,
      "--test",
      "--test-isolation=none",
      ...KINDS.map(([, name]) => `plugins/${name}.test.ts`),
    );
    equal(code, 0, stdout);
    match(stdout, /pass 4\b/);
  });

  test("what it says to put into the config works, whole and streamed", async (t) => {
    const blocks = printed.map(({ stdout }) => /config\.toml.*?:\n\n(.*?)\n\n/s.exec(stdout)?.[1] ?? "");
    deepEqual(
      blocks.map((block) => block.split("\n").length),
      [3, 3, 3, 3],
    );
    const [rule = "", ...others] = blocks.toReversed();
    const toml = `[[providers]]\nname = "sim"\nformat = "simulated"\n\n${[rule, ...others].join("\n\n")}\n`;
    writeFileSync(join(folder, "config.toml"), toml);
    const { foreign } = await open(folder);
    const router = await inProcess(t, toml, { foreign });
    for (const stream of [false, true]) {
      const body = JSON.stringify({ model: "any", stream, messages: [{ role: "user", content: "Hello." }] });
      const response = await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body });
      match(await response.text(), /\(by way of signed\)/);
      equal(response.headers.get("x-router-request-tags"), "tagged");
    }
    match(JSON.stringify(router.events), /routed: those nearby first/);
    const [whole] = await router.completed(2);
    deepEqual(whole?.response?.tags, ["judged"]);
  });

  test("it never overwrites, and takes no name that would not do", async () => {
    const { code, stderr } = await node(folder, MAIN, "plugin", "new", "signed");
    deepEqual(
      [code, stderr],
      [1, "opensourcellmrouter: plugins/signed.ts exists and was left as it is; choose another name\n"],
    );
    const io = { env: {}, out: () => undefined, err: () => undefined };
    for (const name of ["../up", "a/b", "Über", "-x", "", "redact"])
      throws(() => pluginNew(name, "plugin", io), { name: "Refusal", exitCode: 2 }, name);
    equal(readdirSync(join(folder, "plugins")).length, 8);
  });
});
