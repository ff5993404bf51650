import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { pathOf } from "../../../test/conformance/requests.ts";
import { CLIENT_FORMATS } from "../../../test/support/clients/heard.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import type { Script } from "../../../test/support/upstream/upstream.ts";
import { startUpstream } from "../../../test/support/upstream/upstream.ts";
import type { Plugin, RouterTool } from "../../plugins/plugin.ts";

/** A plugin whose one tool the router runs. */
function offering(run: RouterTool["run"]): Plugin {
  const tool: RouterTool = { tool: { kind: "function", name: "look_up", parameters: { type: "object" } }, run };
  return {
    id: "offers",
    pre_request: (exchange) => {
      exchange.adapt({
        when: () => true,
        change: (request) => ({ ...request, tools: [...request.tools, tool.tool] }),
        tools: [tool],
      });
      return "continue";
    },
  };
}

const CALL = { id: "call_1", name: "look_up", args: '{"q":"weather"}' };
const USED = { input: 10, output: 5 };

function providerOf(name: string, url: string): string {
  return `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${url}"`;
}

async function setup(
  t: { after(run: () => Promise<void>): void },
  script: Script,
  run: RouterTool["run"] = () => Promise.resolve({ text: "sunny" }),
  { before = "", more = "" } = {},
) {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  upstream.answer(script);
  const router = await inProcess(t, `${before}\n\n${oneProvider("openai", upstream.url, more)}`, {
    plugins: [offering(run)],
  });
  const ask = async (more: object = {}, client: (typeof CLIENT_FORMATS)[number] = "openai") => {
    const body = JSON.stringify({ model: "m", ...PLAIN[client], ...more });
    const got = await exchange(router.url + pathOf(client, "m", "stream" in more), { body });
    const completes = await router.completed(router.starts().length);
    return { status: got.status, text: got.body.toString(), complete: completes.at(-1) };
  };
  return { upstream, router, ask };
}

const once: Script = (_request, serial) =>
  serial === 1 ? { text: "Let me see. ", toolCalls: [CALL], usage: USED } : { text: "It is sunny.", usage: USED };

describe("a tool that the router runs", () => {
  for (const client of CLIENT_FORMATS.filter((one) => one !== "openai-completions" && one !== "ollama-generate")) {
    for (const more of [{}, { stream: true }]) {
      test(`${client}, ${JSON.stringify(more)}: the client gets one answer, the model the result`, async (t) => {
        const { ask, upstream } = await setup(t, once);
        const { status, text, complete } = await ask(more, client);
        equal(status, 200);
        ok(!text.includes("look_up"), text);
        equal(upstream.requests.length, 2);
        const messages = JSON.stringify(upstream.last().body["messages"]);
        match(messages, /"tool_calls":\[.*look_up.*weather.*"tool_call_id":"call_1"/);
        match(messages, /sunny/);
        equal(complete?.response?.content, "Let me see. It is sunny.");
        deepEqual(complete?.response?.tool_calls, []);
        equal(complete?.response?.stop_reason, "end_turn");
        deepEqual([complete?.usage?.input_tokens, complete?.usage?.output_tokens], [20, 10]);
        deepEqual([complete?.plugins, complete?.attempts.length], [["offers"], 1]);
      });
    }
  }

  test("what goes wrong in it is told the model", async (t) => {
    const { ask, upstream } = await setup(t, once, () => Promise.reject(new Error("no network")));
    equal((await ask()).status, 200);
    match(JSON.stringify(upstream.last().body["messages"]), /no network/);
  });

  test("beside calls of the client's own tools it is not run: the client gets its own, and hears of it", async (t) => {
    const own = { id: "call_2", name: "read_file", args: "{}" };
    const { ask, upstream } = await setup(t, { toolCalls: [CALL, own] });
    const { text, complete } = await ask({ tools: [{ type: "function", function: { name: "read_file" } }] });
    equal(upstream.requests.length, 1);
    ok(text.includes("read_file") && !text.includes("look_up"), text);
    deepEqual(
      complete?.losses.map(({ field }) => field),
      ["tool call look_up"],
    );
    equal(complete?.response?.stop_reason, "tool_use");
  });

  test("a model that never stops calling is stopped", async (t) => {
    const { ask, upstream } = await setup(t, { text: "again", toolCalls: [CALL] });
    const { status, complete } = await ask({ tool_choice: "required" });
    equal(status, 200);
    equal(upstream.requests.length, 9);
    equal(upstream.requests[1]?.body["tool_choice"], undefined);
    equal(upstream.last().body["tool_choice"], "none");
    equal(complete?.response?.stop_reason, "end_turn");
  });

  test("a client that leaves while it runs stops it", async (t) => {
    const running = Promise.withResolvers<AbortSignal>();
    const { router, upstream } = await setup(t, once, (_args, signal) => {
      running.resolve(signal);
      return new Promise(() => undefined);
    });
    const body = JSON.stringify({ model: "m", ...PLAIN.openai, stream: true });
    const client = await rawClient(router.url, post(pathOf("openai", "m", true), body));
    const signal = await running.promise;
    client.socket.destroy();
    await until(() => signal.aborted, "the tool to be told");
    const [complete] = await router.completed();
    deepEqual([complete?.outcome, upstream.requests.length], ["client-gone", 1]);
  });

  test("one that never ends has the time of the attempt", async (t) => {
    const more = "timeout = { total_ms = 500 }";
    for (const stream of [{}, { stream: true }]) {
      const { ask } = await setup(t, once, () => new Promise(() => undefined), { more });
      equal((await ask(stream)).complete?.outcome, "timeout");
    }
  });

  test("a target that fails after it is one that breaks off: told in the stream", async (t) => {
    const { ask } = await setup(t, (_request, serial) =>
      serial === 1
        ? { text: "Let me see. ", toolCalls: [CALL], usage: USED }
        : { error: { status: 500, message: "it broke" } },
    );
    const { status, text, complete } = await ask({ stream: true });
    equal(status, 200);
    match(text, /it broke/);
    ok(!text.includes("[DONE]"));
    equal(complete?.outcome, "target");
    deepEqual([complete?.usage?.input_tokens, complete?.usage?.output_tokens], [10, 5]);
  });

  test("a target that fails after it, and showed nothing, is followed by another: its rounds are paid for", async (t) => {
    const failing = await startUpstream("openai");
    t.after(() => failing.close());
    failing.answer((_request, serial) =>
      serial === 1 ? { toolCalls: [CALL], usage: USED } : { error: { status: 500, message: "it broke" } },
    );
    const { ask } = await setup(t, { text: "It is sunny.", usage: USED }, undefined, {
      before: `[failover]\nmax_attempts = 2\n\n${providerOf("first", failing.url)}`,
    });
    const { status, complete } = await ask({ stream: true });
    equal(status, 200);
    deepEqual(
      complete?.attempts.map(({ provider, usage }) => [provider, usage?.input_tokens, usage?.output_tokens]),
      [
        ["first", 10, 5],
        ["p", undefined, undefined],
      ],
    );
  });
});
