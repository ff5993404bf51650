import { type Env, isSet } from "../../config/check/providers.ts";
import type { Config } from "../../config/config.ts";
import { ConfigError, formatProblem } from "../../config/problem.ts";
import { adminKey, clientKeys } from "../../config/secrets/server-keys.ts";
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

/** That a key of the router's own is not there has a row of its own, and keeps nobody from looking at the providers. */
function withoutMissingKey(config: Config, env: Env): Config {
  const admin = adminKey(config.server);
  const all = [...clientKeys(config.server), ...(admin ? [admin] : [])];
  if (all.every(({ source = "" }) => isSet(env, source))) return config;
  const { api_key_env: _, admin_key_env: __, admin_key_from: ___, ...server } = config.server;
  return { ...config, server: { ...server, api_keys_env: [], keys: [] } };
}
