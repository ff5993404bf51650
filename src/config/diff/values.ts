import { isObject, type Json, type JsonObject } from "../../core/json.ts";
import { SENSITIVE_PATTERNS } from "../../core/sensitive/patterns.ts";
import type { ChangeKind } from "./change.ts";

/** A setting that is not what it was; undefined where it was not or is not set. */
export interface Difference {
  readonly path: readonly string[];
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** A value as JSON has it: what was parsed from TOML may hold dates. */
export function jsonOf(value: object): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isObject(json) ? json : {};
}

/** The same text for the same value, in whatever order its keys stand. */
export function canonical(value: Json | undefined): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

/** Key by key, tables and lists of named tables entered. */
export function* differences(
  before: Json | undefined,
  after: Json | undefined,
  path: readonly string[] = [],
): Generator<Difference> {
  if (before === after || canonical(before) === canonical(after)) return;
  const [was, is] = [tableOf(before, after), tableOf(after, before)];
  if (was === undefined || is === undefined) {
    yield { path, before, after };
    return;
  }
  let found = false;
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    for (const difference of differences(was[key], is[key], [...path, key])) {
      found = true;
      yield difference;
    }
  }
  // Two lists with the same entries.
  if (!found) yield { path, before, after };
}

/** What has keys, or nothing where the other has some. */
function tableOf(value: Json | undefined, other: Json | undefined): JsonObject | undefined {
  const table = Array.isArray(value) ? byName(value) : value;
  if (isObject(table)) return Object.keys(table).length > 0 || isObject(other) ? table : undefined;
  return value === undefined && other !== undefined && isObject(tableOf(other, {})) ? {} : undefined;
}

function byName(list: readonly Json[]): JsonObject | undefined {
  const named = list.flatMap((one) => (isObject(one) && typeof one["name"] === "string" ? [[one["name"], one]] : []));
  const table = Object.fromEntries(named);
  return list.length > 0 && Object.keys(table).length === list.length ? table : undefined;
}

/** Which texts of a part of the config may be shown: all but what may be a secret, only names (no prose), or none. */
export type Shown = "texts" | "names" | "numbers";

/** `latency_ms 900 → 700`, `quality = 3 is new`, `seed = 7 is gone`, `headers.x-title changed`. */
export function differenceText({ path, before, after }: Difference, shown: Shown): { kind: ChangeKind; text: string } {
  const key = path.map((part) => (/^[\w-]+$/.test(part) ? part : JSON.stringify(part))).join(".");
  const mayShow = [before, after].every((value) => isShown(value, path, shown));
  if (before === undefined || after === undefined) {
    const value = before ?? after;
    const what = mayShow && value !== undefined ? `${key} = ${valueText(value)}` : key;
    return after === undefined
      ? { kind: "removed", text: `${what} is gone` }
      : { kind: "added", text: `${what} is new` };
  }
  const words = mayShow ? changeWords(before, after) : undefined;
  return { kind: "changed", text: words === undefined ? `${key} changed` : `${key} ${words}` };
}

const LONGEST = 60;
const SECRET_KINDS = ["private-key", "key", "token", "login", "secret"];
const SECRET_KEY = /(?:^|[_-])(?:keys?|secrets?|passwords?|tokens?|hash|authorization)$/i;
const NAME = /^[\w.:/@*?-]{0,48}$/;

function isShown(value: Json | undefined, path: readonly string[], shown: Shown): boolean {
  if (typeof value === "string") {
    if (shown === "numbers" || path.includes("headers") || SECRET_KEY.test(path.at(-1) ?? "")) return false;
    return (shown === "texts" || NAME.test(value)) && !holdsSecret(value);
  }
  if (Array.isArray(value)) return value.every((one) => isShown(one, path, shown));
  if (isObject(value)) return Object.entries(value).every(([key, one]) => isShown(one, [...path, key], shown));
  return true;
}

function holdsSecret(text: string): boolean {
  // What is behind a ? may be a key, whatever it is called; before an @ is a password.
  if (text.includes("://") && /[?#@]/.test(text)) return true;
  return SENSITIVE_PATTERNS.some(({ kind, shape }) => SECRET_KINDS.includes(kind) && text.search(shape) !== -1);
}

/** `10 → 12`; undefined where it cannot be said in short. */
function changeWords(before: Json, after: Json): string | undefined {
  const whole = [before, after].map((value) => JSON.stringify(value));
  if (whole.every((text) => text.length <= LONGEST)) return whole.join(" → ");
  if (Array.isArray(before) && Array.isArray(after)) return listWords(before, after);
  const [was, is] = [valueText(before), valueText(after)];
  return was === is ? undefined : `${was} → ${is}`;
}

function listWords(before: readonly Json[], after: readonly Json[]): string {
  const [was, is] = [before, after].map((list) => new Set(list.map(canonical)));
  const added = after.filter((one) => !was?.has(canonical(one)));
  const gone = before.filter((one) => !is?.has(canonical(one)));
  if (added.length + gone.length === 0) return "is in another order";
  const parts = [
    ...(added.length > 0 ? [`has ${valueText(added)} besides`] : []),
    ...(gone.length > 0 ? [`has ${valueText(gone)} no more`] : []),
  ];
  return parts.join(", ");
}

function valueText(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
