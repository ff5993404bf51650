import { createHash } from "node:crypto";

export interface IdRule {
  /** What a whole legal id looks like, anchored at both ends and without flags; it is also asked about single characters. */
  pattern: RegExp;
  /** Longest legal id, in characters. */
  max: number;
}

/** The characters every API takes in tool names, and Anthropic also in tool ids. */
export const PLAIN_ID = /^[a-zA-Z0-9_-]+$/;

/**
 * An id or tool name in a form the target takes. Legal ones stay as they are; any other is cut, its illegal characters become
 * `_`, and a hash of the original keeps it distinct. A pure function, so a call and its later result agree without any state.
 */
export function legalToolId(id: string, rule: IdRule): string {
  if (id.length <= rule.max && rule.pattern.test(id)) return id;
  let plain = "";
  for (const character of id) {
    if (plain.length >= rule.max - 9) break;
    plain += character.length === 1 && rule.pattern.test(character) ? character : "_";
  }
  return `${plain}_${sha256(id).slice(0, 8)}`;
}

/** The id of a call that came without one: not random, so that a replayed answer and the prompt cache see the same id. */
export function callIdFor(position: number, name: string, args: string): string {
  return `call_${sha256(JSON.stringify([position, name, args])).slice(0, 24)}`;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
