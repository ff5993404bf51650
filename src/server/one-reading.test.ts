import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { parseBody } from "./read-body.ts";

const sent = (text: string) => parseBody(Buffer.from(text)).raw.toString();

test("of keys that stand there twice only the one we read goes on, wherever they are", () => {
  equal(sent('{"model":"dear", "model":"cheap"}'), '{"model":"cheap"}');
  equal(sent('{"model":"dear","mod\\u0065l":"cheap"}'), '{"model":"cheap"}');
  equal(sent('{"messages":[{"content":"evil","content":"nice"}]}'), '{"messages":[{"content":"nice"}]}');
  equal(sent('{"a":{"__proto__":1,"__proto__":{"b":2}}}'), '{"a":{"__proto__":{"b":2}}}');
});

test("else every byte goes on", () => {
  const text =
    '{ "model" : "m","n":1e400, "a":[{"x":1},{"x":12345678901234567890}], "__proto__":{"x":null},\t"\\u0061b":{} }';
  const raw = Buffer.from(text);
  equal(parseBody(raw).raw, raw);
});

test("keys that another parser takes for those that steer are refused", () => {
  for (const key of ["Model", "MODEL", "meſſages", "\\u004dodel"])
    throws(
      () => sent(`{"model":"cheap","${key}":"dear"}`),
      /has the key ".+", which some parsers take for another/,
      key,
    );
  for (const list of ["messages", "input"])
    throws(() => sent(`{"${list}":["x",{"role":"user","content":"nice","Content":"evil"}]}`), /the key "Content"/);
  // Names that people give are none of these.
  const own = {
    tools: [{ parameters: { properties: { Model: {}, model: {} } } }],
    Temperature: 1,
    systemInstruction: {},
  };
  deepEqual(parseBody(Buffer.from(JSON.stringify(own))).body, own);
});

test("text that is not JSON, or not UTF-8, is refused", () => {
  for (const text of ['{"model":"m"}{"model":"n"}', '{"model":"m"} x', '\ufeff{"model":"m"}', "[]", "{'model':1}"])
    throws(() => sent(text), /is not (?:JSON|a JSON object)/, text);
  throws(() => parseBody(Buffer.from('{"model":"\xff"}', "latin1")), /is not valid UTF-8/);
});
