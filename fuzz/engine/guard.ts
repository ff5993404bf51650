import type { Target } from "./target.ts";

/** Something that must never happen, and did. */
export interface Finding {
  target: string;
  /** The same for all inputs that show the same fault, as far as that can be told. */
  key: string;
  /** The error with its stack, or what was wrong. */
  text: string;
  input: Buffer;
}

/** An input that takes longer is a finding. ms of this thread's processor time: the machine may be busy with other things. */
const MAX_MS = 1000;
const GUARDED = [Object, Array, Function, String, Number, Boolean, Map, Set, Promise, RegExp, Error, Uint8Array];

/** Runs inputs, and says what was wrong with a run. */
export class Guard {
  readonly #target: Target;
  /** Of each prototype, what it had in the beginning. */
  readonly #before = GUARDED.map(({ prototype }) => ({ prototype, own: ownOf(prototype) }));

  constructor(target: Target) {
    this.#target = target;
  }

  run(input: Buffer): Finding | undefined {
    const started = performance.now();
    const cpu = process.threadCpuUsage();
    // A copy: nobody may write to what came in, and nobody may rely on its place in memory.
    const given = Buffer.from(input);
    let text: string | undefined;
    try {
      this.#target.run(given);
      if (!given.equals(input)) text = "the input was written to";
    } catch (error) {
      text = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`;
    }
    text ??= this.#polluted();
    if (text === undefined && performance.now() - started > MAX_MS) {
      const { user, system } = process.threadCpuUsage(cpu);
      const ms = (user + system) / 1000;
      if (ms > MAX_MS) text = `it took ${Math.round(ms)} ms of processor time`;
    }
    return text === undefined ? undefined : { target: this.#target.name, key: keyOf(text), text, input };
  }

  /** What was put on a prototype is taken off again, so that it is found once. */
  #polluted(): string | undefined {
    for (const { prototype, own } of this.#before) {
      const now = ownOf(prototype);
      if (now.size === own.size && [...now].every(([key, value]) => own.get(key) === value)) continue;
      for (const key of now.keys()) if (!own.has(key)) Reflect.deleteProperty(prototype, key);
      for (const [key, value] of own) if (now.get(key) !== value) Reflect.set(prototype, key, value);
      return `pollution of ${prototype.constructor.name}.prototype: ${[...now.keys()].map(String)}`;
    }
    return undefined;
  }
}

function ownOf(prototype: object): Map<PropertyKey, unknown> {
  const keys = Reflect.ownKeys(prototype);
  return new Map(keys.map((key) => [key, Object.getOwnPropertyDescriptor(prototype, key)?.value]));
}

/** Its first line without what differs from input to input, and where in the sources it was. */
function keyOf(text: string): string {
  const [first = "", ...rest] = text.split("\n");
  const frame = rest.find((line) => /\/src\/.*\.ts:/.test(line))?.replace(/^.*\/src\/(.*\.ts:\d+).*$/, "$1") ?? "";
  return `${first.replaceAll(/\{.*|"[^"]*"|'[^']*'|\d+/g, "_").slice(0, 80)} ${frame}`;
}
