import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { ASK } from "../support/clients/ask.ts";
import { type InProcessRouter, startInProcess } from "../support/in-process.ts";
import { firstTurn, LOOP_CLIENTS, type LoopClient, nextTurn } from "../support/tool-loop.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

const FORMATS = ["anthropic", "openai", "openai-responses", "gemini"] as const;

/** How each client names its session. */
const SESSION: Record<LoopClient, JsonObject> = {
  openai: { prompt_cache_key: "the-session" },
  "openai-responses": { prompt_cache_key: "the-session" },
  anthropic: { metadata: { user_id: "the-session" } },
  ollama: {},
  gemini: {},
};

describe("the watch over prompt caches", () => {
  const upstreams: Upstream[] = [];
  let router: InProcessRouter;
  before(async () => {
    const config: string[] = [];
    for (const format of FORMATS) {
      const upstream = await startUpstream(format);
      upstreams.push(upstream);
      upstream.answer(({ raw }) =>
        raw.includes("result of")
          ? { text: "done" }
          : {
              thinking: { text: "hm", state: "c2ln" },
              toolCalls: [{ id: "call_1", name: "look", args: "{}" }],
            },
      );
      config.push(`[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${upstream.url}"`);
    }
    for (const format of FORMATS)
      config.push(
        `[[routers]]\ntype = "alias"\nalias = "at ${format}"\ntargets = [{ provider = "${format}", model = "m" }]`,
      );
    router = await startInProcess(config.join("\n\n"));
  });
  after(async () => {
    await router.close();
    for (const upstream of upstreams) await upstream.close();
  });

  for (const client of LOOP_CLIENTS) {
    if (Object.keys(SESSION[client]).length === 0) continue;
    for (const [at, provider] of FORMATS.entries()) {
      test(`${client} over ${provider}: a tool loop and a turn more keep it; another provider has another, and that is told`, async () => {
        const body = firstTurn(client, `at ${provider}`, `Watched? ${client} ${provider}`, SESSION[client]);
        const since = router.completes().length;
        const heard = await ASK[client](router.url, body, false);
        equal(heard.toolCalls.length, 1, heard.raw);
        const second = nextTurn(client, body, heard);
        const done = await ASK[client](router.url, second, false);
        equal(done.text, "done", done.raw);
        const third = nextTurn(client, second, done);
        await ASK[client](router.url, third, true);
        const turns = router.completes().slice(since);
        deepEqual(
          turns.map(({ provider, warnings }) => [provider, warnings]),
          [0, 1, 2].map(() => [provider, []]),
        );
        equal(new Set(turns.map(({ prefix_hash }) => prefix_hash)).size, 1);
        match(String(turns[0]?.prefix_hash), /^[0-9a-f]{16}$/);
        const elsewhere = { ...third, model: `at ${FORMATS[(at + 1) % 4]}` };
        await ASK[client](router.url, nextTurn(client, elsewhere, { ...done, text: "more" }), false);
        const last = router.completes().at(-1);
        deepEqual([last?.warnings, last?.switched?.from], [[], { provider, model: "m" }]);
        deepEqual(last?.switched?.to, { provider: last?.provider, model: "m" });
        ok((last?.switched?.uncached_tokens ?? 0) > 0);
        ok(router.events.some((event) => event.type === "routed" && event.id === last?.id && event.switched));
      });
    }
  }

  test("a client that names no session is not watched", async () => {
    for (const provider of FORMATS) {
      await ASK.openai(router.url, firstTurn("openai", `at ${provider}`, "Unwatched?"), false);
      const complete = router.completes().at(-1);
      deepEqual([complete?.warnings, complete?.prefix_hash], [[], null]);
    }
  });
});
