import { equal } from "node:assert/strict";
import { test } from "node:test";
import { Guard } from "./engine/guard.ts";
import { stored } from "./engine/stored.ts";
import { TARGETS } from "./targets/index.ts";

test("what the fuzzer once broke stays whole", () => {
  for (const target of TARGETS) {
    const guard = new Guard(target);
    for (const input of stored("crashes", target.name)) equal(guard.run(input)?.text, undefined, target.name);
  }
});

test("the guard sees what must never happen: errors, pollution, writing to the input", () => {
  const found = (run: (input: Buffer) => void) =>
    new Guard({ name: "bad", words: [], seeds: () => [], run }).run(Buffer.from("x"))?.text ?? "";
  equal(
    found(() => undefined),
    "",
  );
  equal(
    /broken/.test(
      found(() => {
        throw new Error("broken");
      }),
    ),
    true,
  );
  equal(
    found((input) => input.fill(0)),
    "the input was written to",
  );
  const pollute = () => void Object.defineProperty(Object.prototype, "polluted", { value: 1, configurable: true });
  equal(/^pollution of Object.prototype/.test(found(pollute)), true);
  equal("polluted" in {}, false);
});
