import { isObject, type Json, type JsonObject } from "../../../core/json.ts";

/** One step of a path such as `$.items[0]['a b'].name`. */
const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]/g;

/** Puts together arguments that come in pieces, each with its place: `{jsonPath: "$.at[0]", stringValue: "a"}`. */
export class PartialArguments {
  readonly #root: JsonObject = Object.create(null);

  add(piece: JsonObject): void {
    const steps = stepsOf(String(piece["jsonPath"] ?? ""));
    const last = steps.pop();
    if (last === undefined) return;
    let at: Json = this.#root;
    steps.forEach((step, index) => {
      at = child(at, step, typeof (steps[index + 1] ?? last) === "number");
    });
    put(at, last, valueIn(piece));
  }

  /** The JSON text; `""` when there was no piece. */
  text(): string {
    return Object.keys(this.#root).length === 0 ? "" : JSON.stringify(this.#root);
  }
}

function stepsOf(path: string): (string | number)[] {
  return [...path.matchAll(STEP)].map(([, name, index, quoted]) =>
    index === undefined ? (name ?? quoted?.replace(/\\(.)/g, "$1") ?? "") : Number(index),
  );
}

function child(at: Json, step: string | number, isList: boolean): Json {
  const known = get(at, step);
  if (isObject(known) || Array.isArray(known)) return known;
  const made: Json = isList ? [] : Object.create(null);
  put(at, step, made);
  return made;
}

function get(at: Json, step: string | number): Json | undefined {
  if (Array.isArray(at)) return at[Number(step)];
  return isObject(at) ? at[step] : undefined;
}

/** Text goes on where it left off. A list grows by one at most, whatever index somebody writes. */
function put(at: Json, step: string | number, value: Json): void {
  const before = get(at, step);
  const whole = typeof before === "string" && typeof value === "string" ? before + value : value;
  if (Array.isArray(at)) at[Math.min(Number(step) || 0, at.length)] = whole;
  else if (isObject(at)) at[step] = whole;
}

function valueIn(piece: JsonObject): Json {
  return piece["stringValue"] ?? piece["numberValue"] ?? piece["boolValue"] ?? null;
}
