import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { PROVIDER_HALVES } from "../../src/wire/registry.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { dataLines } from "../support/clients/heard.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { readAll } from "../support/streams.ts";
import { type Answer, named, UPSTREAM_FORMATS, type UpstreamDialect } from "../support/upstream/answer.ts";
import { anthropic } from "../support/upstream/anthropic.ts";
import { ollama } from "../support/upstream/ollama.ts";
import { openai } from "../support/upstream/openai.ts";
import { responses } from "../support/upstream/responses.ts";
import { ask, callChunk, chunk, DONE, heardWell, streamOf } from "./ask.ts";

const CONTEXT = { model: "m", serial: 1, body: { stream_options: { include_usage: true } } };
const CALL = { id: "call_1", name: "clock", args: '{"zone":"UTC"}' };
/** What a client takes for a good end. */
const GOOD_END = /\[DONE\]|"message_stop"|"response\.(completed|incomplete)"|"done":true|"finish_reason":"/;

function framesOf(dialect: UpstreamDialect, answer: Answer): string[] {
  const { content, closing } = dialect.frames(answer, CONTEXT);
  return [...content, ...closing];
}

/** Frames with a counter in the place of the last numbers: Responses counts its events. */
function counted(...events: JsonObject[]): string[] {
  return events.map((event, at) => named(String(event["type"]), { ...event, sequence_number: at }));
}

describe("bugs others had: errors and truncation", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());

  test("27. a failed response was laundered into a good end (BerriAI/litellm#32475, #32086)", async () => {
    const content = responses.frames({ text: "half an ans" }, CONTEXT).content.slice(0, 6);
    const error = { code: "server_error", message: "it broke inside" };
    const response = { id: "resp_1", object: "response", status: "failed", error, output: [], usage: null };
    const failed = named("response.failed", { type: "response.failed", sequence_number: 6, response });
    for (const client of ["openai", "anthropic", "ollama"] as const) {
      const answer = streamOf(...content, failed);
      const heard = await ask(fleet, { client, provider: "openai-responses", answer });
      ok(heard.error, heard.raw);
      match(heard.raw, /it broke inside/);
      doesNotMatch(heard.raw, GOOD_END);
      if (client === "anthropic") match(heard.raw, /event: error\ndata: \{"type":"error"/);
    }
    // The same before anything was shown is an error answer, not a stream.
    const opening = counted({
      type: "response.created",
      response: { ...response, status: "in_progress", error: null },
    });
    const heard = await ask(fleet, {
      client: "anthropic",
      provider: "openai-responses",
      answer: streamOf(...opening, failed),
    });
    equal(heard.status, 502);
  });

  test("28. an error in the middle of a stream was swallowed (Portkey-AI/gateway#741, #949, #722)", async () => {
    const answer: Answer = { text: "three deltas", stream: { error: "Overloaded" } };
    for (const client of CHAT_CLIENTS) {
      const heard = await ask(fleet, { client, provider: "anthropic", answer });
      match(heard.error?.message ?? `no error: ${heard.raw}`, /Overloaded/);
      doesNotMatch(heard.raw, GOOD_END);
    }
  });

  test("29. a truncated answer was taken for a whole one (farion1231/cc-switch#4189, vercel/ai d68139c, diegosouzapw/OmniRoute#7699)", async () => {
    for (const dialect of [openai, responses, anthropic, ollama]) {
      const { content } = dialect.frames({ thinking: { text: "hm" }, text: "hi", toolCalls: [CALL] }, CONTEXT);
      for (let count = 0; count <= content.length; count++) {
        const reader = PROVIDER_HALVES.get(dialect.format)?.readStream();
        ok(reader);
        const events = readAll(reader, content.slice(0, count).join(""));
        equal(events.at(-1)?.type, "error", `${dialect.format} cut after ${count} of ${content.length} frames`);
      }
    }
    for (const provider of UPSTREAM_FORMATS) {
      for (const client of CHAT_CLIENTS) {
        const heard = await ask(fleet, { client, provider, answer: { text: "half an ans", stream: { cut: "end" } } });
        ok(heard.error, heard.raw);
        doesNotMatch(heard.raw, GOOD_END);
      }
    }
  });

  test("30. an error chunk nobody raised, chunks without finish_reason (mlflow/mlflow#25897, #24111)", async () => {
    const heard = await ask(fleet, {
      client: "openai",
      provider: "anthropic",
      answer: { text: "hi", stream: { error: "it broke" } },
    });
    match(heard.error?.message ?? "", /it broke/);
    const chunks = dataLines(
      (await heardWell(fleet, { client: "openai", provider: "anthropic", answer: { text: "hi" } })).raw,
    );
    for (const frame of chunks) {
      const [choice] = Array.isArray(frame["choices"]) ? frame["choices"] : [];
      ok(typeof choice === "object" && choice !== null && "finish_reason" in choice, JSON.stringify(frame));
    }
  });

  test("31. an error page that is no JSON showed as a parse error (ollama/ollama#14828)", async () => {
    const text = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for (const provider of UPSTREAM_FORMATS) {
      for (const client of CHAT_CLIENTS) {
        const answer = { error: { status: 502, message: "", text } };
        const heard = await ask(fleet, { client, provider, answer, stream: false });
        equal(heard.error?.status, 502);
        match(heard.raw, /502 Bad Gateway/);
        doesNotMatch(heard.raw, /Unexpected token|JSON/);
        ok(JSON.parse(heard.raw).error, "not in the client's own form");
      }
    }
  });

  test("32. an empty stream of status 200 was accepted (Soju06/codex-lb#2364)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      for (const client of CHAT_CLIENTS) {
        const heard = await ask(fleet, { client, provider, answer: { stream: { empty: true } } });
        equal(heard.status, 502, `${client} from ${provider}`);
        ok(heard.error);
      }
    }
  });

  test('33. finish_reason "" on every chunk was taken for the end, so tools never ran (CangShui/workbuddy-gateway#3)', async () => {
    const blank = (frame: string) => frame.replace('"finish_reason":null', '"finish_reason":""');
    const frames = framesOf(openai, { text: "hi", toolCalls: [CALL] }).map(blank);
    ok(frames.some((frame) => frame.includes('"finish_reason":""')));
    for (const client of ["anthropic", "openai-responses", "ollama"] as const) {
      const heard = await heardWell(fleet, { client, provider: "openai", answer: streamOf(...frames) });
      equal(heard.text, "hi");
      deepEqual(
        heard.toolCalls.map((call) => call.args),
        [CALL.args],
      );
    }
    const never = [chunk({ content: "hi" }, ""), callChunk({ index: 0, id: "a", function: { name: "f" } }), DONE].map(
      blank,
    );
    ok((await ask(fleet, { client: "anthropic", provider: "openai", answer: streamOf(...never.slice(0, 2)) })).error);
  });
});
