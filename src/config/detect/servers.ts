import { isObject, type Json, objectsOf } from "../../core/json.ts";
import type { PresetKind } from "../kinds.ts";

/** What a local server answered to a GET: its status was 200 and its body JSON. */
export interface ProbeAnswer {
  readonly body: Json;
  /** True when it is a router of ours: asking it would be asking ourselves. */
  readonly isRouter: boolean;
}

/** GETs a URL on this machine; undefined when nothing of use answers within 300 ms. Never throws. */
export type Probe = (url: string) => Promise<ProbeAnswer | undefined>;

/** A preset that answers on this machine. */
export interface LocalServer {
  readonly name: string;
  /** `127.0.0.1:11434` */
  readonly host: string;
  readonly models: readonly string[];
}

/** Looks for model servers on this machine at the ports they use by default, all at once. */
export async function findLocalServers(presets: ReadonlyMap<string, PresetKind>, probe: Probe): Promise<LocalServer[]> {
  const found = await Promise.all(
    [...presets].map(async ([name, { local, format, base_url: baseUrl }]): Promise<LocalServer[]> => {
      if (local === undefined || baseUrl === undefined) return [];
      const models = await (format === "ollama" ? lookForOllama(baseUrl, probe) : lookForOpenai(baseUrl, probe));
      return models === undefined ? [] : [{ name, host: new URL(baseUrl).host, models }];
    }),
  );
  return found.flat();
}

/** Ports 8080 and 8000 belong to anybody, so an answer counts only when it has the API's own shape. */
async function lookForOpenai(baseUrl: string, probe: Probe): Promise<readonly string[] | undefined> {
  const answer = await probe(`${baseUrl}/models`);
  if (answer === undefined || answer.isRouter || !isObject(answer.body)) return undefined;
  if (answer.body["object"] !== "list") return undefined;
  return namesOf(answer.body["data"], "id");
}

async function lookForOllama(baseUrl: string, probe: Probe): Promise<readonly string[] | undefined> {
  const [version, tags] = await Promise.all([probe(`${baseUrl}/api/version`), probe(`${baseUrl}/api/tags`)]);
  if (version === undefined || version.isRouter || !isObject(version.body)) return undefined;
  if (typeof version.body["version"] !== "string" || tags === undefined || !isObject(tags.body)) return undefined;
  return namesOf(tags.body["models"], "name");
}

/** Undefined when it is no list, or anything in it has no name. */
function namesOf(list: Json | undefined, key: string): string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const names = objectsOf(list).flatMap((one) => (typeof one[key] === "string" ? [one[key]] : []));
  return names.length === list.length ? names : undefined;
}
