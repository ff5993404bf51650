import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AgentName } from "../../src/cli/launch/agent-names.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ClientFormat } from "../support/clients/heard.ts";
import { AGENTS_FOLDER, type AgentPackage } from "./install.ts";

/** Where an agent runs: the base URL it is to use, a HOME of its own and a working folder, both empty but for its files. */
export interface Place {
  url: string;
  home: string;
  work: string;
  model: string;
  prompt: string;
  /** A picture the prompt is about, where the scenario has one. */
  picture?: string | undefined;
}

export interface Launch {
  /** The agent's own. */
  args: string[];
  env: Record<string, string>;
  /** Written before the start, by absolute path. */
  files?: Record<string, string>;
}

/** A coding agent, and the tools it declares. */
export interface Agent {
  name: string;
  /** The API it speaks to the router. */
  client: ClientFormat;
  /** At npm; `install.ts` has its version. */
  package: AgentPackage;
  binary: string;
  /** Started by `opensourcellmrouter launch`; undefined: by itself, with settings of the user's own. */
  launched?: AgentName;
  launch(place: Place): Launch;
  shell: { tool: string; args(command: string): JsonObject };
  /** How it comes to see a picture: by a tool it calls, or attached to the prompt. */
  read: { tool: string; args(path: string): JsonObject } | "attached";
  /** Sends calls back without their ids, by which the router finds what was thought before them. */
  forgetsIds?: true;
}

const described = (command: string): JsonObject => ({ command, description: "prints a word" });

const claudeCode: Agent = {
  name: "Claude Code",
  client: "anthropic",
  package: "@anthropic-ai/claude-code",
  binary: "claude",
  launched: "claude",
  launch: ({ prompt }) => ({
    args: ["-p", prompt, "--allowedTools", "Bash,Read"],
    env: {
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
      DISABLE_AUTOUPDATER: "1",
      DISABLE_TELEMETRY: "1",
      DISABLE_ERROR_REPORTING: "1",
    },
  }),
  shell: { tool: "Bash", args: described },
  read: { tool: "Read", args: (file_path) => ({ file_path }) },
};

const codex: Agent = {
  name: "Codex CLI",
  client: "openai-responses",
  package: "@openai/codex",
  binary: "codex",
  launched: "codex",
  launch: ({ prompt }) => ({
    args: [
      ...["exec", "--skip-git-repo-check", "-s", "danger-full-access", "--disable", "plugins", "--disable", "apps"],
      ...["-c", "analytics.enabled=false", prompt],
    ],
    env: {},
  }),
  shell: { tool: "exec_command", args: (cmd) => ({ cmd }) },
  read: { tool: "view_image", args: (path) => ({ path }) },
};

type CopilotApi = Extract<ClientFormat, "openai" | "openai-responses" | "anthropic">;

/** It speaks three APIs, by its settings. */
function copilot(client: CopilotApi): Agent {
  return {
    name: client === "openai" ? "Copilot CLI" : `Copilot, ${client.replace("openai-", "")}`,
    client,
    package: "@github/copilot",
    binary: "copilot",
    launched: "copilot",
    launch: ({ home, prompt, picture }) => ({
      args: [
        ...["-p", prompt, "-s", "--allow-all-tools", "--allow-all-paths", "--no-auto-update"],
        ...(picture === undefined ? [] : ["--attachment", picture]),
      ],
      env: {
        COPILOT_HOME: join(home, ".copilot"),
        COPILOT_OFFLINE: "true",
        COPILOT_PROVIDER_TYPE: client === "anthropic" ? "anthropic" : "openai",
        COPILOT_PROVIDER_WIRE_API: client === "openai-responses" ? "responses" : "completions",
      },
    }),
    shell: { tool: "bash", args: described },
    // Its view tool sends no picture to a provider of one's own.
    read: "attached",
  };
}

/** It speaks every API there is, each by an SDK of Vercel's. */
function openCode(client: "openai" | "gemini"): Agent {
  return {
    name: client === "openai" ? "OpenCode" : `OpenCode, ${client}`,
    client,
    package: "opencode-ai",
    binary: "opencode",
    // What it is launched with speaks OpenAI's.
    ...(client === "openai" && { launched: "opencode" }),
    launch: ({ url, work, model, prompt }) => ({
      args: ["run", prompt],
      env: { OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_AUTOUPDATE: "1" },
      files: client === "openai" ? {} : { [join(work, "opencode.json")]: openCodeConfig(`${url}/v1beta`, model) },
    }),
    shell: { tool: "bash", args: described },
    read: { tool: "read", args: (filePath) => ({ filePath }) },
    ...(client === "gemini" && { forgetsIds: true }),
  };
}

function openCodeConfig(baseURL: string, model: string): string {
  const sees = { attachment: true, reasoning: true, modalities: { input: ["text", "image"], output: ["text"] } };
  return JSON.stringify({
    model: `r/${model}`,
    small_model: `r/${model}`,
    provider: {
      r: {
        npm: "@ai-sdk/google",
        options: { baseURL, apiKey: "dummy" },
        models: { [model]: { tool_call: true, ...sees } },
      },
    },
  });
}

const geminiCli: Agent = {
  name: "Gemini CLI",
  client: "gemini",
  package: "@google/gemini-cli",
  binary: "gemini",
  launched: "gemini",
  launch: ({ home, prompt }) => ({
    args: ["--approval-mode", "yolo", "--skip-trust", "-p", prompt],
    env: {},
    // Of a user who signed in otherwise.
    files: {
      [join(home, ".gemini", "settings.json")]: JSON.stringify({
        security: { auth: { selectedType: "oauth-personal" } },
        privacy: { usageStatisticsEnabled: false },
        general: { enableAutoUpdate: false },
      }),
    },
  }),
  shell: { tool: "run_shell_command", args: described },
  read: { tool: "read_file", args: (file_path) => ({ file_path }) },
};

export const AGENTS: Agent[] = [
  claudeCode,
  codex,
  copilot("openai"),
  copilot("openai-responses"),
  copilot("anthropic"),
  openCode("openai"),
  openCode("gemini"),
  geminiCli,
];

/** The agent's program; undefined when it is not installed. */
export function programOf(agent: Agent): string | undefined {
  const path = join(AGENTS_FOLDER, "node_modules", ".bin", agent.binary);
  return existsSync(path) ? path : undefined;
}
