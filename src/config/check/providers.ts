import { asArray, asString, isObject, type JsonObject } from "../../core/json.ts";
import { FORMATS, SIMULATED_KEYS } from "../config.ts";
import type { PresetKind } from "../kinds.ts";
import type { Path } from "../positions.ts";
import type { Problem } from "../problem.ts";
import { isFetched, type KeySource, lacksKey, shownSource, sourceOf } from "../secrets/key-source.ts";
import { allowedNames, error, warning } from "./explain.ts";
import { checkPair, isVariableName } from "./sources.ts";

/** Environment variables by name; and, by where they are, keys that were fetched from elsewhere. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A variable of nothing but white space holds no key. */
export function isSet(env: Env, variable: string): boolean {
  return (env[variable]?.trim() ?? "") !== "";
}

/** The providers as the file defines them, good or bad, and which of them will be left out. */
export interface ProviderNames {
  readonly defined: readonly string[];
  /** Name → where its key is missing from. */
  readonly skipped: ReadonlyMap<string, string>;
}

/** What no schema can say of providers: how their keys go together. On values no schema has passed yet. */
export function checkProviders(
  config: JsonObject,
  presets: ReadonlyMap<string, PresetKind>,
  env: Env,
): { names: ProviderNames; problems: Problem[] } {
  const problems: Problem[] = [];
  const firstAt = new Map<string, number>();
  const skipped = new Map<string, string>();
  const list = asArray(config["providers"]) ?? [];
  for (const [index, provider] of list.entries()) {
    if (!isObject(provider)) continue;
    const path: Path = ["providers", index];
    const name = asString(provider["name"]);
    const first = name === undefined ? undefined : firstAt.get(name);
    if (first !== undefined) problems.push(error([...path, "name"], `duplicate of providers[${first}].name`));
    else if (name !== undefined) firstAt.set(name, index);
    problems.push(...checkProvider(provider, path, presets));
    const source = keySource(provider, presets);
    if (name === undefined || source === undefined || isSet(env, source)) continue;
    if (!isFetched(source) && !isVariableName(source)) continue;
    skipped.set(name, shownSource(source));
    problems.push(warning(path, `provider "${name}" is skipped: ${lacksKey(source)}`));
  }
  if (list.length === 0 && config["providers"] === undefined) {
    problems.push(error([], "there is no provider: add a [[providers]] table with name, format and base_url"));
  }
  problems.push(...checkProxyVariables(env));
  return { names: { defined: [...firstAt.keys()], skipped }, problems };
}

/** Where the provider's key is: what it says itself, else its preset's variable. Undefined: it needs none. */
export function keySource(
  provider: { [key: string]: unknown },
  presets: ReadonlyMap<string, PresetKind>,
): KeySource | undefined {
  const { api_key_env: variable, api_key_from: from, preset } = provider;
  const text = (value: unknown) => (typeof value === "string" ? value : undefined);
  return sourceOf(text(variable), text(from)) ?? presets.get(text(preset) ?? "")?.api_key_env;
}

function checkProvider(provider: JsonObject, path: Path, presets: ReadonlyMap<string, PresetKind>): Problem[] {
  const presetName = asString(provider["preset"]);
  const preset = presetName === undefined ? undefined : presets.get(presetName);
  const format = asString(provider["format"]) ?? preset?.format;
  const problems = [
    ...checkFormat(provider, path, presets),
    ...checkUrl(provider["base_url"], [...path, "base_url"]),
    ...checkProxy(provider["proxy"], [...path, "proxy"]),
    ...checkPair(path, ["api_key_env", provider["api_key_env"]], ["api_key_from", provider["api_key_from"]]),
    ...checkHeaders(provider["headers"], [...path, "headers"]),
  ];
  if (format === "simulated") {
    if (provider["base_url"] !== undefined)
      problems.push(error([...path, "base_url"], "a simulated provider has none"));
    return problems;
  }
  const isOther = FORMATS.some((known) => known === format);
  for (const key of isOther ? SIMULATED_KEYS : []) {
    if (provider[key] === undefined) continue;
    problems.push(error([...path, key], `only a provider with format = "simulated" has this, not "${format}"`));
  }
  if (isOther && Array.isArray(provider["models"])) {
    problems.push(
      error([...path, "models"], `must be a table of alias = "name"; a list is for format = "simulated" only`),
    );
  }
  if (isOther && provider["base_url"] === undefined && preset?.base_url === undefined) {
    problems.push(error(path, "base_url is missing: the URL of the provider"));
  }
  return problems;
}

function checkFormat(provider: JsonObject, path: Path, presets: ReadonlyMap<string, PresetKind>): Problem[] {
  const { format, preset: presetName } = provider;
  if (presetName === undefined) {
    if (format !== undefined) return [];
    return [error(path, `format is missing, ${allowedNames(undefined, FORMATS)}; or a preset`)];
  }
  if (typeof presetName !== "string") return [];
  const preset = presets.get(presetName);
  const at: Path = [...path, "preset"];
  if (preset === undefined) {
    const names = [...presets.keys()];
    return [error(at, `no preset is named ${JSON.stringify(presetName)}, ${allowedNames(presetName, names)}`)];
  }
  if (typeof format !== "string" || format === preset.format || !FORMATS.some((known) => known === format)) return [];
  // The servers of OpenAI's older API mostly speak its newer one too, at the same address.
  if (format.startsWith("openai") && preset.format.startsWith("openai")) return [];
  return [
    error(
      [...path, "format"],
      `contradicts preset = "${presetName}", which is "${preset.format}": leave one of them out`,
    ),
  ];
}

/** Also for the collector's address in [telemetry]. */
export function checkUrl(value: unknown, path: Path): Problem[] {
  if (typeof value !== "string") return [];
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return [error(path, `must be a URL that begins with http:// or https://`)];
  }
  if (url.username !== "" || url.password !== "") {
    return [error(path, "must not hold a user or password: name the key's environment variable with api_key_env")];
  }
  if (url.search !== "" || url.hash !== "") return [error(path, "must not have a ? or # part")];
  return [];
}

/** Its words are not repeated: there may be a password in them. */
function checkProxy(value: unknown, path: Path): Problem[] {
  if (typeof value !== "string" || value === "none") return [];
  const url = URL.parse(value);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.search === "") return [];
  return [error(path, 'must be http://host:port or https://host:port, or "none" for none')];
}

/** One the router cannot use must not be passed over without a word. */
function checkProxyVariables(env: Env): Problem[] {
  return ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"]
    .flatMap((name) => [name.toLowerCase(), name])
    .filter((name) => /^(?!https?:)[a-z][\w+.-]*:\/\//i.test(env[name]?.trim() ?? ""))
    .map((name) => warning([], `${name} is not obeyed: the router takes http:// and https:// proxies only`));
}

function checkHeaders(headers: unknown, path: Path): Problem[] {
  if (!isObject(headers)) return [];
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return [error([...path, name], "is not a name HTTP takes for a header")];
    if (typeof value === "string" && /[^\t -~\u0080-\u00ff]/.test(value)) {
      return [error([...path, name], "holds a character HTTP does not take in a header, such as a line end")];
    }
    return [];
  });
}
