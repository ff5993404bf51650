import { ConfigError, formatProblem, type Problem } from "../../../../config/problem.ts";
import { systemClock } from "../../../../core/clock.ts";
import type { Io } from "../../../io.ts";
import { KINDS } from "../../../kinds.ts";
import { Modules } from "../../../modules/modules.ts";
import { DEFAULT_CONFIG, type OpenConfig, openConfig } from "../../../open-config.ts";
import { probe } from "../../../probe.ts";
import { counted, type Finding, failed, ok, warning } from "../../finding.ts";

/** The config that `run` would serve, or why there is none. */
export interface ConfigLook {
  readonly opened: OpenConfig | undefined;
  readonly findings: readonly Finding[];
}

/** Opens the config as `run` does, modules and `.env` included, and tells of all that is wrong with it. */
export async function configFile(named: string | undefined, { env }: Io): Promise<ConfigLook> {
  const modules = new Modules({ clock: systemClock });
  try {
    const opened = await openConfig(named, { kinds: KINDS, env, probe, modules });
    return { opened, findings: [found(opened), ...opened.warnings.filter(isOfItsOwn).map(told(opened.file))] };
  } catch (cause) {
    if (cause instanceof ConfigError) return { opened: undefined, findings: cause.problems.map(told(cause.file)) };
    // Not the config's own fault: a `.env` that cannot be read.
    const message = cause instanceof Error ? cause.message : String(cause);
    const todo = `make it readable for whoever runs the router`;
    return { opened: undefined, findings: [failed("config", `${named ?? DEFAULT_CONFIG}: ${message}`, todo)] };
  }
}

function found({ file, detected, config }: OpenConfig): Finding {
  const parts = `${counted(config.providers.length, "provider")}, ${counted(config.routers.length, "rule")}`;
  if (detected === undefined) return ok("config", `${file}: no errors (${parts})`);
  if (!detected.isSimulated)
    return ok("config", `no ${DEFAULT_CONFIG} here; what is found would be served: ${reasons(detected.providers)}`);
  return warning(
    "config",
    `no ${DEFAULT_CONFIG} here, no provider's key and no local model server: answers would be simulated`,
    "set OPENAI_API_KEY, ANTHROPIC_API_KEY or another provider's key, or start Ollama; `init` writes a config",
  );
}

function reasons(providers: readonly { why: string }[]): string {
  return providers.map(({ why }) => why).join("; ");
}

/** Variables that are not set have rows of their own: `keys.ts`. */
function isOfItsOwn({ path, severity, message }: Problem): boolean {
  const isSkipped = path.length === 2 && path[0] === "providers" && typeof path[1] === "number";
  const isServerKey = path[0] === "server" && message.endsWith("the router will refuse to start");
  return severity === "error" || !(isSkipped || isServerKey);
}

function told(file: string): (problem: Problem) => Finding {
  return (problem) => {
    const text = formatProblem(file, { ...problem, severity: "error" });
    if (problem.severity === "warning") return warning("config", text);
    const missing = problem.message === "no such file";
    const todo = missing ? "name a file that exists; `init` writes one" : "correct it there: docs/configuration.md";
    return failed("config", text, todo);
  };
}
