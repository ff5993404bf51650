import { didYouMean } from "../../config/nearest.ts";
import { ModuleFault } from "./fault.ts";

/** What may stand in an object: functions, and values that others look at. */
export interface Shape {
  functions: readonly string[];
  values?: readonly string[];
}

export type Method = (...args: readonly unknown[]) => unknown;

/** An object of a module's, looked at: its functions keep their `this`. */
export interface Looked {
  methods: ReadonlyMap<string, Method>;
  value(key: string): unknown;
}

/**
 * Looks at what a module exports, or at what its `create` made. Throws `ModuleFault` for what is no such object: something
 * else, a misspelt key, a value where a function belongs.
 */
export function looked(given: unknown, what: string, { functions, values = [] }: Shape): Looked {
  if (typeof given !== "object" || given === null)
    throw new ModuleFault(`${what} must be an object, not ${nameOf(given)}`);
  if (given instanceof Promise) {
    throw new ModuleFault(
      `${what} must be an object, not a promise: what takes time is awaited at the module's top level`,
    );
  }
  const object: object = given;
  const known = [...values, ...functions];
  const wrong = Object.keys(object).find((key) => !known.includes(key));
  if (wrong !== undefined) {
    throw new ModuleFault(
      `${what} has ${JSON.stringify(wrong)}, allowed: ${known.join(", ")}${didYouMean(wrong, known)}`,
    );
  }
  const methods = new Map<string, Method>();
  for (const key of functions) {
    const value: unknown = Reflect.get(object, key);
    if (value === undefined) continue;
    if (typeof value !== "function") throw new ModuleFault(`${what}: ${key} must be a function, not ${nameOf(value)}`);
    methods.set(key, (...args) => Reflect.apply(value, object, args));
  }
  return { methods, value: (key) => Reflect.get(object, key) };
}

/**
 * A way to the functions: the module's own, or those that its `create` makes. Throws `ModuleFault` where there are neither, or
 * both.
 */
export function maker(module: Looked, wanted: Shape): (settings: unknown, tools: unknown) => Looked {
  const create = module.methods.get("create");
  const working = wanted.functions.filter((name) => name !== "close");
  const own = working.filter((name) => module.methods.has(name));
  const list = working.join(", ");
  if (create && own.length > 0) {
    throw new ModuleFault(
      `its default export has create and ${own[0]}: what create gives is what runs, put ${own[0]} there`,
    );
  }
  if (!create && own.length === 0)
    throw new ModuleFault(`its default export does nothing: it needs ${list}, or create`);
  if (!create) return () => module;
  return (settings, tools) => {
    const made = looked(create(settings, tools), "what create gives", wanted);
    if (!working.some((name) => made.methods.has(name)))
      throw new ModuleFault(`what create gives does nothing: it needs ${list}`);
    return made;
  };
}

function nameOf(value: unknown): string {
  if (value === undefined) return "missing";
  return value === null ? "null" : typeof value === "function" ? "a function" : `a ${typeof value}`;
}
