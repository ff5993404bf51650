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
/** Of a string its first quote: a pattern for all of it would need more stack the longer it is. */
const TOKEN = /"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const COLON = /\s*:/y;

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
  let mappedText = "";
  let done = 0;
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const isString = match[0] === '"';
    const end = isString ? endOfString(text, match.index) : TOKEN.lastIndex;
    const token = text.slice(match.index, end);
    const value = isString ? String(JSON.parse(token)) : token;
    COLON.lastIndex = end;
    const isName = isString && COLON.test(text);
    const mapped = isName ? map(value) : map(value, field);
    if (isName) field = value;
    if (mapped !== value) {
      mappedText += text.slice(done, match.index) + JSON.stringify(mapped);
      done = end;
    }
    TOKEN.lastIndex = end;
  }
  return mappedText + text.slice(done);
}

/** Behind the quote that closes the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote > 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === "\\") before--;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
  return text.length;
}

function mapNumber(value: number, map: MapString, field: string | undefined): Json {
  const written = String(value);
  const mapped = map(written, field);
  return mapped === written ? value : mapped;
}
