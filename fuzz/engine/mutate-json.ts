import type { Random } from "../../src/core/clock.ts";
import { below, oneOf } from "./pick.ts";

type Container = unknown[] | Record<string, unknown>;
/** A place in a value: `holder[key]`. */
interface Spot {
  holder: Container;
  key: string | number;
}

const MAX_SPOTS = 2000;
/** Stand in the value for what `JSON.stringify` cannot write; the text after the mark is written as it is. */
const RAW = "\u0001raw:";
const RAW_NUMBERS = ["-0", "1e400", "-1e400", "9007199254740993", "1e-400", "0.1e1", "123456789012345678901234567890"];
const ODD_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "length",
  "then",
  "toJSON",
  "",
];
const ODD_VALUES: unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, "", " ", "\u0000", "\ud800", "\n\ndata: {}", "🎉", "[DONE]"],
  ...["{}", "{", "data:image/png;base64,", "https://example.com/a", "../x", "\r\n"],
  ...RAW_NUMBERS.map((number) => RAW + number),
];

/** The text of a value that differs from this one in one place. `donor`: where pieces are taken from. `value` is changed. */
export function mutateJson(value: unknown, donor: unknown, words: readonly string[], random: Random): string {
  const root: Container = [value];
  const spot = oneOf(spotsOf(root), random);
  if (spot) change(spot, donor, words, random);
  return JSON.stringify(root[0] ?? null).replaceAll(/"\\u0001raw:([^"]*)"/g, "$1");
}

function change(spot: Spot, donor: unknown, words: readonly string[], random: Random): void {
  const { holder, key } = spot;
  const value = valueAt(spot);
  switch (below(10, random)) {
    case 0:
      return set(holder, key, structuredClone(oneOf(ODD_VALUES, random)));
    case 1:
      return remove(spot);
    case 2:
      return set(holder, key, oneOf(words, random));
    case 3:
    case 4: {
      const piece = oneOf(spotsOf([donor]), random);
      return set(holder, key, structuredClone(piece ? valueAt(piece) : donor));
    }
    case 5:
      return rename(spot, oneOf(random() < 0.3 ? ODD_KEYS : words, random) ?? "");
    case 6: {
      const piece = oneOf(spotsOf([donor]), random);
      return add(
        value,
        oneOf(random() < 0.1 ? ODD_KEYS : words, random) ?? "",
        structuredClone(piece ? valueAt(piece) : 1),
      );
    }
    case 7:
      return set(holder, key, random() < 0.5 ? [value] : { [oneOf(words, random) ?? "x"]: value });
    case 8:
      return set(
        holder,
        key,
        typeof value === "string" ? otherText(value, words, random) : oneOf(Object.values(value ?? {}), random),
      );
    default:
      if (Array.isArray(value) && value.length > 0) value.push(structuredClone(oneOf(value, random)));
      else if (random() < 0.05) set(holder, key, `${RAW}${"[".repeat(6000)}${"]".repeat(6000)}`);
      else set(holder, key, structuredClone(oneOf(ODD_VALUES, random)));
  }
}

function spotsOf(root: Container): Spot[] {
  const spots: Spot[] = [];
  const containers: Container[] = [root];
  for (let container = containers.pop(); container && spots.length < MAX_SPOTS; container = containers.pop()) {
    const keys = Array.isArray(container) ? container.keys() : Object.keys(container);
    for (const key of keys) {
      const spot: Spot = { holder: container, key };
      spots.push(spot);
      const value = valueAt(spot);
      if (isContainer(value)) containers.push(value);
    }
  }
  return spots;
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function valueAt({ holder, key }: Spot): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

/** Also for `__proto__`, as `JSON.parse` does it. */
function set(holder: Container, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove({ holder, key }: Spot): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function rename(spot: Spot, name: string): void {
  const { holder } = spot;
  if (Array.isArray(holder)) return;
  const value = valueAt(spot);
  remove(spot);
  set(holder, name, value);
}

function add(value: unknown, name: string, member: unknown): void {
  if (Array.isArray(value)) value.push(member);
  else if (isContainer(value)) set(value, name, member);
}

function otherText(text: string, words: readonly string[], random: Random): string {
  const at = below(text.length + 1, random);
  switch (below(4, random)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + (oneOf(words, random) ?? "") + text.slice(at);
    case 2:
      return text.repeat(1 + below(8, random)).slice(0, 4096);
    default:
      return text.slice(0, at) + String.fromCharCode(below(0x10000, random)) + text.slice(at);
  }
}
