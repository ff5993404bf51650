import type { Heard } from "../support/clients/heard.ts";
import type { Call } from "./call.ts";
import { KEYS, PROMPT } from "./secrets.ts";

/** What the clients of the official SDKs send as their key. */
const CLIENT_KEY = "client-key";
const SECRETS = [...Object.values(KEYS), CLIENT_KEY];

/** Looks for keys and prompts where they must never be. */
export class Canaries {
  /** Where one was found. */
  readonly hits: string[] = [];
  /** How much was looked through, by place: nothing found in nothing proves nothing. */
  readonly looked = new Map<string, number>();

  /** No key may stand here. */
  look(where: string, text: string, secrets: readonly string[] = SECRETS): void {
    this.looked.set(where, (this.looked.get(where) ?? 0) + text.length);
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      if (at !== -1) this.hits.push(`${where}: …${text.slice(Math.max(0, at - 100), at + 100)}…`);
    }
  }

  /** Where what is asked has no place either. */
  lookForAll(where: string, text: string): void {
    this.look(where, text, [...SECRETS, PROMPT]);
  }

  /** What a client got: an error tells neither keys nor the prompt. */
  heard({ status, headers, raw }: Heard): void {
    const text = `${JSON.stringify([...headers])} ${raw}`;
    if (status >= 400) this.lookForAll("errors", text);
    else this.look("answers", text);
  }

  /** What a provider got: its own key, and the prompt in the body only. */
  sent({ place, head }: Call): void {
    const own = place === "one" ? KEYS.ONE_KEY : KEYS.TWO_KEY;
    const others = [...SECRETS, PROMPT].filter((secret) => secret !== own);
    this.look("requests to providers", head.join("\n"), others);
  }
}
