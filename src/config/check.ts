import { isObject, type JsonObject } from "../core/json.ts";
import { error, problemsOf } from "./check/explain.ts";
import { checkProviders, checkUrl, type Env } from "./check/providers.ts";
import { checkKeyNames, checkServerKeys } from "./check/server-keys.ts";
import { checkRules, checkStages } from "./check/stages.ts";
import { type Config, configSchema } from "./config.ts";
import type { Kinds } from "./kinds.ts";
import type { Problem } from "./problem.ts";

export interface Checked {
  /** Undefined when there are errors among the problems. */
  config: Config | undefined;
  problems: Problem[];
}

/**
 * Checks a whole config, as parsed, and finds everything wrong with it at once. What keys mean together is therefore
 * looked at even where single values are wrong.
 */
export function checkConfig(raw: unknown, kinds: Kinds, env: Env): Checked {
  if (!isObject(raw)) return { config: undefined, problems: [error([], "a config must be a table")] };
  const { names, problems } = checkProviders(raw, kinds.presets, env);
  const found = [
    ...problemsOf(configSchema, raw),
    ...problems,
    ...checkRules(raw, kinds.rules, names),
    ...checkStages(raw, kinds, names),
    ...checkServerKeys(raw["server"], env),
    ...checkKeyNames(raw),
    ...(isObject(raw["telemetry"]) ? checkTelemetry(raw["telemetry"]) : []),
  ];
  const parsed = configSchema.safeParse(raw);
  const hasErrors = found.some((problem) => problem.severity === "error");
  return { config: hasErrors || !parsed.success ? undefined : parsed.data, problems: found };
}

function checkTelemetry(telemetry: JsonObject): Problem[] {
  return checkUrl(telemetry["otlp_endpoint"], ["telemetry", "otlp_endpoint"]);
}
