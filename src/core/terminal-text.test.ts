import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { paintedText, terminalLine, terminalText } from "./terminal-text.ts";

test("no order reaches the terminal, whole or in pieces", () => {
  const orders = [
    "\x1b[31m",
    "\x1b]52;c;aGk=\x07",
    "\x1bP1$q\x1b\\",
    "\x1b_x\x1b\\",
    "\x9b31m",
    "\x9d52;c;\x9c",
    "\x1b",
  ];
  for (const order of orders) {
    const shown = terminalText(`a${order}b`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there.
    assert.doesNotMatch(shown, /[\x00-\x08\x0b-\x1f\x7f-\x9f]/, JSON.stringify(order));
    assert.ok(shown.startsWith("a") && shown.endsWith("b"));
    // Cut anywhere and put together again, it is as harmless.
    for (let at = 0; at <= order.length; at++) {
      assert.equal(terminalText(order.slice(0, at)) + terminalText(order.slice(at)), terminalText(order));
    }
  }
});

test("text stays text", () => {
  const text = "Grüße, 世界 👩‍🚀\n\tdone";
  assert.equal(terminalText(text), text);
  assert.equal(terminalText("a\r\nb\rc"), "a\nb\nc");
  assert.equal(terminalLine("a\n\n\tb"), "a b");
  assert.equal(terminalText("\x1b[2J\x07\x7f"), "␛[2J␇␡");
  assert.equal(terminalText("\u202eevil\u2066"), "\ufffdevil\ufffd");
});

test("painted text keeps our colours, and no other sequence", () => {
  const painted = "\x1b[31mfailed\x1b[0m \x1b[2mdim\x1b[0m \x1b[96mid\x1b[0m\n";
  assert.equal(paintedText(painted), painted);
  // Hidden, blinking, of a colour of its own, cleared, cut off.
  for (const order of ["\x1b[8m", "\x1b[5m", "\x1b[38;5;1m", "\x1b[m", "\x1b[2J", "\x1b[31", "\x9b31m", "\x1b]0;x\x07"])
    assert.equal(paintedText(`\x1b[1m${order}\x1b[0m`), `\x1b[1m${terminalText(order)}\x1b[0m`);
});

test("whatever comes, what goes out holds no control but tab and line feed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they must not be there.
      assert.doesNotMatch(terminalText(text), /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});
