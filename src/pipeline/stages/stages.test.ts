import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { type InProcessRouter, inProcess } from "../../../test/support/in-process.ts";
import { until } from "../../../test/support/until.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ChatResponse } from "../../core/response.ts";
import { type Flow, HOOKS, type Hook, type HookName, type Plugin } from "../../plugins/plugin.ts";
import type { ConfiguredPlugin } from "./active-plugins.ts";

const RESPONSE: ChatResponse = {
  id: "made",
  model: "made-by-a-plugin",
  parts: [{ type: "text", text: "said by a plugin" }],
  finish: { reason: "stop" },
};

interface Setup {
  router: InProcessRouter;
  upstream: Upstream;
  /** Sends a chat request and gives status and text. */
  ask(more?: JsonObject): Promise<{ status: number; text: string; headers: Record<string, unknown> }>;
}

async function setup(
  t: { after(run: () => Promise<void>): void },
  plugins: readonly (Plugin | ConfiguredPlugin)[],
): Promise<Setup> {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  upstream.answer({ text: "said by the provider" });
  const provider = `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.url}"`;
  const other = `[[providers]]\nname = "other"\nformat = "simulated"`;
  const rules = `[[routers]]\ntype = "prefix"\nmodel_prefix = "m"\nprovider = "p"`;
  const keyword = `[classifiers.keyword]\nenabled = true\n[classifiers.keyword.tags]\ngreeting = ["hi"]`;
  const router = await inProcess(t, [provider, other, rules, keyword].join("\n\n"), { plugins });
  return {
    router,
    upstream,
    async ask(more = {}) {
      const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], ...more });
      const got = await exchange(`${router.url}/v1/chat/completions`, { body });
      return { status: got.status, text: got.body.toString(), headers: got.headers };
    },
  };
}

/** Hooks that write down that they ran, and do nothing. */
function noting(id: string, notes: string[], hooks: Partial<Record<HookName, Hook>> = {}): Plugin {
  const noted: Partial<Record<HookName, Hook>> = {};
  for (const hook of HOOKS) {
    noted[hook] = (exchange) => {
      notes.push(`${id}.${hook}`);
      return hooks[hook]?.(exchange) ?? "continue";
    };
  }
  return { id, ...noted };
}

describe("order and settings", () => {
  test("hook by hook; those the config enables first, in registry order, then the request's in its own", async (t) => {
    const notes: string[] = [];
    const settings = {};
    const { ask } = await setup(t, [
      { plugin: noting("a", notes), settings, enabled: false },
      { plugin: noting("b", notes), settings, enabled: true },
      { plugin: noting("c", notes), settings, enabled: false },
      { plugin: noting("d", notes), settings, enabled: true },
      { plugin: noting("e", notes), settings, enabled: false },
    ]);
    equal((await ask({ plugins: [{ id: "c" }, { id: "b" }, { id: "a" }] })).status, 200);
    deepEqual(
      notes,
      HOOKS.flatMap((hook) => ["b", "d", "c", "a"].map((id) => `${id}.${hook}`)),
    );
  });

  test("the config's settings are overridden by the request's, key by key", async (t) => {
    const seen: unknown[] = [];
    const plugin: Plugin = {
      id: "a",
      on_start: ({ settings }) => {
        seen.push(settings);
        return "continue";
      },
    };
    const { ask } = await setup(t, [
      { plugin, settings: { tier: "low", deep: { x: 1, y: 2 }, kept: 1 }, enabled: false },
    ]);
    await ask();
    deepEqual(seen, []);
    await ask({ plugins: [{ id: "a", tier: "high", deep: { x: 3 } }] });
    deepEqual(seen, [{ tier: "high", deep: { x: 3 }, kept: 1 }]);
  });

  test("ids nobody knows are warned of in one line, ignored, and never forwarded", async (t) => {
    const { ask, router, upstream } = await setup(t, [noting("a", [])]);
    const { status } = await ask({ plugins: [{ id: "no\nsuch" }, { id: "__proto__" }, { id: "x".repeat(100_000) }] });
    equal(status, 200);
    equal(router.log.length, 3);
    for (const line of router.log) {
      match(line, /^warn: request .* names plugin ".*", which does not exist: ignored$/);
      ok(line.length < 400);
    }
    ok(!("plugins" in upstream.last().body));
  });

  test("tags are there in pre_request, not yet in on_start", async (t) => {
    const tags: string[][] = [];
    const note: Hook = (exchange) => {
      tags.push([...exchange.tags]);
      return "continue";
    };
    const { ask } = await setup(t, [{ id: "a", on_start: note, pre_request: note, on_end: note }]);
    await ask();
    deepEqual(tags, [[], ["greeting"], ["greeting"]]);
  });
});

