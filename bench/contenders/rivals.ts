import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { adopt, folderFor } from "../processes.ts";
import type { Contender } from "./contender.ts";
import { freePort, startOutside } from "./outside.ts";

/**
 * Gateways from npm, installed when the bench wants them into a folder that goes with it, and never among our own packages. What else
 * is named with one holds for its dependencies: with a newer server of Hono's, Portkey 1.15.2 answers every stream with 500
 * ("TypeError: immutable").
 */
const pins = z
  .record(z.string(), z.record(z.string(), z.string()))
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "rivals.json"), "utf8")));
const INSTALL_MS = 120_000;
const installs = new Map<string, Promise<string>>();

/** The folder of its packages. Once for all sections. */
function installed(name: string): Promise<string> {
  const under = installs.get(name) ?? install(name);
  installs.set(name, under);
  return under;
}

async function install(name: string): Promise<string> {
  const folder = folderFor(`installed-${name}`, "run");
  const wanted = pins[name] ?? {};
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: wanted, overrides: wanted }),
  );
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  try {
    const npm = promisify(execFile)("npm", args, { cwd: folder, timeout: INSTALL_MS });
    adopt(npm.child);
    await npm;
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n").find((line) => /npm error|timed/.test(line)) : "";
    throw new Error(`npm could not install ${versionsOf(name)} (${said ?? "no answer"}); it needs the network`);
  }
  return join(folder, "node_modules");
}

function versionsOf(name: string): string {
  return Object.entries(pins[name] ?? {})
    .map(([from, version]) => `${from} ${version}`)
    .join(", ");
}

/** Each run has a home of its own, with nothing in it but what the rival needs. */
function envOf(home: string): Record<string, string> {
  return { PATH: dirname(process.execPath), HOME: home, NODE_ENV: "production" };
}

export const portkey: Contender = {
  name: `Portkey ${pins["portkey"]?.["@portkey-ai/gateway"]}`,
  takes: ["openai"],
  headers: (upstreamUrl) => ({
    authorization: "Bearer none",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${upstreamUrl}/v1`,
  }),
  async start() {
    const script = join(await installed("portkey"), "@portkey-ai/gateway/build/start-server.js");
    const port = await freePort();
    const args = [script, `--port=${port}`, "--headless"];
    return startOutside({ command: process.execPath, args, port, env: envOf(folderFor("portkey")) });
  },
};

/** Takes Claude Code's requests only. */
export const claudeCodeRouter: Contender = {
  name: `claude-code-router ${pins["claude-code-router"]?.["@musistudio/claude-code-router"]}`,
  takes: ["anthropic"],
  async start(upstreamUrl) {
    const script = join(await installed("claude-code-router"), "@musistudio/claude-code-router/dist/cli.js");
    const [home, port] = [folderFor("claude-code-router"), await freePort()];
    const folder = join(home, ".claude-code-router");
    mkdirSync(folder);
    const model = "bench-sent";
    const provider = {
      name: "up",
      api_base_url: `${upstreamUrl}/v1/chat/completions`,
      api_key: "none",
      models: [model],
    };
    const config = { PORT: port, HOST: "127.0.0.1", LOG: false, Providers: [provider] };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, Router: { default: `up,${model}` } }));
    return startOutside({ command: process.execPath, args: [script, "start"], port, env: envOf(home) });
  },
};
