import type { DotEnv } from "../config/dotenv.ts";
import { isFetched } from "../config/secrets/key-source.ts";
import { adminKey, clientKeys, type NamedSource } from "../config/secrets/server-keys.ts";
import type { LogFields } from "../core/log.ts";
import { isLoopback } from "../core/loopback.ts";
import type { Provider } from "../upstream/provider.ts";
import { clientUrl } from "./address.ts";
import type { OpenConfig } from "./open-config.ts";
import type { Parts } from "./parts.ts";

/** What is printed before the router listens: what was found or loaded, and where requests go. */
export function sourceLines(version: string, opened: OpenConfig, parts: Parts): string[] {
  const head = `opensourcellmrouter ${version}`;
  const from = opened.detected === undefined ? [row("config", [opened.file])] : detectedRows(opened);
  return [
    head,
    ...from,
    ...dotEnvRows(opened.dotEnv),
    row("providers", parts.fleet.all().map(providerText)),
    row("routes", parts.chain.describe()),
  ];
}

/** What is printed once it listens: what to set in a client. `url` is what the server reports. */
export function clientLines(url: string, parts: Parts): string[] {
  const base = clientUrl(url);
  const { server } = parts.config;
  const admin = adminKey(server);
  const keys = clientKeys(server);
  const variables = [
    `OPENAI_BASE_URL=${base}/v1`,
    `ANTHROPIC_BASE_URL=${base}`,
    `GOOGLE_GEMINI_BASE_URL=${base}`,
    `OLLAMA_HOST=${base}`,
  ];
  const lines = [row("clients", variables)];
  if (keys.length > 0) {
    lines.push(row("key", [`clients must send ${keys.map(keyText).join(" or ")} as their API key`]));
  }
  const [opens = keys[0]] = admin ? [admin] : [];
  const query = opens ? `?api_key=<${isFetched(opens.source ?? "") ? `${opens.name} key` : opens.source}>` : "";
  if (server.dashboard) lines.push(row("dashboard", [`${base}/dashboard${query}`]));
  return [...lines, row("listening", [url])];
}

function keyText({ name, source = "" }: NamedSource): string {
  return isFetched(source) ? `the key ${name}` : `the value of ${source}`;
}

/** The same for programs that read the log. */
export function startFields(url: string, { file, detected }: OpenConfig, parts: Parts): LogFields {
  return {
    url,
    version: parts.about.version,
    config: detected === undefined ? file : null,
    providers: parts.fleet
      .all()
      .map(({ name }) => name)
      .join(","),
    dashboard: parts.config.server.dashboard,
    key_required: parts.keys.clients.length > 0,
    simulated: detected?.isSimulated === true,
    pid: process.pid,
  };
}

/** Loud, because there is nothing else between the network and the owner's keys. */
export function exposureWarning(host: string, port: number, parts: Parts): string | undefined {
  if (isLoopback(host) || parts.keys.clients.length > 0) return undefined;
  return [
    `WARNING: everyone who can reach ${host} port ${port} can use this router and its providers' keys: it asks for no key.`,
    `WARNING: set api_key_env under [server], or host = "127.0.0.1".`,
  ].join("\n");
}

function providerText({ name, config, origin, basePath }: Provider): string {
  if (config.format === "simulated") return `${name} (simulated)`;
  return `${name} (${config.preset ?? config.format}, ${origin}${basePath})`;
}

function detectedRows({ detected }: OpenConfig): string[] {
  const found = detected?.providers.map(({ why }) => why) ?? [];
  const rows = [row("config", ['no config.toml here: serving what was found ("opensourcellmrouter init" writes one)'])];
  if (detected?.isSimulated !== true) return [...rows, row("found", found)];
  const remedy = "set OPENAI_API_KEY, ANTHROPIC_API_KEY or another provider's key, or start Ollama, and start again";
  return [...rows, row("found", ["no provider's key and no local model server: answers are SIMULATED", remedy])];
}

function dotEnvRows({ path, added }: DotEnv): string[] {
  if (path === undefined) return [];
  return [row(".env", [added.length === 0 ? `${path} adds nothing` : `${path} sets ${added.join(", ")}`])];
}

function row(title: string, values: readonly string[]): string {
  return (values.length === 0 ? ["none"] : values)
    .map((value, index) => `  ${(index === 0 ? title : "").padEnd(9)}  ${value}`)
    .join("\n");
}
