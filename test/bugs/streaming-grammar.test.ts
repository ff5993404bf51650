import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asNumber, asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { checkAnthropicStream } from "../support/anthropic-grammar.ts";
import { dataLines } from "../support/clients/heard.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { checkResponsesStream } from "../support/responses-grammar.ts";
import { type Answer, UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { anthropic } from "../support/upstream/anthropic.ts";
import { openai } from "../support/upstream/openai.ts";
import { responses } from "../support/upstream/responses.ts";
import { ask, callChunk, chunk, DONE, heardWell, streamOf } from "./ask.ts";

const CONTEXT = { model: "m", serial: 1, body: { stream_options: { include_usage: true } } };
const CALLS = ["a", "b"].map((id) => ({ id: `call_${id}`, name: "clock", args: `{"zone":"${id}"}` }));
/** Everything an answer may hold, in the order models give it. */
const FULL: Answer = { thinking: { text: "hm, let me see" }, text: "one moment", toolCalls: CALLS };
const USAGE = { include_usage: true };

/** The frames of an answer as a provider writes them, to be bent by a test. */
function framesOf(format: UpstreamFormat, answer: Answer): string[] {
  const dialect = { openai, anthropic, "openai-responses": responses }[String(format)] ?? openai;
  const { content, closing } = dialect.frames(answer, CONTEXT);
  return [...content, ...closing];
}

function choicesOf(raw: string): JsonObject[] {
  return dataLines(raw).flatMap((frame) => objectsOf(frame["choices"]));
}

describe("bugs others had: the grammar of streams", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());

  test("15. no role in the first chunk (Portkey-AI/gateway#1399, #1000)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      for (const answer of [{ text: "hi" }, { toolCalls: CALLS }, { thinking: { text: "hm" }, text: "hi" }]) {
        const { raw } = await heardWell(fleet, { client: "openai", provider, answer });
        const roles = choicesOf(raw).map((choice) => asObject(choice["delta"])?.["role"]);
        deepEqual([roles[0], roles.slice(1).filter(Boolean)], ["assistant", []], provider);
      }
    }
  });

  test("16. usage after the finish was dropped, doubled, or crashed on empty choices (maximhq/bifrost#191, Portkey-AI/gateway#1072, #1338)", async () => {
    const usage = { prompt_tokens: 30, completion_tokens: 5, total_tokens: 35 };
    const last = `data: ${JSON.stringify({ id: "c1", model: "m", choices: [], usage })}\n\n`;
    for (const frames of [
      [chunk({ content: "hi" }), chunk({}, "stop"), last, DONE],
      [chunk({ content: "hi" }, null, { usage }), chunk({}, "stop", { usage }), last, DONE],
    ]) {
      for (const client of ["anthropic", "openai-responses", "ollama"] as const) {
        const heard = await heardWell(fleet, { client, provider: "openai", answer: streamOf(...frames) });
        deepEqual([heard.usage?.input, heard.usage?.output], [30, 5], client);
      }
    }
    for (const provider of UPSTREAM_FORMATS) {
      const fields = { stream_options: USAGE };
      const { raw } = await heardWell(fleet, { client: "openai", provider, fields, answer: { text: "hi" } });
      equal(dataLines(raw).filter((frame) => asObject(frame["usage"])).length, 1, raw);
    }
  });

  test("17. the finish stood on a content chunk, and length was overwritten by tool_calls (ollama/ollama#17485)", async () => {
    for (const provider of ["anthropic", "ollama", "openai-responses"] as const) {
      const answer: Answer = { text: "hi", toolCalls: CALLS.slice(0, 1), finish: "length" };
      const fields = { stream_options: USAGE };
      const { raw } = await heardWell(fleet, { client: "openai", provider, fields, answer });
      const shape = dataLines(raw).map((frame) => {
        const [choice] = objectsOf(frame["choices"]);
        if (!choice) return asObject(frame["usage"]) ? "usage" : "nothing";
        const finish = choice["finish_reason"];
        return [...Object.keys(asObject(choice["delta"]) ?? {}), ...(finish === null ? [] : [finish])].join();
      });
      match(shape.join(" "), /^role,content (content )+(tool_calls )+length usage$/, provider);
      ok(raw.endsWith(DONE));
    }
  });

  test("18. a second message_start (maximhq/bifrost#4556, vercel/ai duplicate-message-start)", async () => {
    const [start = "", ...rest] = framesOf("anthropic", { text: "hi" });
    for (const frames of [
      [start, start, ...rest],
      [start, rest[0] ?? "", start, ...rest.slice(1)],
    ]) {
      const answer = streamOf(...frames);
      const chat = await heardWell(fleet, { client: "openai", provider: "anthropic", answer });
      equal(chat.text, "hi");
      equal(choicesOf(chat.raw).filter((choice) => asObject(choice["delta"])?.["role"]).length, 1);
      const { raw } = await heardWell(fleet, { client: "openai-responses", provider: "anthropic", answer });
      equal(raw.split("event: response.created").length, 2);
    }
  });

  test("19. block indices that overlap or have gaps (maximhq/bifrost#3441, QuantumNous/new-api#5482, #2854)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      const { raw } = await heardWell(fleet, { client: "anthropic", provider, answer: FULL });
      const starts = checkAnthropicStream(raw).filter((frame) => frame.event === "content_block_start");
      deepEqual(
        starts.map(({ data }) => asNumber(data["index"])),
        [0, 1, 2, 3],
      );
    }
  });

  test("20. thinking, text, thinking, call: indices used twice, text left open (ollama/ollama#14825, #14816, #17225)", async () => {
    const frames = [
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning_content: "first" }),
      chunk({ content: "said" }),
      chunk({ reasoning_content: "second" }),
      callChunk({ index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "{}" } }),
      chunk({}, "tool_calls"),
      DONE,
    ];
    const { raw } = await heardWell(fleet, { client: "anthropic", provider: "openai", answer: streamOf(...frames) });
    const blocks = checkAnthropicStream(raw).map(({ data }) => asObject(data["content_block"])?.["type"]);
    deepEqual(blocks.filter(Boolean), ["thinking", "text", "thinking", "tool_use"]);
  });

  test("21. a block started for every token, and no signature (ggml-org/llama.cpp#18551)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      const answer: Answer = { thinking: { text: "a longer thought, in many deltas" }, text: "and a longer answer" };
      const { raw } = await heardWell(fleet, { client: "anthropic", provider, answer });
      const frames = checkAnthropicStream(raw).map(({ event, data }) => [event, asObject(data["delta"])?.["type"]]);
      equal(frames.filter(([event]) => event === "content_block_start").length, 2);
      equal(frames.filter(([, type]) => type === "signature_delta").length, 1);
    }
  });

  test("22. Responses events without sequence_number, output_index or token details (ggml-org/llama.cpp#21174, #24957)", async () => {
    for (const provider of UPSTREAM_FORMATS) {
      if (provider === "openai-responses") continue;
      const { raw } = await heardWell(fleet, { client: "openai-responses", provider, answer: FULL });
      checkResponsesStream(raw);
    }
  });

  test("23. item ids that change inside a stream (vercel/ai 73d48d0)", async () => {
    let turn = 0;
    const rotated = framesOf("openai-responses", FULL).map((frame) =>
      frame.replaceAll(/"(item_id|id)":"(rs|msg|fc)_[^"]*"/g, (_, key, kind) => `"${key}":"${kind}_${turn++}"`),
    );
    for (const client of ["openai", "anthropic", "ollama"] as const) {
      const heard = await heardWell(fleet, { client, provider: "openai-responses", answer: streamOf(...rotated) });
      deepEqual([heard.text, heard.thinking], [FULL.text, FULL.thinking?.text]);
      const calls = heard.toolCalls.map(({ id, args }) => [id, args]);
      deepEqual(
        calls,
        CALLS.map(({ id, args }) => [id, args]),
      );
    }
  });

  test("24. only done events, no deltas (Soju06/codex-lb#504)", async () => {
    const silent = framesOf("openai-responses", FULL).filter((frame) => !/^event: .*(delta|part\.added)\n/.test(frame));
    for (const client of ["openai", "anthropic", "ollama"] as const) {
      const heard = await heardWell(fleet, { client, provider: "openai-responses", answer: streamOf(...silent) });
      deepEqual([heard.text, heard.thinking, heard.toolCalls.length], [FULL.text, FULL.thinking?.text, 2]);
    }
    const { raw } = await heardWell(fleet, { client: "openai-responses", provider: "anthropic", answer: FULL });
    const deltas = dataLines(raw).filter((frame) => frame["type"] === "response.output_text.delta");
    equal(deltas.map((frame) => asString(frame["delta"])).join(""), FULL.text);
  });

  test("25. waited for [DONE] where there is none (router-for-me/CLIProxyAPI#5028)", async () => {
    const frames = framesOf("openai-responses", { text: "hi" });
    doesNotMatch(frames.join(""), /DONE/);
    for (const client of CHAT_CLIENTS) {
      equal((await heardWell(fleet, { client, provider: "openai-responses", answer: streamOf(...frames) })).text, "hi");
    }
    const frank = framesOf("openai", { text: "hi" }).filter((frame) => frame !== DONE);
    equal((await heardWell(fleet, { client: "anthropic", provider: "openai", answer: streamOf(...frank) })).text, "hi");
  });

  test("26. the terminal of another API (talon#254)", async () => {
    const LAST = {
      openai: /^data: \[DONE\]$/,
      "openai-responses": /^event: response\.completed\ndata: \{.*\}$/,
      anthropic: /^event: message_stop\ndata: \{"type":"message_stop"\}$/,
      ollama: /^\{.*"done":true.*\}$/,
      gemini: /^data: \{.*"finishReason":"STOP".*\}$/,
    };
    for (const provider of UPSTREAM_FORMATS) {
      for (const client of CHAT_CLIENTS) {
        const { raw } = await ask(fleet, { client, provider, answer: { text: "hi" } });
        const parts = raw.trimEnd().split(client === "ollama" ? "\n" : "\n\n");
        match(parts.at(-1) ?? "", LAST[client]);
        if (client !== "openai") doesNotMatch(raw, /\[DONE\]/);
      }
    }
  });
});
