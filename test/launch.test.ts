import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { sharedCompiled } from "./support/compiled.ts";
import { inProcess, scratch } from "./support/in-process.ts";
import { until } from "./support/until.ts";

const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const SIMULATED = `[[providers]]\nname = "sim"\nformat = "simulated"\nmodels = ["one", "gpt-two"]\n[[routers]]\ntype = "fallback"\n`;

/** Says how it was started, and does what the test tells it by its arguments. */
const AGENT = `#!${process.execPath}
process.on("SIGTERM", () => process.exit(9));
process.stdout.write(JSON.stringify({ args: process.argv.slice(2), env: process.env, pid: process.pid }) + "\\n");
if (process.argv.includes("--wait")) setInterval(() => {}, 1000);
else if (process.argv.includes("--stop")) process.kill(process.pid, "SIGSTOP");
else if (process.argv.includes("--die")) process.kill(process.pid, "SIGKILL");
else process.exitCode = 7;
`;

interface Place {
  home: string;
  /** Starts the real program there, with nothing of this process's environment. */
  start(args: readonly string[], env?: Record<string, string>): ChildProcess;
  run(
    args: readonly string[],
    env?: Record<string, string>,
  ): Promise<{ code: number | null; out: string; err: string }>;
}

async function place(t: TestContext, agents: readonly string[]): Promise<Place> {
  const home = await scratch(t);
  const bin = join(home, "bin");
  mkdirSync(bin);
  for (const name of agents) {
    writeFileSync(join(bin, name), AGENT);
    chmodSync(join(bin, name), 0o755);
  }
  const start = (args: readonly string[], env: Record<string, string> = {}) =>
    spawn(process.execPath, [MAIN, ...args], {
      cwd: home,
      env: {
        PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
        HOME: home,
        ...sharedCompiled(),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
  return {
    home,
    start,
    async run(args, env) {
      const child = start(args, env);
      const said = { out: "", err: "" };
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        said.out += text;
      });
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        said.err += text;
      });
      await once(child, "close");
      return { code: child.exitCode, ...said };
    },
  };
}

