import type { ContentPolicy } from "../config/config.ts";
import type { Json } from "../core/json.ts";
import { namesSecret } from "../core/sensitive/patterns.ts";
import { redact } from "./redact.ts";

/** What may be recorded of what clients and models say. One for each event: see `MAX_REDACTED`. */
export interface Content {
  /** Null: nothing of it. */
  text(text: string): string | null;
  /** The same for a value, such as the arguments of a call. Undefined: nothing of it. */
  value(value: Json): Json | undefined;
  /** A piece of a text whose other pieces go on their own: null where its whole would have to be looked at. */
  piece(text: string): string | null;
  /** What the client calls something, which need not be a name alone. */
  label(text: string): string;
  /** What went wrong, in words that may quote a prompt. `kind`: what it is called. */
  fault(words: string, kind: string): string;
}

export function contentOf(policy: ContentPolicy): Content {
  if (policy === "full") return FULL;
  return policy === "none" ? NONE : new Redacted();
}

const FULL: Content = {
  text: (text) => text,
  value: (value) => value,
  piece: (text) => text,
  label: (text) => text,
  fault: (words) => words,
};

/** Faults that only the router tells of, in its own words. */
const OWN_FAULTS = new Set(["connect", "tls", "busy", "client-gone", "no_provider", "stopping"]);

const NONE: Content = {
  text: () => null,
  value: () => undefined,
  piece: () => null,
  label: redact,
  fault: (words, kind) => (OWN_FAULTS.has(kind) ? words : `${kind} (what was said is not recorded)`),
};

/**
 * Characters that are looked through for one event, in some 35 ms: all of a conversation, but for pasted files, which must not
 * hold up other requests.
 */
const MAX_REDACTED = 1024 * 1024;

class Redacted implements Content {
  #left = MAX_REDACTED;

  text(text: string): string {
    const looked = text.slice(0, this.#left);
    this.#left -= looked.length;
    const clean = redact(looked);
    const more = text.length - looked.length;
    return more === 0 ? clean : `${clean}[${more} characters not recorded]`;
  }

  /** No deeper than the stack: see `argumentsOf`. */
  value(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    // A card or phone number may come as a number.
    if (typeof value === "number") return this.#number(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [this.text(name), this.#field(name, inner)]),
    );
  }

  piece(): null {
    return null;
  }

  label(text: string): string {
    return this.text(text);
  }

  fault(words: string): string {
    return this.text(words);
  }

  #field(name: string, value: Json | undefined): Json {
    if (value === undefined) return null;
    const isSecret = namesSecret(name) && typeof value !== "object" && value !== "";
    return isSecret ? "[secret]" : this.value(value);
  }

  #number(value: number): Json {
    const text = String(value);
    const clean = this.text(text);
    return clean === text ? value : clean;
  }
}
