import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvents } from "../../test/support/answers.ts";
import type { ChatEvent } from "../core/event.ts";
import { reduceEvents } from "../core/response.ts";
import { BlockSequencer, ImplicitBlocks } from "./blocks.ts";

function sequence(events: readonly ChatEvent[]): ChatEvent[] {
  const out: ChatEvent[] = [];
  const sequencer = new BlockSequencer((event) => out.push(event));
  for (const event of events) sequencer.push(event);
  return out;
}

/** Fails when two blocks are open at once, or an event names a block that is not. */
function assertOneAtATime(events: readonly ChatEvent[]): void {
  let open: number | undefined;
  for (const event of events) {
    if (!("index" in event)) continue;
    if (event.type === "block-start" || event.type === "opaque") {
      assert.equal(open, undefined, `block ${event.index} opens inside block ${open}`);
      if (event.type === "block-start") open = event.index;
    } else {
      assert.equal(event.index, open, `${event.type} for a block that is not open`);
      if (event.type === "block-end") open = undefined;
    }
  }
}

const call = (index: number): ChatEvent => ({
  type: "block-start",
  index,
  block: { type: "tool-call", id: `c${index}`, name: "t", kind: "function" },
});
const args = (index: number, text: string): ChatEvent => ({ type: "arguments-delta", index, text });
const end = (index: number): ChatEvent => ({ type: "block-end", index });

