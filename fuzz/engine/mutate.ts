import type { Random } from "../../src/core/clock.ts";
import { mutateJson } from "./mutate-json.ts";
import { below, oneOf } from "./pick.ts";

/** Longer inputs are slow to run, and show nothing a shorter one does not. */
const MAX_BYTES = 32 * 1024;
const ODD_BYTES = [
  0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc3, 0xed, 0xff,
];
const ODD_TEXTS = [
  "\r\n\r\n",
  "\n\n",
  "\ufeff",
  "\u2028",
  "\\ud800",
  "[DONE]",
  "data: ",
  "event: ",
  "[[",
  "]]",
  "=",
  '"""',
  "__proto__",
];

/** What inputs are made of. */
export interface Material {
  /** Words of the sources that are fuzzed: names of fields and their values. */
  words: readonly string[];
  corpus: readonly Buffer[];
}

/** Another input out of those there are. */
export function mutated({ words, corpus }: Material, random: Random): Buffer {
  let input = oneOf(corpus, random) ?? Buffer.alloc(0);
  for (let rounds = 1 + below(4, random); rounds > 0; rounds--) {
    const other = oneOf(corpus, random) ?? input;
    const draw = random();
    if (draw < 0.6) input = structured(input, other, words, random) ?? bytewise(input, other, words, random);
    else if (draw < 0.75) input = linewise(input, other, random);
    else input = bytewise(input, other, words, random);
  }
  return input.length > MAX_BYTES ? input.subarray(0, MAX_BYTES) : input;
}

/** Changes a value of the JSON that the input is, or that stands in one of its lines. */
function structured(input: Buffer, other: Buffer, words: readonly string[], random: Random): Buffer | undefined {
  const text = input.toString("utf8");
  const donor = jsonIn(other.toString("utf8"), random);
  const found = jsonIn(text, random);
  if (found === undefined) return undefined;
  const changed = mutateJson(found.value, donor?.value, words, random);
  return Buffer.from(text.slice(0, found.from) + changed + text.slice(found.to));
}

/** Undefined when there is none. */
function jsonIn(text: string, random: Random): { value: unknown; from: number; to: number } | undefined {
  const whole = parsed(text, 0, text.length);
  if (whole) return whole;
  const starts: number[] = [];
  for (let at = text.indexOf("{"); at !== -1; at = text.indexOf("{", text.indexOf("\n", at) + 1 || text.length))
    starts.push(at);
  const from = oneOf(starts, random);
  if (from === undefined) return undefined;
  const end = text.indexOf("\n", from);
  return parsed(text, from, end === -1 ? text.length : end);
}

function parsed(text: string, from: number, to: number): { value: unknown; from: number; to: number } | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(from, to));
    return typeof value === "object" && value !== null ? { value, from, to } : undefined;
  } catch {
    return undefined;
  }
}

function linewise(input: Buffer, other: Buffer, random: Random): Buffer {
  const lines = input.toString("latin1").split("\n");
  const others = other.toString("latin1").split("\n");
  const at = below(lines.length + 1, random);
  const count = 1 + below(4, random);
  switch (below(4, random)) {
    case 0:
      lines.splice(at, count);
      break;
    case 1:
      lines.splice(at, 0, ...lines.slice(below(lines.length, random)).slice(0, count));
      break;
    case 2:
      lines.splice(at, 0, ...others.slice(below(others.length, random)).slice(0, count));
      break;
    default:
      lines.splice(at, lines.length, ...others.slice(below(others.length, random)));
  }
  return Buffer.from(lines.join("\n"), "latin1");
}

function bytewise(input: Buffer, other: Buffer, words: readonly string[], random: Random): Buffer {
  const at = below(input.length + 1, random);
  const until = Math.min(input.length, at + 1 + below(random() < 0.7 ? 8 : 256, random));
  const put = (piece: Buffer, to = at) => Buffer.concat([input.subarray(0, at), piece, input.subarray(to)]);
  switch (below(7, random)) {
    case 0:
      return put(Buffer.alloc(0), until);
    case 1:
      return put(Buffer.from([oneOf(ODD_BYTES, random) ?? 0]), Math.min(input.length, at + below(2, random)));
    case 2:
      return put(Buffer.from([below(256, random)]), Math.min(input.length, at + 1));
    case 3:
      return put(Buffer.from(oneOf(random() < 0.6 ? words : ODD_TEXTS, random) ?? ""), random() < 0.5 ? at : until);
    case 4: {
      const from = below(other.length + 1, random);
      return put(other.subarray(from, from + 1 + below(64, random)), random() < 0.5 ? at : until);
    }
    case 5:
      return put(Buffer.concat(Array<Buffer>(1 + below(20, random)).fill(input.subarray(at, until))));
    default:
      return put(
        Buffer.from(oneOf(["0", "-1", "1e400", "9007199254740993", "null", "true", "{}", "[]"], random) ?? ""),
      );
  }
}
