import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { ChatEvent } from "../../src/core/event.ts";
import type { Part } from "../../src/core/part.ts";
import { checkStream } from "../support/check-stream.ts";
import { CLIENT_FORMATS, type ClientFormat } from "../support/clients/heard.ts";
import { ALL_SCRIPTS, type Script } from "./scripts.ts";
import { eventsFrom, readBack, writtenFor } from "./translate.ts";

/** What the last frame of a client's stream looks like when the answer failed. */
const ERROR_END: Record<ClientFormat, RegExp> = {
  openai: /\n\ndata: \{"error":[^\n]*\n\n$|^data: \{"error":[^\n]*\n\n$/,
  "openai-completions": /(^|\n\n)data: \{"error":[^\n]*\n\n$/,
  "openai-responses": /(^|\n\n)event: response\.failed\n[^\n]*\n\n$/,
  anthropic: /(^|\n\n)event: error\n[^\n]*\n\n$/,
  ollama: /(^|\n)\{"error":[^\n]*\n$/,
  "ollama-generate": /(^|\n)\{"error":[^\n]*\n$/,
  gemini: /(^|\n\n)data: \{"error":[^\n]*\n\n$/,
};

describe("a stream cut at any byte is never taken for a whole one", () => {
  for (const script of ALL_SCRIPTS) {
    test(`${script.format}: ${script.name}`, () => checkCuts(script));
  }
});

/** Most cuts give the same events as the one before: each list of events is written for the clients only once. */
function checkCuts(script: Script): void {
  const whole = eventsFrom(script.format, script.bytes);
  const seen = new Set<string>();
  let clean = 0;
  for (let at = 0; at <= script.bytes.length; at++) {
    const events = eventsFrom(script.format, script.bytes.subarray(0, at));
    const ends = events.filter((event) => event.type === "end" || event.type === "error");
    equal(ends.length, 1, `cut at ${at}: ${ends.length} terminals`);
    const last = events.at(-1);
    equal(last, ends[0], `cut at ${at}: something after the terminal`);
    if (last?.type === "end") {
      ok(at >= script.wholeFrom, `cut at ${at} of ${script.wholeFrom} needed: a clean end`);
      clean++;
    }
    const shape = `${events.length} ${last?.type}`;
    if (seen.has(shape)) continue;
    seen.add(shape);
    for (const client of CLIENT_FORMATS) checkClient(client, events, whole, at);
  }
  equal(clean > 0, Number.isFinite(script.wholeFrom), "whole streams end well, failed ones never");
}

function checkClient(client: ClientFormat, events: ChatEvent[], whole: ChatEvent[], at: number): void {
  const stream = writtenFor(client, events);
  try {
    checkStream(client, stream);
    const failed = events.at(-1)?.type === "error";
    if (failed) match(stream.toString(), ERROR_END[client]);
    else ok(!ERROR_END[client].test(stream.toString()), "an error though the answer is whole");
    expectPrefix(readBack(client, stream).parts, readBack(client, writtenFor(client, whole)).parts);
  } catch (error) {
    if (error instanceof Error) error.message = `${client}, cut at byte ${at}: ${error.message}\n${stream}`;
    throw error;
  }
}

/** Each part says the beginning of what it says in the whole; nothing is there that the whole does not have. */
function expectPrefix(parts: Part[], whole: Part[]): void {
  ok(parts.length <= whole.length, "more parts than in the whole");
  for (const [at, part] of parts.entries()) {
    const full = whole[at];
    deepEqual([part.type, labelOf(part)], [full?.type, full && labelOf(full)]);
    ok(full && textIn(full).startsWith(textIn(part)), `${textIn(part)} is no beginning of ${full && textIn(full)}`);
  }
}

function labelOf(part: Part): string {
  return part.type === "tool-call" ? `${part.id} ${part.name}` : "";
}

function textIn(part: Part): string {
  if (part.type === "tool-call") return part.arguments;
  return "text" in part ? part.text : "";
}
