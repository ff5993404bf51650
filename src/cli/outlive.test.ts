import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { outliveMistakes, outliveTerminal } from "./outlive.ts";

test("what nobody caught is told with its stack and counted; a flood of it does not fill the log", () => {
  const events = new EventEmitter();
  const lines: string[] = [];
  outliveMistakes((level, message) => lines.push(`${level}: ${message}`), events);
  events.emit("uncaughtException", new Error("boom"));
  events.emit("unhandledRejection", "no error at all");
  assert.match(lines[0] ?? "", /^error: an error nobody caught \(number 1\), .*: Error: boom\n +at /);
  assert.match(lines[1] ?? "", /a rejection nobody handled \(number 2\), .*: no error at all$/);
  for (let times = 0; times < 1_000; times++) events.emit("uncaughtException", new Error("again"));
  assert.equal(lines.length, 100 + 9 + 1 - 1);
});

test("output that breaks is nobody's business", () => {
  const stream = new EventEmitter();
  outliveTerminal([stream]);
  assert.ok(stream.emit("error", new Error("EPIPE")));
});
