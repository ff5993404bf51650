import { ok } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reduceEvents } from "../../src/core/response.ts";
import { anthropicClient } from "../../src/wire/anthropic/client.ts";
import type { ClientHalf } from "../../src/wire/format.ts";
import { ollamaClient } from "../../src/wire/ollama/client.ts";
import { openaiClient } from "../../src/wire/openai/client.ts";
import { responsesClient } from "../../src/wire/openai-responses/client.ts";
import { PROVIDER_HALVES } from "../../src/wire/registry.ts";
import { answerContext } from "../support/answers.ts";
import { readAll } from "../support/streams.ts";
import type { UpstreamDialect } from "../support/upstream/answer.ts";
import { anthropic } from "../support/upstream/anthropic.ts";
import { ollama } from "../support/upstream/ollama.ts";
import { openai } from "../support/upstream/openai.ts";
import { responses } from "../support/upstream/responses.ts";

const CONTEXT = { model: "m", serial: 1, body: { stream_options: { include_usage: true } } };
const ANSWER = { text: "hi", usage: { input: 30, output: 9, cachedRead: 10, cacheWrite: 5, reasoning: 4 } };
const CLIENTS: ClientHalf[] = [openaiClient, responsesClient, anthropicClient, ollamaClient];
const PROVIDERS: UpstreamDialect[] = [openai, responses, anthropic, ollama];

/** What servers have been seen to count, as JSON text; `1e400` is read as infinity. */
const number = fc.oneof(
  fc.integer({ min: -5, max: 50 }).map(String),
  fc.constantFrom("-1", "0", "-0", "1.5", "1e400", "-1e400", "9007199254740993", "null", '"12"', "true", "{}", "[]"),
);

/** Every token count of a text, each by one of `numbers`. */
function withCounts(text: string, numbers: readonly string[]): string {
  let at = 0;
  return text.replaceAll(/("\w*(?:tokens|count)\w*"):\d+/gi, (_, key) => `${key}:${numbers[at++ % numbers.length]}`);
}

/** Limits are the client's, and stand as null where it set none. */
const COUNT = /"(?!max_)\w*(?:_tokens|tokenCount|_count)":(?!\{)([^,}\]]+)/gi;

/** How many counts there are, none of them negative or no number at all. */
function checkCounts(written: string, where: string): number {
  const counts = [...written.matchAll(COUNT)];
  for (const [whole, value] of counts) ok(/^\d+$/.test(value ?? ""), `${where}: ${whole} in ${written}`);
  return counts.length;
}

/** Both ways a client hears the events: as a whole, and as a stream. */
function checkWritten(client: ClientHalf, events: ReturnType<typeof readAll>, where: string): number {
  const context = answerContext();
  context.request.includeUsage = true;
  const whole = JSON.stringify(client.writeResponse(reduceEvents(events).response(), context));
  const writer = client.writeStream(context);
  const stream = events.map((event) => writer.write(event)).join("");
  return Math.min(checkCounts(whole, `${where}, whole`), checkCounts(stream, `${where}, streamed`));
}

test("43. more reasoning than output made text tokens negative: absurd counts (vercel/ai 83e6510)", () => {
  for (const dialect of PROVIDERS) {
    const half = PROVIDER_HALVES.get(dialect.format);
    ok(half);
    const whole = JSON.stringify(dialect.whole(ANSWER, CONTEXT));
    const { content, closing } = dialect.frames(ANSWER, CONTEXT);
    const stream = [...content, ...closing].join("");
    const read = (...numbers: string[]) => [
      half.readResponse(JSON.parse(withCounts(whole, numbers))),
      readAll(half.readStream(), withCounts(stream, numbers)),
    ];
    for (const client of CLIENTS) {
      const where = `${client.dialect} from ${dialect.format}`;
      for (const events of read("3")) ok(checkWritten(client, events, where) >= 2, where);
    }
    fc.assert(
      fc.property(fc.array(number, { minLength: 6, maxLength: 12 }), (numbers) => {
        for (const events of read(...numbers)) {
          for (const client of CLIENTS) checkWritten(client, events, `${client.dialect} from ${dialect.format}`);
        }
      }),
      { numRuns: 30 },
    );
  }
});
