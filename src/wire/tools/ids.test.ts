import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { callIdFor, legalToolId, PLAIN_ID } from "./ids.ts";

const rule = { pattern: PLAIN_ID, max: 64 };

test("a legal id stays as it is", () => {
  assert.equal(legalToolId("toolu_01-Ab", rule), "toolu_01-Ab");
  assert.equal(legalToolId("a".repeat(64), rule), "a".repeat(64));
});

test("illegal characters become _ and a hash of the original follows", () => {
  assert.equal(legalToolId("Bash:0", rule), "Bash_0_ea5401fb");
  assert.notEqual(legalToolId("Bash:0", rule), legalToolId("Bash.0", rule));
});

test("a long id keeps its first 55 characters", () => {
  const id = "x".repeat(200);
  assert.match(legalToolId(id, rule), /^x{55}_[0-9a-f]{8}$/);
});

test("ids such as functions.x:1 are refused by Anthropic: any id comes out legal, distinct and always the same", () => {
  const anyId = fc.string({ unit: "binary", maxLength: 100 });
  fc.assert(
    fc.property(anyId, anyId, (first, second) => {
      const legal = legalToolId(first, rule);
      assert.match(legal, PLAIN_ID);
      assert.ok(legal.length <= 64);
      assert.equal(legalToolId(first, rule), legal);
      assert.equal(legalToolId(legal, rule), legal);
      if (first !== second) assert.notEqual(legalToolId(second, rule), legal);
    }),
  );
});

test("a call without an id gets the same one for the same position, name and arguments", () => {
  assert.equal(callIdFor(0, "f", "{}"), callIdFor(0, "f", "{}"));
  assert.notEqual(callIdFor(0, "f", "{}"), callIdFor(1, "f", "{}"));
  assert.notEqual(callIdFor(0, "f", "{}"), callIdFor(0, "g", "{}"));
  assert.match(callIdFor(0, "f", "{}"), /^call_[0-9a-f]{24}$/);
});
