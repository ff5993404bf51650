import type { JsonObject } from "../core/json.ts";
import { type Env, isSet } from "./check/providers.ts";
import { findLocalServers, type LocalServer, type Probe } from "./detect/servers.ts";
import type { PresetKind } from "./kinds.ts";

/** A table of the config to be, and why it is there. */
export interface DetectedTable {
  readonly table: JsonObject;
  readonly why: string;
}

export interface Detected {
  /** True when nothing was found and the router answers by itself. */
  readonly isSimulated: boolean;
  readonly providers: readonly DetectedTable[];
  readonly rules: readonly DetectedTable[];
}

/** Model names that tell whose they are; the first preset of that name is taken. */
const PREFIXES: readonly { prefixes: readonly string[]; presets: readonly string[] }[] = [
  { prefixes: ["claude-"], presets: ["anthropic"] },
  { prefixes: ["gpt-", "chatgpt-", "o1", "o3", "o4", "codex"], presets: ["openai"] },
  { prefixes: ["gemini-"], presets: ["gemini"] },
  { prefixes: ["grok-"], presets: ["xai"] },
  { prefixes: ["deepseek-"], presets: ["deepseek"] },
];

/** What to serve with no config at all: keys in the environment, model servers on this machine, and the obvious chain. */
export async function detect(options: {
  env: Env;
  presets: ReadonlyMap<string, PresetKind>;
  probe: Probe;
}): Promise<Detected> {
  const local = await findLocalServers(options.presets, options.probe);
  const cloud = keyedPresets(options.env, options.presets);
  if (local.length + cloud.length === 0) return simulatedOnly();
  return {
    isSimulated: false,
    providers: [...local.map(localProvider), ...cloud.map(cloudProvider)],
    rules: chainOf(local, cloud),
  };
}

/** As the checker takes it. */
export function configOf(detected: Detected): JsonObject {
  return {
    server: { dashboard: true },
    providers: detected.providers.map(({ table }) => table),
    routers: detected.rules.map(({ table }) => table),
  };
}

interface KeyedPreset {
  name: string;
  variable: string;
  /** The preset does not name this variable by itself. */
  isOther: boolean;
}

function keyedPresets(env: Env, presets: ReadonlyMap<string, PresetKind>): KeyedPreset[] {
  const found = new Map<string, KeyedPreset>();
  for (const [name, { api_key_env, otherKeyEnv, sharedKey }] of presets) {
    const variable = [api_key_env, otherKeyEnv].find((wanted) => wanted !== undefined && isSet(env, wanted));
    // A variable such as GITHUB_TOKEN is set for other ends; using it unasked would surprise.
    if (variable === undefined || sharedKey === true || found.has(variable)) continue;
    found.set(variable, { name, variable, isOther: variable !== api_key_env });
  }
  return [...found.values()];
}

/** What a server on this machine has by that very name comes first: gpt-oss is not OpenAI's to serve. */
function chainOf(local: readonly LocalServer[], cloud: readonly KeyedPreset[]): DetectedTable[] {
  const prefixed = PREFIXES.flatMap(({ prefixes, presets }) => {
    const owner = cloud.find(({ name }) => presets.includes(name));
    return owner === undefined ? [] : prefixes.map((prefix) => ({ prefix, provider: owner.name }));
  });
  const others = cloud.filter(({ name }) => !prefixed.some(({ provider }) => provider === name));
  return [
    ...local.map(({ name }) => discoverRule(name, `what ${name} has is answered on this machine`)),
    ...prefixed.map(({ prefix, provider }) => ({
      table: { type: "prefix", model_prefix: prefix, provider },
      why: `${provider}'s own models`,
    })),
    ...others.map(({ name }) => discoverRule(name, `the models ${name} lists`)),
    lastRule(local, cloud),
  ];
}

/** With nothing but local servers a model of theirs answers for every name, so that any client works at once. */
function lastRule(local: readonly LocalServer[], cloud: readonly KeyedPreset[]): DetectedTable {
  const why = "everything else";
  const server = local.find(({ models }) => models.some(canChat));
  const model = server?.models.find(canChat);
  if (cloud.length > 0 || server === undefined || model === undefined) return { table: { type: "fallback" }, why };
  return { table: { type: "fallback", providers: [server.name], rewrite_model: model }, why };
}

function canChat(model: string): boolean {
  return !/embed|rerank|whisper|^bge-/i.test(model);
}

function discoverRule(provider: string, why: string): DetectedTable {
  return { table: { type: "discover", provider }, why };
}

function localProvider({ name, host, models }: LocalServer): DetectedTable {
  const count = models.length === 1 ? "1 model" : `${models.length} models`;
  return { table: { name, preset: name }, why: `${name} answers at ${host} with ${count}` };
}

function cloudProvider({ name, variable, isOther }: KeyedPreset): DetectedTable {
  return { table: { name, preset: name, ...(isOther && { api_key_env: variable }) }, why: `${variable} is set` };
}

function simulatedOnly(): Detected {
  return {
    isSimulated: true,
    providers: [
      {
        table: { name: "simulated", format: "simulated" },
        why: "no key and no local server: the router answers itself",
      },
    ],
    rules: [{ table: { type: "fallback" }, why: "everything" }],
  };
}
