import type { Agent } from "../agent.ts";
import type { AgentName } from "../agent-names.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { copilot } from "./copilot.ts";
import { gemini } from "./gemini.ts";
import { opencode } from "./opencode.ts";

/** Those that can be started, by their names on the command line. */
export const AGENTS: Readonly<Record<AgentName, Agent>> = { claude, codex, copilot, opencode, gemini };
