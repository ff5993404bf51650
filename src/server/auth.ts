import { createHash, timingSafeEqual } from "node:crypto";
import { RouterError } from "../core/errors.ts";
import type { Headers } from "../wire/format.ts";

/** The router's own keys. */
export interface ServerKeys {
  /** Those that clients may present; none: whoever reaches the router may use it. */
  readonly clients: readonly { readonly name: string; readonly key: string }[];
  /** For what is the owner's; undefined: clients' keys open that too. */
  readonly admin: string | undefined;
}

/** Who may come in. */
export interface Admitted {
  /** The name of the client's key; undefined: none was asked for, or it is the owner's. */
  readonly key: string | undefined;
}

/** `client`: for a client's key. `admin`: for the owner's, where there is one. `any`: for either. */
export type Door = "client" | "admin" | "any";

interface Known {
  readonly digest: Buffer;
  readonly opens: "client" | "admin";
  readonly admitted: Admitted;
}

/** Gemini's clients write their key so; elsewhere `key` is a word like any other. */
const GEMINI_PATH = /^\/(?:v1beta\/|(?:v1\/)?(?:models|tunedModels)(?:\/|$))/;
const NO_KEYS: readonly string[] = [];

/** Keys that stand in the address: `?api_key=`, and in Gemini's API `?key=`. */
export function keysInQuery(path: string, search: URLSearchParams): readonly string[] {
  if (search.size === 0) return NO_KEYS;
  const found = [search.get("api_key"), GEMINI_PATH.test(path) ? search.get("key") : null];
  return found.filter((key) => key !== null);
}

/** Who comes in where no key is asked for. */
export const ANYBODY: Admitted = { key: undefined };

/**
 * Checks the router's own keys. All are compared, as digests and in constant time, whichever is right: neither length nor
 * content can be felt out, nor whose key it is.
 */
export class Guard {
  readonly #known: readonly Known[];
  readonly #hasAdmin: boolean;
  readonly #hasClients: boolean;

  constructor({ clients, admin }: ServerKeys) {
    this.#hasAdmin = admin !== undefined;
    this.#hasClients = clients.length > 0;
    this.#known = [
      ...clients.map(({ name, key }): Known => ({ digest: digestOf(key), opens: "client", admitted: { key: name } })),
      ...(admin === undefined ? [] : [{ digest: digestOf(admin), opens: "admin", admitted: ANYBODY } as const]),
    ];
  }

  /**
   * Whom the request lets in by this door: its key comes as `Authorization: Bearer`, `x-api-key`, `x-goog-api-key` or in the
   * address (`keysInQuery`). A wrong one beside it does not matter, since SDKs send placeholders; with two right ones nobody could say
   * who asks. Undefined: nobody.
   */
  admits(headers: Headers, inQuery: readonly string[], door: Door): Admitted | "two keys" | undefined {
    if (this.#isOpen(door)) return ANYBODY;
    const wanted = door === "admin" && !this.#hasAdmin ? "client" : door;
    let admitted: Admitted | undefined;
    let isAmbiguous = false;
    for (const key of presented(headers, inQuery)) {
      const digest = digestOf(key);
      for (const known of this.#known) {
        const isRight = timingSafeEqual(digest, known.digest);
        if (!isRight || (wanted !== "any" && known.opens !== wanted)) continue;
        if (admitted !== undefined && admitted !== known.admitted) isAmbiguous = true;
        admitted ??= known.admitted;
      }
    }
    return isAmbiguous ? "two keys" : admitted;
  }

  /** Why nobody is let in. A key that opens another door is told so: who has it knows that it is one. */
  refusal(headers: Headers, inQuery: readonly string[], door: Door): RouterError {
    if (this.admits(headers, inQuery, door) === "two keys")
      return new RouterError("bad_request", "the request carries two of the router's keys: send one");
    const isKnown = this.#hasAdmin && this.admits(headers, inQuery, "any") !== undefined;
    if (!isKnown) return new RouterError("bad_key", "missing or wrong API key");
    const why =
      door === "admin"
        ? "this takes the router's admin key ([server] admin_key_env), not a client's"
        : "the admin key is not for this: it takes a client's key ([server] api_key_env, api_keys_env or keys)";
    return new RouterError("bad_key", why);
  }

  #isOpen(door: Door): boolean {
    return !this.#hasClients && (door !== "admin" || !this.#hasAdmin);
  }
}

function presented(headers: Headers, inQuery: readonly string[]): string[] {
  const bearer = /^bearer\s+(.+)$/i.exec(text(headers["authorization"]) ?? "")?.[1]?.trim();
  const inHeaders = [bearer, text(headers["x-api-key"]), text(headers["x-goog-api-key"])];
  const candidates = [...inHeaders, ...inQuery];
  return candidates.filter((key): key is string => typeof key === "string" && key !== "");
}

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? undefined : value;
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}
