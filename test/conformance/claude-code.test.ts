import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import type { JsonObject } from "../../src/core/json.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, PROVIDER_FORMATS, startFleet } from "../support/fleet.ts";
import { inProcess, oneProvider } from "../support/in-process.ts";
import { readSeen } from "../support/seen/read.ts";
import { itemsWith } from "../support/seen/seen.ts";
import { type Answer, UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { startUpstream } from "../support/upstream/upstream.ts";
import { PNG } from "./features/media.ts";

const BILLING = "x-anthropic-billing-header: cc_version=2.1.330; cch=1f;";
const marked = (text: string): JsonObject => ({ type: "text", text, cache_control: { type: "ephemeral" } });

/** A second request of Claude Code as it was seen: everything other APIs have no word for is in it. */
function claudeCode(model: string): JsonObject {
  return {
    model,
    max_tokens: 32000,
    stream: true,
    system: [{ type: "text", text: BILLING }, marked("You are Claude Code."), marked("Be careful.")],
    messages: [
      { role: "user", content: [{ type: "text", text: "<system-reminder>ctx</system-reminder>" }, marked("do it")] },
      { role: "system", content: [marked("Mid note.")], output_config: { effort: "low" } },
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "toolu_1", name: "ToolSearch", input: { query: "select:WebFetch" } },
          { type: "tool_use", id: "toolu_2", name: "Read", input: { file_path: "/a.png" } },
        ],
      },
      {
        role: "user",
        content: [
          {
            type: "tool_result",
            tool_use_id: "toolu_2",
            content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }],
            is_error: false,
          },
          {
            type: "tool_result",
            tool_use_id: "toolu_1",
            content: [{ type: "tool_reference", tool_name: "WebFetch" }],
            cache_control: { type: "ephemeral" },
          },
          { type: "text", text: "go on" },
        ],
      },
    ],
    tools: ["ToolSearch", "Read", "WebFetch"].map((name) => ({
      name,
      description: name,
      input_schema: { type: "object", properties: { query: { type: "string" } } },
      ...(name === "WebFetch" && { defer_loading: true }),
    })),
    metadata: { user_id: JSON.stringify({ device_id: "d".repeat(64), session_id: "s" }) },
    thinking: { type: "adaptive", display: "omitted" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    output_config: { effort: "high" },
  };
}

const HEADERS = {
  authorization: "Bearer k",
  "anthropic-version": "2023-06-01",
  "anthropic-beta": "claude-code-20250219,brand-new-2027-01-01",
  "x-claude-code-session-id": "session-1",
};

describe("Claude Code", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());

  function ask(body: JsonObject) {
    const url = `${fleet.router.url}/v1/messages?beta=true`;
    return exchange(url, { headers: HEADERS, body: JSON.stringify(body) });
  }

  for (const provider of UPSTREAM_FORMATS) {
    test(`its second request, over ${provider}`, async () => {
      fleet.answer({ text: "done" });
      const { asked, sent } = modelFor(provider);
      const body = claudeCode(asked);
      const got = await ask(body);
      equal(got.status, 200, got.body.toString());
      match(got.body.toString(), /event: message_stop/);
      const { raw, body: received, headers, query } = fleet.upstreams[provider].last();
      if (provider === "anthropic") {
        deepEqual(received, { ...body, model: sent });
        equal(headers["anthropic-beta"], HEADERS["anthropic-beta"]);
        equal(query, "?beta=true");
        return;
      }
      equal(headers["anthropic-beta"], undefined);
      ok(!raw.includes("x-anthropic-billing-header"), "the attribution block is noise for others");
      for (const field of ["context_management", "defer_loading", "tool_reference", "beta"])
        ok(!raw.includes(field), `${field} is Anthropic's own`);
      const seen = readSeen(provider, received);
      deepEqual(seen.unknown, []);
      const texts = JSON.stringify(seen.items);
      for (const said of ["You are Claude Code.", "Mid note.", "The tool WebFetch is available now.", "go on", PNG])
        ok(texts.includes(said), `${said} is missing`);
      deepEqual(itemsWith(seen, "result").length, 2);
      // Nothing of it changes the answer, so nothing is reported.
      const losses = String(got.headers["x-router-losses"] ?? "");
      if (provider === "gemini")
        match(losses, /^messages\[1\]=system message sent as a <system-reminder> of the user$/);
      else equal(losses, "");
    });
  }

  for (const provider of PROVIDER_FORMATS.filter((format) => format !== "anthropic")) {
    test(`the SDK's tool runner does without threads, over ${provider}`, async () => {
      const call: Answer = { toolCalls: [{ id: "call_1", name: "clock", args: "{}" }] };
      let turns = 0;
      fleet.answer(() => (turns++ === 0 ? call : { text: "It is noon." }));
      const client = new Anthropic({ baseURL: fleet.router.url, apiKey: "k", maxRetries: 0 });
      let ran = 0;
      const final = await client.beta.messages.toolRunner({
        model: modelFor(provider).asked,
        max_tokens: 500,
        max_iterations: 3,
        messages: [{ role: "user", content: "what time is it?" }],
        tools: [
          {
            name: "clock",
            description: "tells the time",
            input_schema: { type: "object", properties: {} },
            parse: (input: unknown) => input,
            run: async () => {
              ran++;
              return "12:00";
            },
          },
        ],
      });
      if (provider === "simulated") return equal(final.type, "message");
      equal(ran, 1);
      deepEqual(final.content, [{ type: "text", text: "It is noon." }]);
      const seen = readSeen(provider, fleet.upstreams[provider].last().body);
      equal(itemsWith(seen, "result").length, 1);
      match(JSON.stringify(seen.items[0]), /what time is it/);
    });
  }

  test("a conversation that ran over another provider goes on over Claude", async (t) => {
    const claude = await startUpstream("anthropic");
    t.after(() => claude.close());
    const router = await inProcess(t, oneProvider("anthropic", claude.url));
    claude.answer({ text: "done" });
    const thought = { type: "thinking", thinking: "hm", signature: "" };
    const body = claudeCode("claude-opus-5-5");
    const called = { role: "assistant", content: [thought, { type: "tool_use", id: "c", name: "Read", input: {} }] };
    const answered = { role: "user", content: [{ type: "tool_result", tool_use_id: "c", content: "x" }] };
    const messages = [{ role: "user", content: "hi" }, called, answered];
    const sent = JSON.stringify({ ...body, messages });
    const got = await exchange(`${router.url}/v1/messages?beta=true`, { headers: HEADERS, body: sent });
    equal(got.status, 200, got.body.toString());
    match(String(got.headers["x-router-losses"]), /messages\[1\].content\[0\]=dropped/);
    const { body: received, query } = claude.last();
    equal(query, "?beta=true");
    // The thinking is gone; all else is as the client wrote it.
    deepEqual(received, {
      ...body,
      messages: [
        { role: "user", content: [{ type: "text", text: "hi" }] },
        { role: "assistant", content: called.content.slice(1) },
        answered,
      ],
    });
  });

  test("what it looks for before it asks may be missing, and is", async () => {
    equal((await exchange(`${fleet.router.url}/api/hello`, { method: "HEAD" })).status, 404);
    equal((await exchange(fleet.router.url, { method: "HEAD" })).status, 200);
  });
});
