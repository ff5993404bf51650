import type { Failure, FailureKind } from "../../core/failure.ts";
import { FAILURES } from "../../core/failure.ts";
import { asArray, asBoolean, asNumber, asObject, asString, type Json, type JsonObject } from "../../core/json.ts";
import { type Citation, DIALECTS, type Dialect, type OpaquePart, type OpaqueState } from "../../core/part.ts";
import type { Usage } from "../../core/usage.ts";

/** Readers of the values inside events. What does not fit its type is an error that names the field. */

export class Fields {
  readonly #object: JsonObject;
  readonly #what: string;

  constructor(value: Json | undefined, what: string) {
    const object = asObject(value);
    if (!object) throw wrong(what, "an object");
    this.#object = object;
    this.#what = what;
  }

  string(name: string): string {
    return asString(this.#object[name]) ?? this.#refuse(name, "a string");
  }

  number(name: string): number {
    return asNumber(this.#object[name]) ?? this.#refuse(name, "a number");
  }

  boolean(name: string): boolean {
    return asBoolean(this.#object[name]) ?? this.#refuse(name, "true or false");
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.#object[name];
    return values.find((known) => known === value) ?? this.#refuse(name, values.join(" | "));
  }

  json(name: string): Json {
    return this.#object[name] ?? null;
  }

  /** `{ [name]: value }` when the field is there, else `{}`: for spreading into an object with optional fields. */
  optional<K extends string, V>(name: K, read: (name: K) => V): { [key in K]?: V } {
    const object: { [key in K]?: V } = {};
    if (this.#object[name] !== undefined) object[name] = read(name);
    return object;
  }

  #refuse(name: string, expected: string): never {
    throw wrong(`${this.#what}.${name}`, expected);
  }
}

function wrong(what: string, expected: string): Error {
  return new Error(`${what} of a simulated answer is not ${expected}`);
}

export function listOf<T>(value: Json | undefined, what: string, read: (item: Json) => T): T[] {
  const list = asArray(value);
  if (!list) throw wrong(what, "a list");
  return list.map(read);
}

export function readDialect(fields: Fields): Dialect {
  return fields.oneOf("dialect", DIALECTS);
}

export function readState(value: Json): OpaqueState {
  const fields = new Fields(value, "state");
  return {
    dialect: readDialect(fields),
    kind: fields.oneOf("kind", ["signature", "redacted", "encrypted"]),
    value: fields.string("value"),
  };
}

export function readOpaque(value: Json): OpaquePart {
  const fields = new Fields(value, "part");
  return {
    type: fields.oneOf("type", ["opaque"]),
    dialect: readDialect(fields),
    what: fields.string("what"),
    value: fields.json("value"),
  };
}

export function readCitation(value: Json): Citation {
  const fields = new Fields(value, "citation");
  const text = (name: string) => fields.string(name);
  const number = (name: string) => fields.number(name);
  return {
    ...fields.optional("url", text),
    ...fields.optional("title", text),
    ...fields.optional("citedText", text),
    ...fields.optional("start", number),
    ...fields.optional("end", number),
    ...fields.optional("raw", () => readRaw(fields.json("raw"))),
  };
}

function readRaw(value: Json): { dialect: Dialect; value: Json } {
  const fields = new Fields(value, "raw");
  return { dialect: readDialect(fields), value: fields.json("value") };
}

export function readUsage(value: Json): Usage {
  const fields = new Fields(value, "usage");
  return {
    input: fields.number("input"),
    output: fields.number("output"),
    cachedRead: fields.number("cachedRead"),
    cacheWrite: fields.number("cacheWrite"),
    cacheWriteLong: fields.number("cacheWriteLong"),
    reasoning: fields.number("reasoning"),
    reported: fields.boolean("reported"),
  };
}

export function readFailure(value: Json): Failure {
  const fields = new Fields(value, "failure");
  return {
    kind: fields.oneOf("kind", FAILURE_KINDS),
    message: fields.string("message"),
    ...fields.optional("upstreamStatus", (name) => fields.number(name)),
    ...fields.optional("code", (name) => fields.string(name)),
    ...fields.optional("retryAfter", (name) => fields.number(name)),
  };
}

const FAILURE_KINDS: readonly FailureKind[] = Object.keys(FAILURES).filter(isFailureKind);

function isFailureKind(name: string): name is FailureKind {
  return Object.hasOwn(FAILURES, name);
}
