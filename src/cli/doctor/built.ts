import type { Env } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { ConfigError, formatProblem } from "../../config/problem.ts";
import type { Log } from "../../core/log.ts";
import { SetupError } from "../../core/setup-error.ts";
import { Refusal } from "../io.ts";
import type { OpenConfig } from "../open-config.ts";
import { buildParts, type Parts } from "../parts.ts";
import { VERSION } from "../version.ts";
import { type Finding, failed, warning } from "./finding.ts";

/** The parts of a router on this config, or why they cannot be built; what they say while they are built is among the findings. */
export function built(opened: OpenConfig): { parts: Parts | undefined; findings: readonly Finding[] } {
  const { config, dotEnv, foreign, file, detected } = opened;
  const findings: Finding[] = [];
  const log: Log = (level, message) => {
    if (level === "error" || level === "warn") findings.push(warning("config", message));
  };
  try {
    const about = { version: VERSION, file: detected === undefined ? file : null };
    const tools = { random: Math.random, programLog: log, about, foreign };
    return { parts: buildParts(withoutMissingKey(config, dotEnv.env), dotEnv.env, tools), findings };
  } catch (cause) {
    const todo = "mend what it names: the router does not start like this";
    if (cause instanceof ConfigError) {
      findings.push(...cause.problems.map((problem) => failed("config", formatProblem(cause.file, problem), todo)));
    } else if (cause instanceof Refusal || cause instanceof SetupError) {
      findings.push(failed("config", cause.message, todo));
    } else throw cause;
    return { parts: undefined, findings };
  }
}

/** That the router's own key is not set has a row of its own, and keeps nobody from looking at the providers. */
function withoutMissingKey(config: Config, env: Env): Config {
  const variable = config.server.api_key_env;
  if (variable === undefined || env[variable]?.trim()) return config;
  const { api_key_env: _, ...server } = config.server;
  return { ...config, server };
}
