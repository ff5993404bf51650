import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { isObject, setOwn } from "../../core/json.ts";
import type { Env } from "../check/providers.ts";
import type { Problem } from "../problem.ts";

/** Under what the text of a `ca_file` stands beside the environment: no variable can have a name like it. */
export function caKey(path: string): string {
  return `ca_file:${path}`;
}

/** Reads the CA files that a config, unchecked as yet, names. `folder`: what relative paths start from. */
export function readCaFiles(raw: unknown, folder: string): { texts: Env; problems: readonly Problem[] } {
  const texts: Record<string, string> = {};
  const problems: Problem[] = [];
  const providers = isObject(raw) && Array.isArray(raw["providers"]) ? raw["providers"] : [];
  for (const [index, provider] of providers.entries()) {
    const path: unknown = isObject(provider) ? provider["ca_file"] : undefined;
    if (typeof path !== "string" || path === "") continue;
    try {
      setOwn(texts, caKey(path), certificatesIn(resolve(folder, path.replace(/^~(?=\/)/, homedir()))));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      problems.push({ severity: "error", path: ["providers", index, "ca_file"], message });
    }
  }
  return { texts, problems };
}

/** Throws with what is wrong with the file: OpenSSL passes over what it cannot read, and would then trust nobody. */
function certificatesIn(file: string): string {
  const blocks = textOf(file).match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0)
    throw new Error(`${file} holds no certificate: it must be PEM, with -----BEGIN CERTIFICATE----- in it`);
  for (const [at, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (cause) {
      throw new Error(`${file}: its certificate ${at + 1} of ${blocks.length} is damaged`, { cause });
    }
  }
  return blocks.join("\n");
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Error(code === "ENOENT" ? `${file}: no such file` : `${file} cannot be read (${code})`, { cause });
  }
}
