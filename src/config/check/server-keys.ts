import { globs } from "../../core/glob.ts";
import { isObject, type JsonObject } from "../../core/json.ts";
import type { Path } from "../positions.ts";
import { type Problem, pathText } from "../problem.ts";
import { isFetched, lacksKey } from "../secrets/key-source.ts";
import { adminKey, clientKeys, type NamedSource } from "../secrets/server-keys.ts";
import { serverSchema } from "../server.ts";
import { allowedNames, error, warning } from "./explain.ts";
import type { Env } from "./providers.ts";
import { checkPair, checkVariable } from "./sources.ts";

const keySettings = serverSchema.pick({
  api_key_env: true,
  api_keys_env: true,
  keys: true,
  admin_key_env: true,
  admin_key_from: true,
});

/** A shorter one can be guessed. */
const MIN_CHARS = 16;

/** What no schema can say of the router's own keys: each is there, and no other one is the same or is called so. */
export function checkServerKeys(server: unknown, env: Env): Problem[] {
  const read = keySettings.strip().safeParse(isObject(server) ? server : {});
  // What is wrong with single values is told elsewhere.
  if (!read.success) return isObject(server) ? checkVariable(server["api_key_env"], ["server", "api_key_env"]) : [];
  const clients = clientKeys(read.data);
  const admin = adminKey(read.data);
  const { keys, admin_key_env, admin_key_from } = read.data;
  const problems = [
    ...keys.flatMap(({ key_env, key_from }, index) => {
      const path: Path = ["server", "keys", index];
      return key_env === undefined && key_from === undefined
        ? [error(path, "says nothing of where the key is: add key_env or key_from")]
        : checkPair(path, ["key_env", key_env], ["key_from", key_from]);
    }),
    ...clients.flatMap(({ source, path }) => (path[1] === "keys" ? [] : checkVariable(source, path))),
    ...checkPair(["server"], ["admin_key_env", admin_key_env], ["admin_key_from", admin_key_from]),
    ...checkNames(clients),
  ];
  if (problems.length > 0) return problems;
  return checkValues(admin ? [...clients, admin] : clients, env);
}

/** Rules may go by names of keys: one that no key has is a mistake, and what it was to keep at home goes elsewhere. */
export function checkKeyNames({ server, routers }: JsonObject): Problem[] {
  const read = keySettings.strip().safeParse(server ?? {});
  if (!read.success) return [];
  const names = clientKeys(read.data).map(({ name }) => name);
  return namedKeys(routers, ["routers"]).flatMap(({ pattern, path }) => {
    if (names.some(globs([pattern]))) return [];
    return [warning(path, `no key is named ${JSON.stringify(pattern)}, ${allowedNames(pattern, names)}`)];
  });
}

/** The `key` of rules and of their conditions, which stand at most three tables deep. */
function namedKeys(value: unknown, path: Path): { pattern: string; path: Path }[] {
  if (Array.isArray(value)) return value.flatMap((one, index) => namedKeys(one, [...path, index]));
  if (!isObject(value) || value["module"] !== undefined) return [];
  const { key, when, all, any, none } = value;
  const own = [key]
    .flat()
    .flatMap((pattern) => (typeof pattern === "string" ? [{ pattern, path: [...path, "key"] }] : []));
  const inner = Object.entries({ when, all, any, none });
  return [...own, ...inner.flatMap(([name, one]) => namedKeys(one, [...path, name]))];
}

function checkNames(keys: readonly NamedSource[]): Problem[] {
  const first = new Map<string, Path>();
  return keys.flatMap(({ name, path }) => {
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, path);
      return [];
    }
    return [error(path, `the name ${JSON.stringify(name)} is taken by ${pathText(other)}: give each key its own`)];
  });
}

function checkValues(keys: readonly NamedSource[], env: Env): Problem[] {
  const first = new Map<string, NamedSource>();
  return keys.flatMap((named) => {
    const { source = "", path } = named;
    const key = env[source]?.trim() ?? "";
    if (key === "") return [warning(path, `${lacksKey(source)}: the router will refuse to start`)];
    const other = first.get(key);
    if (other) {
      return [error(path, `is the same key as that of ${pathText(other.path)}: one would be taken for the other`)];
    }
    first.set(key, named);
    if (key.length >= MIN_CHARS) return [];
    const where = isFetched(source) ? "the key" : `the key in ${source}`;
    return [
      warning(
        path,
        `${where} has fewer than ${MIN_CHARS} characters and can be guessed: openssl rand -hex 32 makes a better one`,
      ),
    ];
  });
}
