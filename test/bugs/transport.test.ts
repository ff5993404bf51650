import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { FAILURES } from "../../src/core/failure.ts";
import { PROVIDER_HALVES } from "../../src/wire/registry.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { readAll } from "../support/streams.ts";
import { UPSTREAM_FORMATS, type UpstreamDialect } from "../support/upstream/answer.ts";
import { anthropic } from "../support/upstream/anthropic.ts";
import { openai } from "../support/upstream/openai.ts";
import { responses } from "../support/upstream/responses.ts";
import { chunk, DONE, heardWell, streamOf } from "./ask.ts";

const CONTEXT = { model: "m", serial: 1, body: { stream_options: { include_usage: true } } };
const TEXT = "grüße, 你好, 🎉🏽 and 👩‍👩‍👧";
const ANSWER = {
  thinking: { text: "grübel 🤔" },
  text: TEXT,
  toolCalls: [{ id: "call_1", name: "f", args: '{"a":"é"}' }],
};

function eventsOf(dialect: UpstreamDialect, text: string) {
  const reader = PROVIDER_HALVES.get(dialect.format)?.readStream();
  ok(reader);
  return readAll(reader, text);
}

function streamText(dialect: UpstreamDialect): string {
  const { content, closing } = dialect.frames(ANSWER, CONTEXT);
  return [...content, ...closing].join("");
}

describe("bugs others had: transport", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());

  test("34. characters cut in two by the wire (musistudio/claude-code-router 79f48c00)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      for (const client of CHAT_CLIENTS) {
        const answer = { text: TEXT, thinking: { text: "grübel 🤔" }, stream: { slice: 1 } };
        const heard = await heardWell(fleet, { client, provider, answer });
        deepEqual([heard.text, heard.thinking], [TEXT, "grübel 🤔"], `${client} from ${provider}`);
      }
    }
  });

  test("35. CRLF and CR line ends (vercel/ai#6197)", async () => {
    for (const dialect of [openai, responses, anthropic]) {
      const text = streamText(dialect);
      const plain = eventsOf(dialect, text);
      equal(plain.at(-1)?.type, "end");
      for (const end of ["\r\n", "\r"]) deepEqual(eventsOf(dialect, text.replaceAll("\n", end)), plain, dialect.format);
      const crlf = streamOf(text.replaceAll("\n", "\r\n"));
      const heard = await heardWell(fleet, { client: "ollama", provider: dialect.format, answer: crlf });
      equal(heard.text, TEXT);
    }
  });

  test("36. comments were sent on as data (mnfst/llm-gateway#2053)", async () => {
    const noisy = streamText(openai)
      .replaceAll("data: ", ": OPENROUTER PROCESSING\n: again\ndata: ")
      .replaceAll("\n\n", "\n\n: OPENROUTER PROCESSING\n\n");
    deepEqual(eventsOf(openai, noisy), eventsOf(openai, streamText(openai)));
    for (const client of ["anthropic", "openai-responses", "ollama"] as const) {
      const heard = await heardWell(fleet, { client, provider: "openai", answer: streamOf(noisy) });
      equal(heard.text, TEXT);
      doesNotMatch(heard.raw, /OPENROUTER/);
    }
  });

  test("37. keep-alives that break clients, usage beside an empty delta, leaving clients held against the provider (diegosouzapw/OmniRoute#7031, #10524, #9750, #8948, #5063)", async () => {
    const answer = { text: "hi", stream: { noise: true } };
    for (const client of CHAT_CLIENTS) {
      const { raw } = await heardWell(fleet, { client, provider: "anthropic", answer });
      if (client === "anthropic") match(raw, /event: ping\r?\ndata: \{"type": ?"ping"\}/);
      else if (client === "ollama") for (const line of raw.trimEnd().split("\n")) JSON.parse(line);
      else for (const line of raw.split("\n")) match(line, /^($|: |event: |data: )/);
      doesNotMatch(raw, /"type":"reasoning"/, "a fake item");
    }
    const usage = { prompt_tokens: 30, completion_tokens: 5, total_tokens: 35 };
    for (const frames of [
      [chunk({ content: "hi" }), chunk({}, "stop"), chunk({}, null, { usage }), DONE],
      [chunk({ content: "hi" }), chunk({}, null, { usage }), chunk({}, "stop"), DONE],
    ]) {
      const heard = await heardWell(fleet, { client: "anthropic", provider: "openai", answer: streamOf(...frames) });
      deepEqual([heard.usage?.input, heard.usage?.output], [30, 5]);
    }
    deepEqual([FAILURES["client-gone"].penalty, FAILURES["client-gone"].nextTarget], [false, false]);
  });
});