test("sequenced blocks never overlap, in order of opening, and nothing is lost", () => {
  fc.assert(
    fc.property(anyEvents, (events) => {
      const out = sequence(events);
      assertOneAtATime(out);
      assert.equal(out.length, events.length);
      assert.deepEqual(reduceEvents(out).response(), reduceEvents(events).response());
      const opened = out.flatMap((event) => (event.type === "block-start" ? [event.index] : []));
      assert.deepEqual(
        opened,
        opened.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 500 },
  );
});

test("blocks that were never ended are ended before the finish, one after the other", () => {
  fc.assert(
    fc.property(anyEvents, fc.nat(), (events, at) => {
      const cut = events.slice(0, 1 + (at % (events.length - 2)));
      const out = sequence([...cut, { type: "finish", reason: "length" }, { type: "end" }]);
      assertOneAtATime(out);
      assert.deepEqual(reduceEvents(out).response().parts, reduceEvents(cut).response().parts);
      const starts = out.filter((event) => event.type === "block-start").length;
      assert.equal(out.filter((event) => event.type === "block-end").length, starts);
      assert.deepEqual(
        out.slice(-2).map((event) => event.type),
        ["finish", "end"],
      );
    }),
    { numRuns: 500 },
  );
});

test("interleaved deltas reach their own block (Wei-Shaw/sub2api#4302, praxis-proxy/ai#266)", () => {
  const out = sequence([
    call(0),
    call(1),
    args(0, '{"a"'),
    args(1, '{"b"'),
    args(0, ":1}"),
    args(1, ":2}"),
    end(0),
    end(1),
  ]);
  assert.deepEqual(out, [
    call(0),
    args(0, '{"a"'),
    args(0, ":1}"),
    end(0),
    call(1),
    args(1, '{"b"'),
    args(1, ":2}"),
    end(1),
  ]);
});

test("the open block streams on at once, held ones follow as soon as it ends", () => {
  const out: ChatEvent[] = [];
  const sequencer = new BlockSequencer((event) => out.push(event));
  for (const event of [call(0), call(1), args(1, "x"), args(0, "y")]) sequencer.push(event);
  assert.deepEqual(out, [call(0), args(0, "y")]);
  sequencer.push({ type: "ping" });
  sequencer.push(end(0));
  assert.deepEqual(out.slice(2), [{ type: "ping" }, end(0), call(1), args(1, "x")]);
  sequencer.push(args(1, "z"));
  assert.deepEqual(out.at(-1), args(1, "z"));
});

test("an opaque block waits for the open one", () => {
  const opaque: ChatEvent = {
    type: "opaque",
    index: 1,
    part: { type: "opaque", dialect: "anthropic", what: "server_tool_use", value: {} },
  };
  assert.deepEqual(sequence([call(0), opaque, end(0)]), [call(0), end(0), opaque]);
});

test("an error comes at once: a call cut in its middle never looks complete", () => {
  const error: ChatEvent = { type: "error", failure: { kind: "cut", message: "cut" } };
  assert.deepEqual(sequence([call(0), call(1), args(1, "x"), end(1), args(0, "y"), error]), [
    call(0),
    args(0, "y"),
    error,
  ]);
});

test("implicit blocks: a change of kind closes text, calls stay open to the finish", () => {
  const blocks = new ImplicitBlocks();
  const out: ChatEvent[] = [];
  blocks.reasoning("r", out);
  blocks.text("", out);
  blocks.text("a", out);
  blocks.text("b", out);
  blocks.openTool(3, { type: "tool-call", id: "x", name: "t", kind: "function" }, out);
  blocks.openTool(1, { type: "tool-call", id: "y", name: "t", kind: "function" }, out);
  blocks.toolArguments(3, "{}", out);
  blocks.toolArguments(9, "nobody's", out);
  blocks.text("c", out);
  blocks.finish("stop", "stop", out);
  const shape = out.map((event) => ("index" in event ? `${event.type} ${event.index}` : event.type));
  assert.deepEqual(shape, [
    "block-start 0",
    "reasoning-delta 0",
    "block-end 0",
    "block-start 1",
    "text-delta 1",
    "text-delta 1",
    "block-end 1",
    "block-start 2",
    "block-start 3",
    "arguments-delta 2",
    "block-start 4",
    "text-delta 4",
    "block-end 4",
    "block-end 2",
    "block-end 3",
    "finish",
  ]);
  assert.deepEqual(out.at(-1), { type: "finish", reason: "tool_calls", native: "stop" });
});

test("a length after calls stays a length: the arguments may be cut (ollama/ollama#17485)", () => {
  const blocks = new ImplicitBlocks();
  const out: ChatEvent[] = [];
  blocks.openTool(0, { type: "tool-call", id: "x", name: "t", kind: "function" }, out);
  blocks.finish("length", "length", out);
  assert.deepEqual(out.at(-1), { type: "finish", reason: "length", native: "length" });
});

test("a key used again opens a second block and ends the first", () => {
  const blocks = new ImplicitBlocks();
  const out: ChatEvent[] = [];
  blocks.openTool(0, { type: "tool-call", id: "x", name: "t", kind: "function" }, out);
  blocks.openTool(0, { type: "tool-call", id: "y", name: "t", kind: "function" }, out);
  blocks.finish("stop", "stop", out);
  assertOneAtATime(out);
  assert.equal(out.filter((event) => event.type === "block-end").length, 2);
});

test("whole calls can be closed at once, and state closes its reasoning", () => {
  const blocks = new ImplicitBlocks();
  const out: ChatEvent[] = [];
  blocks.reasoning("r", out);
  blocks.reasoningState({ dialect: "anthropic", kind: "signature", value: "s" }, out);
  blocks.reasoningState({ dialect: "anthropic", kind: "redacted", value: "t" }, out);
  blocks.openTool("a", { type: "tool-call", id: "x", name: "t", kind: "function" }, out);
  assert.equal(blocks.hasTool("a"), true);
  blocks.closeTool("a", out);
  blocks.closeTool("a", out);
  assert.equal(blocks.hasTool("a"), false);
  assert.equal(blocks.textIndex(out), 3);
  assert.equal(blocks.opaqueIndex(out), 4);
  blocks.finish("other", "", out);
  assertOneAtATime(out);
  assert.deepEqual(out.at(-1), { type: "finish", reason: "tool_calls", native: "" });
});
