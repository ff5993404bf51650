import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import type { ClientFormat, Heard } from "../support/clients/heard.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { type Answer, UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import type { Received } from "../support/upstream/upstream.ts";

const REQUESTS = 200;
const TAGS = ["t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7"];
const CLASSIFIER = `[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
${TAGS.map((tag) => `${tag} = ["word-of-${tag}"]`).join("\n")}`;

/** Fields Anthropic has no place for. */
const LOST: [string, JsonObject[string]][] = [
  ["seed", 7],
  ["frequency_penalty", 0.5],
  ["presence_penalty", 0.5],
];

interface Case {
  serial: number;
  client: ClientFormat;
  provider: UpstreamFormat;
  stream: boolean;
}

/** Each pair, whole and streamed, comes several times. */
const CASES: Case[] = Array.from({ length: REQUESTS }, (_, serial) => ({
  serial,
  client: CHAT_CLIENTS[serial % CHAT_CLIENTS.length] ?? "openai",
  provider: UPSTREAM_FORMATS[Math.floor(serial / CHAT_CLIENTS.length) % UPSTREAM_FORMATS.length] ?? "openai",
  stream: Math.floor(serial / (CHAT_CLIENTS.length * UPSTREAM_FORMATS.length)) % 2 === 0,
}));

/** Stands in everything that is said in a request or its answer. */
const mark = (serial: number): string => `mark-${serial}-end`;
const bits = <T>(list: readonly T[], serial: number): T[] => list.filter((_, bit) => (serial & (1 << bit)) !== 0);

/** Says what was asked, in small pieces, so that the answers come through one another. */
function echo({ raw }: Pick<Received, "raw">): Answer {
  const serial = Number(/mark-(\d+)-end/.exec(raw.toString())?.[1]);
  return {
    thinking: { text: `thinking ${mark(serial)}` },
    text: `text ${mark(serial)} ${"and so on ".repeat(serial % 5)}`,
    toolCalls: [{ id: `call_${mark(serial)}`, name: "look", args: JSON.stringify({ at: mark(serial) }) }],
    usage: { input: 1000 + serial, output: 2000 + serial },
    stream: { slice: 100 + serial, paceMs: 1 },
  };
}

function bodyOf({ serial, client, provider }: Case): JsonObject {
  const words = bits(TAGS, serial).map((tag) => `word-of-${tag}`);
  const content = `${mark(serial)} ${words.join(" ")}`;
  const model = modelFor(provider).asked;
  if (client === "gemini") return { model, contents: [{ role: "user", parts: [{ text: content }] }] };
  if (client === "openai-responses") return { model, input: content };
  const body = { model, messages: [{ role: "user", content }] };
  if (client === "anthropic") return { ...body, max_tokens: 1000 };
  const usage = client === "openai" ? { stream_options: { include_usage: true } } : {};
  return { ...body, ...usage, ...(client === "openai" && Object.fromEntries(bits(LOST, serial))) };
}

describe("200 requests at once through one router", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet({ more: CLASSIFIER });
    fleet.answer(echo);
  });
  after(() => fleet.close());
  test("nobody sees anything of another's", async () => {
    const answers = await Promise.all(
      CASES.map(async (one) => {
        const heard = await ASK[one.client](fleet.router.url, wholeBody(one), one.stream);
        return { one, heard };
      }),
    );
    for (const { one, heard } of answers) {
      try {
        expectOwn(one, heard);
      } catch (error) {
        if (error instanceof Error) error.message = `${JSON.stringify(one)}: ${error.message}\n${heard.raw}`;
        throw error;
      }
    }
  });
});

/** `stream_options` is for streams only. */
function wholeBody(one: Case): JsonObject {
  const { stream_options, ...body } = bodyOf(one);
  return one.stream && stream_options !== undefined ? { ...body, stream_options } : body;
}

function expectOwn({ serial, client, provider }: Case, heard: Heard): void {
  equal(heard.error, undefined);
  equal(heard.text, echo({ raw: Buffer.from(mark(serial)) }).text);
  equal(heard.thinking, `thinking ${mark(serial)}`);
  deepEqual(
    heard.toolCalls.map(({ id, args }) => [id, JSON.parse(args)]),
    [[`call_${mark(serial)}`, { at: mark(serial) }]],
  );
  deepEqual([heard.usage?.input, heard.usage?.output], [1000 + serial, 2000 + serial]);
  const marks = new Set(heard.raw.match(/mark-\d+-end/g));
  ok(marks.size <= 1, `marks of others: ${[...marks]}`);
  const header = (name: string): string[] =>
    (heard.headers.get(name) ?? "").split(", ").filter((entry) => entry !== "");
  equal(heard.headers.get("x-router-provider"), `p-${provider}`);
  deepEqual(new Set(header("x-router-request-tags").flatMap((entry) => entry.split(","))), new Set(bits(TAGS, serial)));
  const lost = header("x-router-losses").map((entry) => entry.replace(/=.*/, ""));
  const mine = client === "openai" && provider === "anthropic" ? bits(LOST, serial).map(([field]) => field) : [];
  const named = lost.filter((field) => LOST.some(([known]) => known === field));
  if (provider === "anthropic" || client !== "openai") deepEqual(named.sort(), mine.sort());
}