// Each start is a process of its own that mostly computes.
describe("agents", { concurrency: 3 }, () => {
  describe("launch", { concurrency: 2 }, () => {
    test("starts the agent with its own arguments and what it needs, and ends as it ends", async (t) => {
      const router = await inProcess(t, SIMULATED);
      const { run, home } = await place(t, ["claude", "codex"]);
      const words = ["launch", "claude", "--url", router.url, "--model", "one", "--", "-p", "--help"];
      const { code, out, err } = await run(words, { ANTHROPIC_API_KEY: "sk-real", MINE: "stays" });
      assert.equal(code, 7, err);
      const { args, env } = JSON.parse(out);
      assert.deepEqual(args, ["-p", "--help"]);
      assert.deepEqual(
        [env.ANTHROPIC_BASE_URL, env.ANTHROPIC_MODEL, env.ANTHROPIC_API_KEY, env.MINE],
        [router.url.replace("127.0.0.1", "localhost"), "one", undefined, "stays"],
      );
      const codex = await run(["launch", "codex", "--url", router.url]);
      assert.match(codex.err, /Codex CLI will ask for gpt-two, one of 2 models the router lists/);
      assert.ok(JSON.parse(codex.out).args.includes('model="gpt-two"'));
      assert.throws(() => statSync(join(home, ".codex")), "nothing of the agent's is made");
    });

    test("says what is missing before anything is started", async (t) => {
      const { run } = await place(t, []);
      const { code, err } = await run(["launch", "opencode"]);
      assert.equal(code, 1);
      assert.match(err, /OpenCode is not installed: .*npm install -g opencode-ai/);
      const there = await place(t, ["claude"]);
      const nobody = await there.run(["launch", "claude", "--url", "127.0.0.1:1"]);
      assert.match(nobody.err, /start one there, or leave out --url|is no router/);
      const other = await foreign(t);
      const { err: wrong } = await there.run(["launch", "claude", "--url", other]);
      assert.match(wrong, /what answers at .* is no router .*status 404.*: check --url/);
    });

    test("a router's key comes from its config, and its absence is told", async (t) => {
      const router = await inProcess(t, `[server]\napi_key_env = "K"\n${SIMULATED}`, { env: { K: "the-key" } });
      const { run, home } = await place(t, ["claude"]);
      const missing = await run(["launch", "claude", "--url", router.url]);
      assert.match(missing.err, /asks for a key.*OPENSOURCELLMROUTER_API_KEY/s);
      const port = new URL(router.url).port;
      writeFileSync(join(home, "config.toml"), `[server]\nport = ${port}\napi_key_env = "K"\n${SIMULATED}`);
      writeFileSync(join(home, ".env"), "K=the-key\n");
      const { out, err } = await run(["launch", "claude"]);
      assert.equal(JSON.parse(out || "{}").env?.ANTHROPIC_AUTH_TOKEN, "the-key", err);
    });

    test("a signal goes on to the agent", async (t) => {
      const router = await inProcess(t, SIMULATED);
      const { start } = await place(t, ["claude"]);
      const child = start(["launch", "claude", "--url", router.url, "--", "--wait"]);
      assert.ok(child.stdout);
      await once(child.stdout, "data");
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      assert.equal(code, 9);
    });

    test("an agent that a signal ends, or that suspends itself, does so to whoever waits for it", async (t) => {
      const router = await inProcess(t, SIMULATED);
      const { start } = await place(t, ["claude"]);
      const dying = start(["launch", "claude", "--url", router.url, "--", "--die"]);
      const [, signal] = await once(dying, "exit");
      assert.equal(signal, "SIGKILL");
      // Only Linux tells of it.
      if (process.platform !== "linux") return;
      const stopping = start(["launch", "claude", "--url", router.url, "--", "--stop"]);
      assert.ok(stopping.stdout);
      const [text] = await once(stopping.stdout, "data");
      const pids: number[] = [stopping.pid ?? 0, JSON.parse(text).pid];
      // Nobody else would end those that are stopped.
      t.after(() => pids.filter(isAlive).map((pid) => process.kill(pid, "SIGKILL")));
      await until(
        () => /^State:\s+T/m.test(readFileSync(`/proc/${stopping.pid}/status`, "utf8")),
        "launch to stop, too",
      );
      for (const pid of pids) process.kill(pid, "SIGCONT");
      const [code] = await once(stopping, "exit");
      assert.equal(code, 0);
    });
  });

  describe("launch without a router", () => {
    test("starts one in the background, for two that come at once", async (t) => {
      const { run, home } = await place(t, ["claude"]);
      writeFileSync(join(home, "config.toml"), `[server]\nport = ${await freePort()}\n${SIMULATED}`);
      const both = await Promise.all([run(["launch", "claude"]), run(["launch", "claude"])]);
      const said = both.map(({ err }) => err).join("\n");
      const pids = [
        ...said.matchAll(/router ready at http:\/\/localhost:\d+: pid (\d+), log (\S+), to stop it: kill/g),
      ];
      t.after(() => Promise.all(pids.map(([, pid]) => killed(Number(pid)))));
      assert.equal(pids.length, 1, said);
      assert.deepEqual(
        both.map(({ code }) => code),
        [7, 7],
        said,
      );
      const [, , log = ""] = pids[0] ?? [];
      assert.match(readFileSync(log, "utf8"), /listening/);
      assert.equal(statSync(log).mode & 0o777, 0o600);
      assert.equal(statSync(dirname(log)).mode & 0o777, 0o700);
      const again = await run(["launch", "claude"]);
      assert.equal(again.err, "", "the one that runs is used, without a word");
    });

    test("tells in the router's own words why it does not start", async (t) => {
      const { run, home } = await place(t, ["claude"]);
      writeFileSync(join(home, "config.toml"), `[server]\nport = ${await freePort()}\nprot = 1\n`);
      const { code, err } = await run(["launch", "claude"]);
      assert.equal(code, 1);
      assert.match(err, /could not start a router .*It said:.*server\.prot: unknown key/s);
    });
  });

  describe("env", () => {
    test("a shell that reads it has what launch would set", async (t) => {
      const router = await inProcess(t, SIMULATED);
      const { run, home } = await place(t, ["claude"]);
      const { out, err } = await run(["env", "claude", "--url", router.url, "--model", "it's"], { SHELL: "/bin/bash" });
      const script = `${out}\nprintf '%s|%s' "$ANTHROPIC_BASE_URL" "$ANTHROPIC_MODEL"`;
      const read = execFileSync("/bin/sh", ["-c", script], { encoding: "utf8", env: { HOME: home } });
      assert.equal(read, `${router.url.replace("127.0.0.1", "localhost")}|it's`, err);
      const codex = await run(["env", "codex", "--url", router.url, "--json"]);
      const { command, model } = JSON.parse(codex.out);
      assert.deepEqual([command[0], model], ["codex", "gpt-two"]);
      const told = await run(["env", "codex", "--url", router.url]);
      assert.match(told.err, /no variable can say\. Start it so:\ncodex -c/);
    });

    test("SDKs need no router to be there", async (t) => {
      const { run } = await place(t, []);
      const { out } = await run(["env", "openai", "--url", "box:1234"], { SHELL: "/bin/sh" });
      assert.equal(out, "export OPENAI_BASE_URL='http://box:1234/v1'\nexport OPENAI_API_KEY='unused'\n");
    });
  });
});

/** A server that is no router. */
async function foreign(t: TestContext): Promise<string> {
  const server = createServer((_req, res) => res.writeHead(404).end("nothing here"));
  t.after(() => new Promise((done) => void server.close(done)));
  return `127.0.0.1:${await listening(server)}`;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: string | AddressInfo | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** One that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => void server.close(done));
  return port;
}

async function killed(pid: number): Promise<void> {
  process.kill(pid, "SIGTERM");
  await until(() => !isAlive(pid), "the router in the background to end");
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
