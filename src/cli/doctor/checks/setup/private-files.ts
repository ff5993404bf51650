import { readFileSync, statSync } from "node:fs";
import { namesSecret, SENSITIVE_PATTERNS } from "../../../../core/sensitive/patterns.ts";
import type { OpenConfig } from "../../../open-config.ts";
import { type Finding, ok, warning } from "../../finding.ts";

/** `.env`, and a config that holds secrets itself, are to be read by their owner only. */
export function privateFiles({ file, detected, dotEnv, config }: OpenConfig): Finding[] {
  const findings: Finding[] = [];
  if (dotEnv.path !== undefined) {
    const { path, added } = dotEnv;
    const says = added.length === 0 ? "adds nothing" : `sets ${added.join(", ")}`;
    findings.push(openness(path) ?? ok(".env", `${path} ${says}`));
  }
  if (detected !== undefined) return findings;
  const secret = secretIn(file, config);
  if (secret === undefined) return findings;
  const mode = openModeOf(file);
  const keep = `better kept in .env, with api_key_env; or: chmod 600 ${file}`;
  if (mode === undefined) findings.push(ok("secrets", `${file} holds ${secret}, and only you can read it`));
  else findings.push(warning("secrets", `${file} holds ${secret}, and others may read it (mode ${mode})`, keep));
  return findings;
}

function openness(path: string): Finding | undefined {
  const mode = openModeOf(path);
  if (mode === undefined) return undefined;
  return warning(".env", `${path} may be read by others on this machine (mode ${mode})`, `chmod 600 ${path}`);
}

/** `644`; undefined when nobody but the owner may read it, and where the system knows no such thing. */
function openModeOf(path: string): string | undefined {
  if (process.platform === "win32") return undefined;
  const { mode } = statSync(path);
  return (mode & 0o077) === 0 ? undefined : (mode & 0o777).toString(8).padStart(3, "0");
}

/** What of the file is a secret, by its name or its look. */
function secretIn(file: string, { providers }: OpenConfig["config"]): string | undefined {
  for (const { name, headers } of providers) {
    const header = Object.keys(headers).find((one) => namesSecret(one) || /auth|key|token|cookie/i.test(one));
    if (header !== undefined) return `the header ${header} of provider "${name}"`;
  }
  const text = readFileSync(file, "utf8");
  const kinds = ["private-key", "key", "token", "login"];
  const looks = SENSITIVE_PATTERNS.some(({ kind, shape }) => kinds.includes(kind) && text.search(shape) !== -1);
  return looks ? "what looks like a key" : undefined;
}
