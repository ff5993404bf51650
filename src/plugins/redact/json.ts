import { isObject, type Json, type JsonObject, tryParseJson } from "../../core/json.ts";

/** What of JSON values is mapped besides their strings. */
export interface MapJsonOptions {
  /** Names of fields too. */
  names?: boolean;
  /** Numbers too; one that is changed is a string from then on. */
  numbers?: boolean;
}

/** Maps one string; `field`: the name of the field whose value it is. */
export type MapString = (text: string, field?: string) => string;

/** Base64 of so many characters is media, or state. */
const BASE64 = /^[A-Za-z0-9+/]{500,}={0,2}$/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The same value with all its strings mapped. */
export function mapJson(value: Json, map: MapString, options: MapJsonOptions = {}, field?: string): Json {
  if (typeof value === "string") return BASE64.test(value) ? value : map(value, field);
  if (typeof value === "number" && options.numbers) return mapNumber(value, map, field);
  if (Array.isArray(value)) return value.map((item) => mapJson(item, map, options, field));
  return isObject(value) ? mapObject(value, map, options) : value;
}

export function mapObject(value: JsonObject, map: MapString, options: MapJsonOptions = {}): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      options.names ? map(name) : name,
      inner === undefined ? undefined : mapJson(inner, map, options, name),
    ]),
  );
}

/** The same JSON text with its strings, names and numbers mapped, everything else as it was written. What is no JSON is one string. */
export function mapJsonText(text: string, map: MapString): string {
  if (text === "" || tryParseJson(text) === undefined) return map(text);
  let field: string | undefined;
  return text.replace(TOKEN, (token, at: number) => {
    if (!token.startsWith('"')) {
      const mapped = map(token, field);
      return mapped === token ? token : JSON.stringify(mapped);
    }
    const value = String(JSON.parse(token));
    const isName = /^\s*:/.test(text.slice(at + token.length, at + token.length + 100));
    const mapped = isName ? map(value) : map(value, field);
    if (isName) field = value;
    return mapped === value ? token : JSON.stringify(mapped);
  });
}

function mapNumber(value: number, map: MapString, field: string | undefined): Json {
  const written = String(value);
  const mapped = map(written, field);
  return mapped === written ? value : mapped;
}
