import { deepEqual, equal } from "node:assert/strict";
import { describe, test } from "node:test";
import { seeded } from "../../../test/support/log-records.ts";
import { AlikeFrames } from "./alike.ts";

/** What each frame is read as, one after the other. */
function parsed(texts: readonly string[]): unknown[] {
  const frames = new AlikeFrames();
  return texts.map((text) => frames.parse(text));
}

const chunk = (content: string, more = "") =>
  `{"id":"c1","created":17,"choices":[{"index":0,"delta":{"content":${content}},"logprobs":null}]${more}}`;

describe("frames that are alike are read as JSON.parse reads them", () => {
  for (const [name, texts] of Object.entries({
    "one text differs": ['"a"', '"b"', '"c"', '""', '"a longer piece of text"'].map((text) => chunk(text)),
    "texts with escapes": ['"a"', '"b"', '"\\n"', '"\\"q\\""', '"\\\\"', '"\\\\\\""', '"\\u00e9é"', '"c"'].map((text) =>
      chunk(text),
    ),
    "a text and a padding": ['"a"', '"b"', '"c"'].map((text, at) => chunk(text, `,"obfuscation":"${"x".repeat(at)}"`)),
    "a number that counts": ['"a"', '"b"', '"c"'].map((text, at) => chunk(text, `,"n":${at + 8}`)),
    "another type in its place": ['"a"', '"b"', "1", "null", '["x"]', '{"y":"z"}', '"c"'].map((text) => chunk(text)),
    "a shape that changes": [chunk('"a"'), chunk('"b"'), '{"done":true}', chunk('"c"'), "[1]", "3", chunk('"d"')],
    "keys that stand there twice": ["1", "2", "3"].map((n) => `{"a":"x${n}","a":"y${n}","b":{"c":"z${n}"}}`),
    "keys that differ": ["k1", "k2", "k3"].map((key) => `{"${key}":"v","w":"${key}"}`),
    "keys with a blank behind them": ["1", "2", "3"].map((n) => `{ "a" : "x${n}", "b": ${n} }`),
    __proto__: ["1", "2", "3"].map((n) => `{"__proto__":"x${n}","a":{"__proto__":{"b":"y${n}"}}}`),
    "very deep": ["1", "2", "3"].map((n) => `{"a":${"[".repeat(30_000)}"x${n}"${"]".repeat(30_000)}}`),
    "texts that look like marks": ["1", "2", "3"].map((n) => `{"a":"\\u00000","b":"x${n}"}`),
  }))
    test(name, () => {
      const values = parsed(texts);
      for (const [index, text] of texts.entries()) {
        // Too deep for `deepEqual`.
        if (name === "very deep") equal(typeof values[index], "object");
        else deepEqual(values[index], JSON.parse(text));
      }
    });
});

test("what is no JSON is none, though it fits", () => {
  for (const broken of ['"a\tb"', '"\\x"', '"a', "", "01", "+1"]) {
    const frames = new AlikeFrames();
    for (const text of ['"a"', '"b"', '"c"']) frames.parse(chunk(text));
    equal(frames.parse(chunk(broken)), undefined, broken);
  }
  const frames = new AlikeFrames();
  for (const n of ["1", "2", "3"]) frames.parse(`{"n":${n}}`);
  for (const broken of ["01", "1.", "1e", "--1", ""]) equal(frames.parse(`{"n":${broken}}`), undefined);
  for (const n of ["1.5", "-3", "1e3", "12345678901234567890"]) deepEqual(frames.parse(`{"n":${n}}`), { n: Number(n) });
});

test("from the third on they are not parsed: what is the same is one object", () => {
  const values = parsed(["a", "b", "c", "d"].map((text) => `{"text":"${text}","same":{"of":"all"}}`));
  const same = values.map((value) => (value as { same: object }).same);
  equal(same[2], same[3]);
});

test("no frame changes another", () => {
  const texts = ['"a"', '"b"', '"c"', '"d"'].map((text) => chunk(text));
  const values = parsed(texts);
  deepEqual(
    values,
    texts.map((text) => JSON.parse(text)),
  );
  equal(Object.getPrototypeOf(values[3]), Object.prototype);
});

test("drawn frames, cut from shapes that come and go", () => {
  const random = seeded(11);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const texts = ["", "a", "é🎉", "a text of more than a few letters", '"', "\\", "\n", "\u0000", "\u00000", "\ud800"];
  const value = () =>
    pick<() => unknown>([
      () => pick(texts),
      () => Math.floor(random() * 1e6),
      () => null,
      () => ({ a: pick(texts) }),
      () => [pick(texts), 1],
    ])();
  for (let stream = 0; stream < 300; stream++) {
    const shape = Array.from({ length: 1 + Math.floor(random() * 5) }, () =>
      pick(["a", "b", "content", "__proto__", "0", "a b"]),
    );
    const frames = Array.from({ length: 30 }, () => {
      const inner = shape.map((key) => `${JSON.stringify(key)}:${JSON.stringify(value())}`).join(pick([",", ", "]));
      return random() < 0.9 ? `{"x":[{${inner}}],"y":"z"}` : JSON.stringify(value());
    });
    deepEqual(
      parsed(frames),
      frames.map((text) => JSON.parse(text)),
    );
  }
});
