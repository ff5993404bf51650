import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../../src/core/json.ts";
import { ASK, ASK_UNCHECKED } from "../clients/ask.ts";
import { type Answer, UPSTREAM_FORMATS, type UpstreamFormat } from "./answer.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

// The oracle is checked by the official SDKs before anything is checked by it.
const BODY: Record<UpstreamFormat, JsonObject> = {
  openai: {
    model: "m",
    messages: [{ role: "user", content: "hi" }],
    stream_options: { include_usage: true },
  },
  "openai-responses": { model: "m", input: "hi" },
  anthropic: { model: "m", max_tokens: 100, messages: [{ role: "user", content: "hi" }] },
  ollama: { model: "m", messages: [{ role: "user", content: "hi" }] },
  gemini: { model: "m", contents: [{ role: "user", parts: [{ text: "hi" }] }] },
};
const ANSWER: Answer = {
  thinking: { text: "let me see 🤔 …", state: "c2ln" },
  text: "grüße 你好 🎉 and so on",
  toolCalls: [
    { id: "call_1", name: "look", args: '{"at":"a b"}' },
    { id: "call_2", name: "now", args: "" },
  ],
  usage: { input: 30, output: 12, cachedRead: 10, reasoning: 4 },
};

for (const format of UPSTREAM_FORMATS) {
  describe(`scripted ${format} upstream, by its SDK`, () => {
    let upstream: Upstream;
    let base = "";
    before(async () => {
      upstream = await startUpstream(format);
      base = upstream.url.replace(/\/v1(?:beta)?$/, "");
    });
    after(() => upstream.close());
    for (const stream of [false, true]) {
      const mode = stream ? "streamed" : "whole";
      test(`${mode}: thinking, text, calls, usage`, async () => {
        for (const quirks of [{}, { slice: 7 }, { noise: true }]) {
          upstream.answer({ ...ANSWER, stream: quirks });
          const heard = await ASK[format](base, BODY[format], stream);
          equal(heard.error, undefined);
          equal(heard.text, ANSWER.text);
          equal(heard.thinking, ANSWER.thinking?.text);
          deepEqual(
            heard.toolCalls.map((call) => [call.name, JSON.parse(call.args || "{}")]),
            [
              ["look", { at: "a b" }],
              ["now", {}],
            ],
          );
          equal(heard.usage?.input, 30);
          equal(heard.usage?.cachedRead, 10);
        }
      });
      test(`${mode}: an error`, async () => {
        upstream.answer({ error: { status: 429, message: "slow down" } });
        const heard = await ASK[format](base, BODY[format], stream);
        equal(heard.error?.status, 429);
        ok(heard.error.message.includes("slow down"));
      });
    }
    test("streamed: cut, broken and failing streams raise", async () => {
      for (const quirks of [{ cut: "end" }, { cut: "reset" }, { error: "it broke" }] as const) {
        upstream.answer({ text: "half an ans", stream: quirks });
        const heard = await ASK_UNCHECKED[format](base, BODY[format], true);
        ok(heard.error, `${JSON.stringify(quirks)} looked like an answer: ${heard.raw}`);
      }
    });
  });
}
