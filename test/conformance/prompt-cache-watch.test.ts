import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { ASK } from "../support/clients/ask.ts";
import { type InProcessRouter, startInProcess } from "../support/in-process.ts";
import { firstTurn, LOOP_CLIENTS, type LoopClient, nextTurn } from "../support/tool-loop.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

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
  let draw = 0;
  before(async () => {
    const names = ["anthropic", "openai", "openai-responses", "gemini"] as const;
    const config: string[] = [];
    for (const format of names) {
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
    config.push(`[[routers]]\ntype = "random"`);
    router = await startInProcess(config.join("\n\n"), { random: () => draw });
  });
  after(async () => {
    await router.close();
    for (const upstream of upstreams) await upstream.close();
  });

  for (const client of LOOP_CLIENTS) {
    if (Object.keys(SESSION[client]).length === 0) continue;
    for (const [at, provider] of ["anthropic", "openai", "openai-responses", "gemini"].entries()) {
      test(`${client} over ${provider}: a tool loop and a turn more keep it; another provider breaks it, and that is told`, async () => {
        draw = at / 4;
        const body = firstTurn(client, "m", `Watched? ${client} ${provider}`, SESSION[client]);
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
        draw = ((at + 1) % 4) / 4;
        await ASK[client](router.url, nextTurn(client, third, { ...done, text: "more" }), false);
        const last = router.completes().at(-1);
        const [warning] = last?.warnings ?? [];
        deepEqual(
          [warning?.warning, warning?.details["from"], warning?.details["to"], warning?.details["message"]],
          ["prompt_cache_broken", `${provider}/m`, `${last?.provider}/m`, 0],
        );
        ok(!JSON.stringify(warning).includes("the-session"));
        ok(router.events.some((event) => event.type === "warning" && event.id === last?.id));
      });
    }
  }

  test("a client that names no session is not watched", async () => {
    for (const at of [0, 1]) {
      draw = at / 4;
      await ASK.openai(router.url, firstTurn("openai", "m", "Unwatched?"), false);
      const complete = router.completes().at(-1);
      deepEqual([complete?.warnings, complete?.prefix_hash], [[], null]);
    }
  });
});
