import { deepEqual, notEqual } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { UpstreamFormat } from "../support/upstream/answer.ts";
import { chatDialect } from "../support/upstream/upstream.ts";
import { ALL_SCRIPTS, type Script } from "./scripts.ts";
import { eventsFrom } from "./translate.ts";

/** The same frames in other bytes. Undefined where the framing has nothing of the kind. */
type Variant = (frames: string[], sse: boolean) => string | undefined;

const sseOnly =
  (change: (frames: string[]) => string): Variant =>
  (frames, sse) =>
    sse ? change(frames) : undefined;

const VARIANTS: Record<string, Variant> = {
  CRLF: (frames) => frames.join("").replaceAll("\n", "\r\n"),
  CR: (frames, sse) => (sse ? frames.join("").replaceAll("\n", "\r") : undefined),
  "line ends in turns": (frames) => frames.map((frame, at) => frame.replaceAll("\n", at % 2 ? "\r\n" : "\n")).join(""),
  "a byte order mark": (frames) => `\ufeff${frames.join("")}`,
  "a last event without its blank line": (frames) => frames.join("").trimEnd(),
  "a last event with half its blank line": sseOnly((frames) => `${frames.join("").trimEnd()}\n`),
  "empty lines between": (frames) => `\n\n${frames.join("\n\n")}\n\n`,
  "comments between": sseOnly((frames) => `: hello\n\n${frames.join(": OPENROUTER PROCESSING\n\n:\n\n")}: bye\n\n`),
  "comments inside": sseOnly((frames) =>
    frames.map((frame) => `: ping\n${frame.replaceAll("\ndata:", "\n:\ndata:").trimEnd()}\n: end\n\n`).join(""),
  ),
  "no blank behind the colon": sseOnly((frames) => frames.join("").replace(/^(event|data): /gm, "$1:")),
  "fields of no interest": sseOnly((frames) =>
    frames.map((frame) => `id: 7\nretry: 3000\nfoo: bar\nfoo\n${frame}`).join(""),
  ),
  "data before the name": sseOnly((frames) => frames.join("").replace(/^(event: .*)\n(data: [^\n]*)\n/gm, "$2\n$1\n")),
  "data in several lines": sseOnly((frames) =>
    frames.join("").replace(/^data: (\{[^\n]*)$/gm, (_, json) => spread(json)),
  ),
  "[DONE] with blanks": sseOnly((frames) => frames.join("").replace("data: [DONE]", "data:  [DONE]  ")),
};

function spread(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 1)
    .split("\n")
    .map((line) => `data: ${line}`)
    .join("\n");
}

describe("the same frames in other bytes, in any slices, are the same events", () => {
  for (const script of ALL_SCRIPTS) {
    const expected = eventsFrom(script.format, script.bytes);
    test(`${script.format}: ${script.name}`, () => {
      notEqual(expected.length, 0);
      deepEqual(eventsFrom(script.format, script.bytes, [1]), expected, "cut at every byte");
      for (const [name, variant] of Object.entries(VARIANTS)) checkVariant(script, name, variant, expected);
      const slices = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 12 });
      const runs = { numRuns: 15 };
      fc.assert(
        fc.property(slices, (sizes) => deepEqual(eventsFrom(script.format, script.bytes, sizes), expected)),
        runs,
      );
    });
  }
});

test("each of the other framings is another one", () => {
  for (const [name, variant] of Object.entries(VARIANTS)) {
    const others = ALL_SCRIPTS.filter(({ format, frames }) => {
      const text = variant(frames, isSse(format));
      return text !== undefined && text !== frames.join("");
    });
    notEqual(others.length, 0, name);
  }
});

function isSse(format: UpstreamFormat): boolean {
  return chatDialect(format).streamType.startsWith("text/event-stream");
}

function checkVariant(script: Script, name: string, variant: Variant, expected: unknown): void {
  const text = variant(script.frames, isSse(script.format));
  if (text === undefined) return;
  const bytes = Buffer.from(text);
  for (const sizes of [[1 << 20], [1], [7, 2]]) {
    deepEqual(eventsFrom(script.format, bytes, sizes), expected, `${name}, in slices of ${sizes}`);
  }
}
