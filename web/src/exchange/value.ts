/** What a record may hold at a place: it is read without trusting it, since files are edited, and versions differ. */
export type Value = Record<string, unknown>;

export function isObject(value: unknown): value is Value {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
export const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
export const objects = (value: unknown): Value[] => (Array.isArray(value) ? value.filter(isObject) : []);