describe("the first two hooks", () => {
  for (const hook of ["on_start", "pre_request"] as const) {
    test(`${hook}: a changed request is what is sent, and who changed it is recorded`, async (t) => {
      const change: Hook = (exchange) => {
        exchange.request = { ...exchange.request, maxOutputTokens: 77 };
        return "modified";
      };
      const { ask, router, upstream } = await setup(t, [{ id: "a", [hook]: change }, noting("b", [])]);
      equal((await ask()).status, 200);
      equal(upstream.last().body["max_tokens"], 77);
      const [complete] = await router.completed();
      deepEqual([complete?.plugins, complete?.passthrough, complete?.outcome], [["a"], false, "ok"]);
    });

    test(`${hook}: what the client sent is what a hook may hand back, though its provider will refuse it`, async (t) => {
      const same: Hook = (exchange) => (exchange.request.model === "m" ? "modified" : "continue");
      const { ask, upstream } = await setup(t, [{ id: "a", [hook]: same }]);
      equal((await ask({ max_tokens: 0 })).status, 200);
      equal(upstream.last().body["max_tokens"], 0);
    });

    test(`${hook}: continue changes nothing, whatever the hook did to what it saw`, async (t) => {
      const change: Hook = (exchange) => {
        exchange.request = { ...exchange.request, maxOutputTokens: 77 };
        exchange.response = RESPONSE;
        exchange.forcedProvider = "other";
        return "continue";
      };
      const { ask, router, upstream } = await setup(t, [{ id: "a", [hook]: change }]);
      match((await ask()).text, /said by the provider/);
      equal(upstream.last().body["max_tokens"], undefined);
      deepEqual((await router.completed())[0]?.plugins, []);
    });

    test(`${hook}: an error is 500, naming plugin and hook; the provider is not asked`, async (t) => {
      const failing: Hook[] = [
        () => {
          throw new Error("no luck");
        },
        () => Promise.reject(new Error("no luck")),
      ];
      for (const fail of failing) {
        const { ask, router, upstream } = await setup(t, [{ id: "bad", [hook]: fail }]);
        const { status, text } = await ask();
        equal(status, 500);
        equal(JSON.parse(text).error.message, `plugin bad failed in ${hook}: no luck`);
        equal(upstream.requests.length, 0);
        const [complete] = await router.completed();
        deepEqual([complete?.outcome, complete?.status], ["plugin_failed", 500]);
      }
    });

    test(`${hook}: a hook that answers with none of the three words is an error`, async (t) => {
      const odd: Plugin = JSON.parse('{"id":"odd"}');
      const plugin = Object.defineProperty(odd, hook, { enumerable: true, value: () => "maybe" });
      const { ask } = await setup(t, [plugin]);
      const { status, text } = await ask();
      equal(status, 500);
      match(text, /odd failed in .*: it returned maybe/);
    });

    test(`${hook}: stop without a response`, async (t) => {
      const { ask, router } = await setup(t, [{ id: "a", [hook]: () => "stop" }]);
      const { status, text } = await ask();
      equal(status, 500);
      equal(JSON.parse(text).error.message, "pipeline stopped without producing a response");
      equal((await router.completed())[0]?.outcome, "plugin_stopped");
    });

    for (const flow of ["stop", "modified"] as const) {
      for (const stream of [false, true]) {
        test(`${hook}: a response, ${flow}, ${stream ? "streamed" : "whole"}: nobody is asked, later hooks run on it`, async (t) => {
          const notes: string[] = [];
          const answer: Hook = (exchange) => {
            exchange.response = RESPONSE;
            return flow;
          };
          const first = noting("a", notes, { [hook]: answer });
          const { ask, router, upstream } = await setup(t, [first, noting("b", notes)]);
          const { status, text, headers } = await ask({ stream });
          deepEqual([status, headers["x-router-provider"]], [200, "plugin"]);
          equal(headers["x-router-model"], "made-by-a-plugin");
          match(stream ? textOf(text) : text, /said by a plugin/);
          equal(upstream.requests.length, 0);
          const begin = hook === "on_start" ? ["a.on_start"] : ["a.on_start", "b.on_start", "a.pre_request"];
          const rest =
            flow === "stop"
              ? []
              : hook === "on_start"
                ? ["b.on_start", "a.pre_request", "b.pre_request"]
                : ["b.pre_request"];
          const end = ["a.post_response", "b.post_response", "a.on_end", "b.on_end"];
          deepEqual(notes, [...begin, ...rest, ...end]);
          const [complete] = await router.completed();
          deepEqual([complete?.provider, complete?.plugins, complete?.outcome], ["plugin", ["a"], "ok"]);
          equal(complete?.response?.content, "said by a plugin");
        });
      }
    }
  }

  test("a forced provider bypasses the chain and keeps the model", async (t) => {
    const force: Hook = (exchange) => {
      exchange.forcedProvider = "other";
      return "modified";
    };
    const { ask, router, upstream } = await setup(t, [{ id: "a", pre_request: force }]);
    const { status, headers } = await ask({ model: "no-rule-knows-it" });
    deepEqual([status, headers["x-router-provider"], headers["x-router-model"]], [200, "other", "no-rule-knows-it"]);
    equal(upstream.requests.length, 0);
    equal((await router.completed())[0]?.requested_model, "no-rule-knows-it");
  });

  test("a request too deep to be copied is the client's mistake, in a hook and in a change for a target", async (t) => {
    const looks: Plugin = { id: "looks", pre_request: ({ request }) => (request.model === "" ? "stop" : "continue") };
    const adapts: Plugin = {
      id: "adapts",
      pre_request: ({ adapt }) => {
        adapt({ when: () => true, change: (request) => request });
        return "continue";
      },
    };
    for (const plugin of [looks, adapts]) {
      const { ask, upstream } = await setup(t, [plugin]);
      const deep: JsonObject = JSON.parse(`${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`);
      const { status, text } = await ask({ logit_bias: deep });
      equal(status, 400, text);
      match(text, /nested more than 1000 levels deep/);
      equal(upstream.requests.length, 0);
    }
  });

  test("a client that leaves while a hook works: the hook hears of it, and nothing is asked afterwards", async (t) => {
    const release = Promise.withResolvers<void>();
    let aborted = false;
    const slow: Hook = async ({ signal }): Promise<Flow> => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      await release.promise;
      return "continue";
    };
    const { router, upstream } = await setup(t, [{ id: "slow", on_start: slow }]);
    const leaving = new AbortController();
    const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
    const asked = fetch(`${router.url}/v1/chat/completions`, { method: "POST", body, signal: leaving.signal });
    await until(() => router.starts().length === 1, "the request to start");
    leaving.abort();
    await asked.catch(() => undefined);
    const [complete] = await router.completed();
    equal(complete?.outcome, "client-gone");
    release.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    deepEqual([aborted, upstream.requests.length, router.events.at(-1)?.type], [true, 0, "complete"]);
  });
});

