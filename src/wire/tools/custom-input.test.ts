import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CustomInput, customInput } from "./custom-input.ts";

function sliced(text: string, cuts: readonly number[]): string[] {
  const edges = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((first, second) => first - second);
  return [...edges, text.length].map((edge, at) => text.slice(at === 0 ? 0 : edges[at - 1], edge));
}

const anyText = fc.string({ unit: "binary" });

test("whatever was wrapped comes out, however the arguments are cut", () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat()), fc.boolean(), (text, cuts, spaced) => {
      const wrapped = spaced ? ` {\n "input" : ${JSON.stringify(text)}\n}` : JSON.stringify({ input: text });
      const ascii = wrapped.replace(
        /[^\x20-\x7e\n]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
      for (const args of [wrapped, ascii]) {
        const input = new CustomInput();
        assert.equal(sliced(args, cuts).reduce((all, piece) => all + input.push(piece), "") + input.end(), text);
      }
    }),
  );
});

test("the text is shown as it comes, an escape when it is whole, a pair of surrogates at once", () => {
  const input = new CustomInput();
  const shown = ['{"inp', 'ut":', ' "a', "\\", "nb\\u00", "e9\\ud83d", "\\ude00c", '"', "}"].map((piece) =>
    input.push(piece),
  );
  assert.deepEqual(shown, ["", "", "a", "", "\nb", "é", "😀c", "", ""]);
  assert.equal(input.end(), "");
});

test("models that forget the wrapping, or break it", () => {
  const cases = [
    ["*** Begin Patch\n{x}", "*** Begin Patch\n{x}"],
    ['"quoted"', "quoted"],
    ['{"text":"x"}', '{"text":"x"}'],
    ['{"why":1,"input":"x"}', "x"],
    ['{"input":7}', '{"input":7}'],
    ["{}", ""],
    ["", ""],
    ["{ not json", "{ not json"],
    ['{"input":"cut \\u12', "cut \\u12"],
    ['{"input":"re\\d+ \\uzzzz!"}', "re\\d+ \ufffd!"],
  ] as const;
  for (const [args, text] of cases) {
    assert.equal(customInput(args), text, args);
    const input = new CustomInput();
    assert.equal([...args].reduce((all, piece) => all + input.push(piece), "") + input.end(), text, args);
  }
});

test("what is plain text is not held back", () => {
  const input = new CustomInput();
  assert.equal(input.push("***"), "***");
  assert.equal(input.push(" Begin"), " Begin");
});
