import assert from "node:assert/strict";
import { test } from "node:test";
import { Losses } from "../core/loss.ts";
import { anthropicSupport } from "./anthropic/support.ts";
import { type BlockWords, joinTurns, type Turn } from "./turns.ts";

/** Blocks are words here: `call:a`, `result:a`, anything else is text. */
const WORDS: BlockWords<string> = {
  callId: (block) => (block.startsWith("call:") ? block.slice(5) : undefined),
  resultId: (block) => (block.startsWith("result:") ? block.slice(7) : undefined),
  filler: ".",
};

function joined(...written: Turn<"model" | "system", string>[]) {
  const losses = new Losses(anthropicSupport);
  const turns = joinTurns(written, WORDS, losses).map(({ role, content }) => `${role}(${content.join(" ")})`);
  return [...turns, ...losses.list.map((loss) => loss.treatment)];
}

test("neighbours of one role are one turn; results stand first, in the order of their calls", () => {
  const turns = joined(
    { role: "user", content: ["go"] },
    { role: "model", content: ["call:a"] },
    { role: "model", content: [] },
    { role: "model", content: ["call:b"] },
    { role: "user", content: ["wait"] },
    { role: "user", content: ["result:b", "result:a"] },
  );
  assert.deepEqual(turns, ["user(go)", "model(call:a call:b)", "user(result:a result:b wait)"]);
});

test("a turn with keys of its own stays for itself, even without content", () => {
  const system: Turn<"model" | "system", string> = { role: "system", content: [], extra: { effort: "low" } };
  const turns = joined({ role: "user", content: ["go"] }, system, { role: "system", content: ["note"] });
  assert.deepEqual(turns, ["user(go)", "system()", "system(note)"]);
});

test("the user begins, behind what the system says", () => {
  const inserted = "user turn inserted before the first";
  assert.deepEqual(joined(), ["user(.)", inserted]);
  assert.deepEqual(joined({ role: "model", content: ["hi"] }), ["user(.)", "model(hi)", inserted]);
  assert.deepEqual(joined({ role: "system", content: ["s"] }, { role: "model", content: ["hi"] }), [
    "system(s)",
    "user(.)",
    "model(hi)",
    inserted,
  ]);
});