describe("the last two hooks", () => {
  const shout: Hook = (exchange) => {
    if (exchange.response) exchange.response = { ...exchange.response, parts: [{ type: "text", text: "CHANGED" }] };
    return "modified";
  };
  for (const hook of ["post_response", "on_end"] as const) {
    for (const stream of [false, true]) {
      test(`${hook}: a changed response is what the client and the log get, ${stream ? "streamed" : "whole"}`, async (t) => {
        const { ask, router, upstream } = await setup(t, [{ id: "a", [hook]: shout }]);
        upstream.answer({ text: "quiet", usage: { input: 21, output: 9 } });
        const { status, text } = await ask({ stream, ...(stream && { stream_options: { include_usage: true } }) });
        equal(status, 200);
        equal(stream ? textOf(text) : JSON.parse(text).choices[0].message.content, "CHANGED");
        if (stream) ok(text.endsWith("data: [DONE]\n\n"));
        ok(!text.includes("quiet"));
        const [complete] = await router.completed();
        deepEqual([complete?.response?.content, complete?.usage?.input_tokens], ["CHANGED", 21]);
        deepEqual([complete?.plugins, complete?.outcome], [["a"], "ok"]);
      });

      test(`${hook}: an error is logged, ignored, and its change with it, ${stream ? "streamed" : "whole"}`, async (t) => {
        const fail: Hook = (exchange) => {
          shout(exchange);
          throw new Error("no luck");
        };
        const notes: string[] = [];
        const { ask, router } = await setup(t, [{ id: "bad", [hook]: fail }, noting("b", notes)]);
        const { status, text } = await ask({ stream });
        equal(status, 200);
        match(stream ? textOf(text) : text, /said by the provider/);
        deepEqual(router.log, [`warn: plugin bad failed in ${hook}: no luck; its change is ignored`]);
        ok(notes.includes(`b.${hook}`) && notes.includes("b.on_end"));
      });
    }
  }

  test("stop in post_response skips on_end, and the other plugins' post_response", async (t) => {
    const notes: string[] = [];
    const plugins = [noting("a", notes, { post_response: () => "stop" }), noting("b", notes)];
    const { ask } = await setup(t, plugins);
    equal((await ask()).status, 200);
    deepEqual(notes, ["a.on_start", "b.on_start", "a.pre_request", "b.pre_request", "a.post_response"]);
  });

  test("plugins that leave a whole answer alone leave its bytes alone", async (t) => {
    const { ask, upstream, router } = await setup(t, [{ id: "a", on_end: () => "continue" }]);
    const odd =
      '{ "id":"1" , "choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}';
    upstream.answer({ raw: { chunks: [odd] } });
    equal((await ask()).text, odd);
    equal((await router.completed())[0]?.passthrough, true);
  });

  test("they do not run when the provider fails", async (t) => {
    const notes: string[] = [];
    const { ask, upstream } = await setup(t, [noting("a", notes)]);
    upstream.answer({ error: { status: 500, message: "broken" } });
    equal((await ask()).status, 502);
    deepEqual(notes, ["a.on_start", "a.pre_request"]);
  });
});

/** The text of a Chat Completions stream. */
function textOf(stream: string): string {
  const frames = stream.split("\n\n").filter((frame) => frame.startsWith("data: {"));
  return frames.map((frame) => JSON.parse(frame.slice(6)).choices[0]?.delta?.content ?? "").join("");
}
