import { keySource } from "../../../../config/check/providers.ts";
import { isFetched, type KeySource, shownSource } from "../../../../config/secrets/key-source.ts";
import { adminKey, clientKeys } from "../../../../config/secrets/server-keys.ts";
import { PRESETS } from "../../../../upstream/catalogue.ts";
import type { OpenConfig } from "../../../open-config.ts";
import { type Finding, failed, ok, warning } from "../../finding.ts";

interface Wanted {
  variable: KeySource;
  /** `provider "a"`, `[server]`. */
  users: string[];
  isServer: boolean;
}

/** A row for each environment variable, file or command that holds a key: there or not, and whether it is what a key looks like. Never its value. */
export function keys({ config, dotEnv }: OpenConfig): Finding[] {
  const wanted = new Map<string, Wanted>();
  const add = (variable: string | undefined, user: string, isServer: boolean) => {
    if (variable === undefined) return;
    const known = wanted.get(variable);
    if (known) known.users.push(user);
    else wanted.set(variable, { variable, users: [user], isServer });
  };
  for (const provider of config.providers) add(keySource(provider, PRESETS), `provider "${provider.name}"`, false);
  for (const { name, source } of clientKeys(config.server)) {
    add(source, name === "default" || name === source ? "clients of the router" : `the client ${name}`, true);
  }
  add(adminKey(config.server)?.source, "the router's owner", true);
  return [...wanted.values()].map((one) => keyFinding(one, dotEnv.env[one.variable], dotEnv.added));
}

function keyFinding(
  { variable: source, users, isServer }: Wanted,
  value: string | undefined,
  added: readonly string[],
): Finding {
  const forWhom = users.join(", ");
  const variable = shownSource(source);
  if (value === undefined || value.trim() === "") {
    const unset = value === undefined ? "is not set" : "is set, but empty";
    const what = isFetched(source) ? "gives no key" : unset;
    const todo = isFetched(source)
      ? "mend it: the warning of the config says what is wrong"
      : `set ${variable}, for instance in a .env file beside the config`;
    if (isServer) return failed("key", `${variable} ${what}: the router refuses to start without it`, todo);
    return warning("key", `${variable} ${what}: ${forWhom} is skipped`, todo);
  }
  const fault = faultOf(value);
  if (fault !== undefined) {
    const remedy = `set ${variable} again, to the key and nothing else`;
    const text = `${variable} ${fault.what} (for ${forWhom})`;
    return fault.works ? warning("key", text, remedy) : failed("key", text, remedy);
  }
  if (isFetched(source)) return ok("key", `${variable} gives a key, for ${forWhom}`);
  return ok("key", `${variable} is set${added.includes(variable) ? " by .env" : ""}, for ${forWhom}`);
}

/** What is wrong with a key by its look alone. `works`: the router mends it. Exported for its test. */
export function faultOf(value: string): { what: string; works: boolean } | undefined {
  const key = value.trim();
  const broken = (what: string) => ({ what, works: false });
  if (/^(["'`“‘]).*(["'`”’])$/s.test(key)) return broken("has quote marks around the key, which are not part of it");
  if (/^bearer\s/i.test(key)) return broken("begins with the word Bearer, which is not part of the key");
  if (/[\r\n]/.test(key)) return broken("has a line end in it: two lines were pasted");
  if (/\s/.test(key)) return broken("has a blank in it");
  if (/[^\u0021-\u007e]/.test(key)) return broken("has a character in it that no key has, such as a curly quote");
  if (
    /^(?:your|my|the|insert|paste|enter)[-_ ]?.*key|^<.*>$|^x{4,}$|^\.{3,}$|^(?:changeme|todo|sk-\.{3}|sk-x+)$/i.test(
      key,
    )
  )
    return broken("is a placeholder, not a key");
  if (key !== value)
    return {
      what: "has blanks or a line end around the key: the router takes them off, other programs may not",
      works: true,
    };
  return undefined;
}
