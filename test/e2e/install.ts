import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isObject, type Json } from "../../src/core/json.ts";

/** Outside the dependency tree: the agents are a gigabyte, and nothing but the end-to-end test needs them. */
export const AGENTS_FOLDER = fileURLToPath(new URL("../../.cache/agents", import.meta.url));

export const VERSIONS = {
  "@anthropic-ai/claude-code": "2.1.330",
  "@openai/codex": "0.169.0",
  "@github/copilot": "1.0.102",
  "opencode-ai": "1.18.33",
  "@google/gemini-cli": "0.61.0",
} as const;
export type AgentPackage = keyof typeof VERSIONS;

/** Installs what is not there in the wanted version. */
export function installAgents(): void {
  const missing = Object.entries(VERSIONS).filter(([name, version]) => installedVersion(name) !== version);
  if (missing.length === 0) return;
  mkdirSync(AGENTS_FOLDER, { recursive: true });
  // A package.json of its own keeps npm from walking up into the repository's.
  writeFileSync(join(AGENTS_FOLDER, "package.json"), '{ "name": "agents", "private": true }\n');
  const wanted = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  console.log(`installing ${wanted.join(", ")}`);
  // The agents want a newer Node than the machine may have: this one goes first.
  const path = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  const result = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...wanted], {
    cwd: AGENTS_FOLDER,
    env: { ...process.env, PATH: path },
    stdio: "inherit",
  });
  if (result.status !== 0) throw new Error(`npm could not install the agents (${result.status ?? result.signal})`);
}

function installedVersion(name: string): string | undefined {
  try {
    const text = readFileSync(join(AGENTS_FOLDER, "node_modules", name, "package.json"), "utf8");
    const manifest: Json = JSON.parse(text);
    return isObject(manifest) ? String(manifest["version"]) : undefined;
  } catch {
    return undefined;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installAgents();
