import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { spliceBody, topLevelMembers } from "./splice.ts";

const splice = (text: string, model?: string, without: string[] = []) =>
  spliceBody(Buffer.from(text), model, without).toString();

test("replaces the model value and leaves every other byte", () => {
  assert.equal(
    splice('{ "a" : 1e400,\n"model" :  "x\\"y" , "big":12345678901234567890,"m":{"model":"in"}}', "new"),
    '{ "a" : 1e400,\n"model" :  "new" , "big":12345678901234567890,"m":{"model":"in"}}',
  );
});

test("finds a key that is spelled with escapes", () => {
  assert.equal(splice('{"a":1,"mod\\u0065l":"b"}', "c"), '{"a":1,"mod\\u0065l":"c"}');
});

test("takes members out wherever they stand", () => {
  assert.equal(splice('{"plugins":[{"id":"x"}],"model":"a"}', undefined, ["plugins"]), '{"model":"a"}');
  assert.equal(splice('{"model":"a", "plugins":[] }', "b", ["plugins"]), '{"model":"b" }');
  assert.equal(splice('{"plugins":[]}', "b", ["plugins"]), "{}");
});

test("gives the body back itself when there is nothing to do", () => {
  const body = Buffer.from('{"model":"a"}');
  assert.equal(spliceBody(body, undefined, []), body);
  assert.equal(splice("{}", "b"), "{}");
});

test("agrees with JSON.parse on any object", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.string(),
      fc.string(),
      fc.nat(3),
      (rest, model, next, indent) => {
        const body = { ...rest, model };
        const text = JSON.stringify(body, null, indent);
        assert.deepEqual(JSON.parse(splice(text, next)), JSON.parse(JSON.stringify({ ...body, model: next })));
        const without = splice(text, undefined, ["model"]);
        const { model: _, ...others } = body;
        assert.deepEqual(JSON.parse(without), JSON.parse(JSON.stringify(others)));
        assert.deepEqual(
          topLevelMembers(Buffer.from(text)).map((member) => member.key),
          Object.keys(body),
        );
      },
    ),
  );
});
