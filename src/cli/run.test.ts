import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { sharedCompiled } from "../../test/support/compiled.ts";

/** The program in a process of its own, in an empty folder, with nothing of this environment but PATH. */
const MAIN = join(import.meta.dirname, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "cli-"));
const children = new Set<ChildProcess>();
after(() => {
  // One that a failed test left behind would keep the runner waiting.
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const SIMULATED = '[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"\n';
const KEYED = SIMULATED.replace(
  '"simulated"',
  '"openai"\nbase_url = "http://127.0.0.1:9/v1"\napi_key_env = "SOME_KEY"',
);

interface Program {
  child: ChildProcess;
  text: () => string;
  ended: Promise<number | null>;
}

function start(args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH: dirname(process.execPath), HOME: folder, ...sharedCompiled(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk;
    });
  }
  const ended = once(child, "close").then(() => child.exitCode);
  return { child, text: () => text, ended };
}

async function listening(program: Program): Promise<string> {
  const isEnded = program.ended.then(() => true);
  for (;;) {
    const url = /listening\s+(http:\S+)/.exec(program.text())?.[1];
    if (url !== undefined) return url;
    const pause = new Promise<false>((resolve) => setTimeout(resolve, 20, false));
    if (await Promise.race([isEnded, pause])) throw new Error(`it ended:\n${program.text()}`);
  }
}

function writeConfig(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

test("says what it loaded, where requests go and what to set in a client, and stops on SIGINT", async () => {
  writeConfig(".env", "SOME_KEY=very-secret\nOTHER=1\n");
  const file = writeConfig("keyed.toml", `[server]\ndashboard = true\n${KEYED}`);
  const program = start([file, "--port", "0"]);
  const url = await listening(program);
  rmSync(join(folder, ".env"));
  const { port } = new URL(url);
  const text = program.text();
  assert.match(text, /^ {2}config {5}keyed\.toml$/m);
  assert.match(text, /^ {2}\.env {7}\.env sets OTHER, SOME_KEY$/m);
  assert.match(text, /^ {2}providers {2}sim \(openai, http:\/\/127\.0\.0\.1:9\/v1\)$/m);
  assert.match(text, /^ {2}routes {5}1\. fallback/m);
  for (const line of [`OPENAI_BASE_URL=http://localhost:${port}/v1`, `ANTHROPIC_BASE_URL=http://localhost:${port}`]) {
    assert.ok(text.includes(line), line);
  }
  assert.ok(text.includes(`dashboard  http://localhost:${port}/dashboard`));
  assert.doesNotMatch(text, /very-secret|WARNING/);
  program.child.kill("SIGINT");
  assert.equal(await program.ended, 0, program.text());
});

test("no config: serves what it finds and says when that is only simulated", async () => {
  writeConfig(".env", "OPENAI_API_KEY=of-somebody-else\n");
  const program = start(["--port", "0"]);
  await listening(program);
  rmSync(join(folder, ".env"));
  assert.match(program.text(), /no config\.toml here/);
  assert.doesNotMatch(program.text(), /\.env|OPENAI_API_KEY is set/, "a .env without a config beside it has no say");
  program.child.kill("SIGTERM");
  assert.equal(await program.ended, 0, program.text());
});

test("no config: SIGHUP looks again, and takes a config.toml that is there now", async () => {
  const program = start(["--port", "0"]);
  await listening(program);
  const says = async (line: RegExp) => {
    const deadline = performance.now() + 15_000;
    while (!line.test(program.text())) {
      assert.ok(performance.now() < deadline, `${line} in:\n${program.text()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  program.child.kill("SIGHUP");
  await says(/info config version 2: \(detected\) read again \(SIGHUP\)/);
  writeConfig("config.toml", SIMULATED);
  program.child.kill("SIGHUP");
  await says(/info config version 3: config\.toml read again \(SIGHUP\)/);
  rmSync(join(folder, "config.toml"));
  program.child.kill("SIGTERM");
  assert.equal(await program.ended, 0, program.text());
});

test("listens for others without a key: loud", async () => {
  const program = start([writeConfig("open.toml", SIMULATED), "--host", "0.0.0.0", "--port", "0"]);
  await listening(program);
  program.child.kill("SIGTERM");
  await program.ended;
  assert.match(program.text(), /^WARNING: everyone who can reach 0\.0\.0\.0 port \d+ can use this router/m);
});

test("--log-format json: every line is JSON, from the start to the end", async () => {
  const file = writeConfig("json.toml", `[server]\napi_key_env = "ROUTER_KEY"\n${SIMULATED}`);
  const env = { ROUTER_KEY: "very-secret-0123", OPENSOURCELLMROUTER_LOG_FORMAT: "json" };
  const program = start([file, "--port", "0"], env);
  const ended = program.ended.then(() => assert.fail(`it ended:\n${program.text()}`));
  await Promise.race([ended, once(program.child.stderr ?? new EventEmitter(), "data")]);
  program.child.kill("SIGTERM");
  assert.equal(await program.ended, 0, program.text());
  const [first, last, ...more] = program
    .text()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.match(first.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual([first.msg, first.config, first.providers, first.key_required], ["listening", file, "sim", true]);
  assert.match(last.msg, /^SIGTERM: finishing/);
  assert.deepEqual(more, []);
  const refused = start([writeConfig("sever.toml", `[sever]\n${SIMULATED}`), "--log-format", "json"]);
  assert.equal(await refused.ended, 2);
  assert.match(JSON.parse(refused.text()).msg, /^sever\.toml:1:1 {2}sever: unknown section/);
});

const refusals: [string, string, number, RegExp][] = [
  ["key.toml", `[server]\napi_key_env = "NO_SUCH_KEY"\n${SIMULATED}`, 2, /names NO_SUCH_KEY, but .* refusing to start/],
  ["none.toml", KEYED, 2, /no provider is left, each was skipped.*\n {2}sim: SOME_KEY is not set\n/],
  ["bad.toml", `[sever]\n${SIMULATED}`, 2, /^bad\.toml:1:1 {2}sever: unknown section/],
];
for (const [file, text, code, message] of refusals) {
  test(`refuses to start: ${file}`, async () => {
    const program = start([writeConfig(file, text), "--port", "0"]);
    assert.equal(await program.ended, code);
    assert.match(program.text(), message);
    assert.doesNotMatch(program.text(), /listening|at .*\.ts:/);
  });
}

test("a port in use: one line with the remedy", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const program = start([writeConfig("port.toml", SIMULATED), "--port", port]);
  assert.equal(await program.ended, 1);
  other.close();
  assert.match(program.text(), new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use, .*choose --port\n$`));
});

test("init writes what check accepts, once", async () => {
  const first = start(["init", "new.toml"], { GROQ_API_KEY: "very-secret" });
  assert.equal(await first.ended, 0);
  assert.match(first.text(), /found: GROQ_API_KEY is set\nwrote new\.toml; start with: opensourcellmrouter new\.toml/);
  const check = start(["check", "new.toml"], { GROQ_API_KEY: "very-secret" });
  assert.equal(await check.ended, 0, check.text());
  assert.match(check.text(), /^new\.toml: no errors \(1 provider, 2 rules\)\n$/);
  const second = start(["init", "new.toml"]);
  assert.equal(await second.ended, 1);
  assert.match(second.text(), /new\.toml exists and was left as it is/);
});
