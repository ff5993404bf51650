import { asString, isObject, tryParseJson } from "../../core/json.ts";
import type { CustomTool, FunctionTool } from "../../core/request.ts";

/** The function an API without free-form tools is given in place of one. What its text may be can only be said in words. */
export function asFunction({ name, description, format }: CustomTool): FunctionTool {
  const definition = asString(format?.["definition"]);
  const syntax = asString(format?.["syntax"]) ?? "";
  const grammar = definition && `The input must follow this ${syntax} grammar:\n${definition}`;
  const about = [description, grammar].filter((text) => text).join("\n\n");
  return {
    kind: "function",
    name,
    ...(about !== "" && { description: about }),
    parameters: { type: "object", properties: { input: { type: "string" } }, required: ["input"] },
  };
}

/** The arguments of such a function, for a call of an earlier turn. */
export function wrappedInput(text: string): string {
  return JSON.stringify({ input: text });
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/**
 * Most APIs have no free-form tools: they are given a function with one string `input`. This takes the text out of its
 * arguments again, as they come. Models sometimes forget the wrapping and write the text itself, or break its JSON: what
 * can be made out is shown.
 */
export class CustomInput {
  /** Not shown yet: all of it before the string has begun, else at most one escape cut in its middle. */
  #held = "";
  #state: "head" | "string" | "plain" | "over" = "head";

  /** The text these arguments add. */
  push(text: string): string {
    if (this.#state === "over") return "";
    if (this.#state === "plain") return text;
    this.#held += text;
    if (this.#state === "head") this.#state = this.#begin();
    return this.#show();
  }

  /** The arguments are over: the text still held. */
  end(): string {
    const rest = this.#release();
    if (this.#state !== "head") return rest;
    const value = tryParseJson(rest);
    if (typeof value === "string") return value;
    if (!isObject(value)) return rest;
    return asString(value["input"]) ?? (Object.keys(value).length === 0 ? "" : rest);
  }

  #release(): string {
    const held = this.#held;
    this.#held = "";
    return held;
  }

  #show(): string {
    if (this.#state === "plain") return this.#release();
    return this.#state === "string" ? this.#decode() : "";
  }

  #begin(): "head" | "string" | "plain" {
    const open = /^\s*\{\s*"input"\s*:\s*"/.exec(this.#held);
    if (open) {
      this.#held = this.#held.slice(open[0].length);
      return "string";
    }
    const start = this.#held.trimStart()[0];
    // A brace or a quote may yet turn out as JSON of another shape, which is known at its end.
    return start === undefined || start === "{" || start === '"' ? "head" : "plain";
  }

  #decode(): string {
    const raw = this.#release();
    let text = "";
    let at = 0;
    while (at < raw.length) {
      const special = /["\\]/g;
      special.lastIndex = at;
      const stop = special.exec(raw)?.index ?? raw.length;
      text += raw.slice(at, stop);
      if (raw[stop] === '"') this.#state = "over";
      if (raw[stop] !== "\\") return text;
      const read = readEscape(raw, stop);
      if (read === undefined) {
        this.#held = raw.slice(stop);
        return text;
      }
      text += read.text;
      at = stop + read.length;
    }
    return text;
  }
}

/** The escape that begins at a backslash; undefined when it has not come whole. Both halves of a pair come at once. */
function readEscape(raw: string, at: number): { text: string; length: number } | undefined {
  const letter = raw[at + 1];
  if (letter === undefined) return undefined;
  if (letter !== "u") {
    const known = ESCAPES.get(letter) ?? (/["\\/]/.test(letter) ? letter : `\\${letter}`);
    return { text: known, length: 2 };
  }
  const unit = unitAt(raw, at);
  if (unit === undefined) return undefined;
  if (unit < 0xd800 || unit > 0xdbff || (raw[at + 6] ?? "\\") !== "\\") return { text: unitText(unit), length: 6 };
  if ((raw[at + 7] ?? "u") !== "u") return { text: unitText(unit), length: 6 };
  const low = unitAt(raw, at + 6);
  return low === undefined ? undefined : { text: unitText(unit) + unitText(low), length: 12 };
}

/** The code unit of `\uXXXX`; undefined when it is cut, NaN when it is none. */
function unitAt(raw: string, at: number): number | undefined {
  const digits = raw.slice(at + 2, at + 6);
  if (digits.length < 4) return undefined;
  return /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
}

function unitText(unit: number): string {
  return Number.isNaN(unit) ? "\ufffd" : String.fromCharCode(unit);
}

/** The same for arguments that are there whole. */
export function customInput(text: string): string {
  const input = new CustomInput();
  return input.push(text) + input.end();
}
