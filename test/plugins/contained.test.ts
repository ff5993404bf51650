import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import type { ChatEvent } from "../../src/core/event.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { ChatResponse } from "../../src/core/response.ts";
import type { ConfiguredPlugin } from "../../src/pipeline/stages/active-plugins.ts";
import { AnswerGrammar } from "../../src/pipeline/stages/answer-grammar.ts";
import type { AnswerTransform, Flow, Hook, HookName, Plugin } from "../../src/plugins/plugin.ts";
import { PLAIN } from "../conformance/feature.ts";
import { anyEvents } from "../support/answers.ts";
import { checkStream } from "../support/check-stream.ts";
import { ASK } from "../support/clients/ask.ts";
import type { ClientFormat } from "../support/clients/heard.ts";
import { type InProcessRouter, inProcess, oneProvider } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { startUpstream, type Upstream } from "../support/upstream/upstream.ts";

// What a plugin does wrong costs its own work, and at most the one request.

/** What a plugin in JavaScript may give back, whatever the types say. */
function untyped<T>(value: unknown): T {
  return value as T;
}

const SAID = "said by the provider";
const RESPONSE: ChatResponse = {
  id: "made",
  model: "m2",
  parts: [{ type: "text", text: "said by a plugin" }],
  finish: { reason: "stop" },
};
const never = () => new Promise<Flow>(() => undefined);
const odd: unknown = Object.create(null);

/** Ways to fail in any hook. */
const FAILURES: Record<string, Hook> = {
  throws: () => {
    throw new Error("no luck");
  },
  "throws what has no words": () => {
    throw odd;
  },
  rejects: () => Promise.reject(new TypeError("no luck")),
  hangs: never,
  // biome-ignore lint/suspicious/noThenProperty: as promises of other libraries have it
  "hangs in a thenable": () => untyped({ then: () => undefined }),
  "returns garbage": () => untyped(42),
  "resolves to garbage": () => Promise.resolve(untyped(odd)),
  "has a request that is none": (exchange) => {
    exchange.request = untyped({ model: "m", messages: "hi" });
    exchange.response = untyped({ parts: 1 });
    return "modified";
  },
  "has a response that is none": (exchange) => {
    exchange.response = untyped({ id: "x", parts: [{ type: "sound" }] });
    return "stop";
  },
  "has a response that is no object": (exchange) => {
    exchange.response = untyped("hello");
    return "modified";
  },
  "names no provider": (exchange) => {
    exchange.forcedProvider = untyped({ name: "p" });
    return "modified";
  },
  "warns of what is no JSON": (exchange) => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    exchange.warn("look", untyped(circle));
    return "modified";
  },
  "changes the settings of all": ({ settings }) => {
    Object.assign(settings, { mine: true });
    return "modified";
  },
};

let upstream: Upstream;
before(async () => {
  upstream = await startUpstream("openai");
});
after(() => upstream.close());

async function routerWith(t: Parameters<typeof inProcess>[0], plugins: readonly (Plugin | ConfiguredPlugin)[]) {
  upstream.answer({ text: SAID });
  return inProcess(t, oneProvider("openai", upstream.url), { plugins });
}

const ask = (router: InProcessRouter, stream = false, client: ClientFormat = "openai", more: JsonObject = {}) =>
  ASK[client](router.url, { model: "m", ...PLAIN[client], ...more }, stream);

/** One plugin for each way to fail, asked for by its name. */
function failing(hook: HookName, mayFail: boolean): ConfiguredPlugin[] {
  return Object.entries(FAILURES).map(([id, fail]) => ({
    plugin: { id, [hook]: fail },
    settings: Object.freeze({}),
    enabled: false,
    deadlineMs: 20,
    mayFail,
  }));
}

describe("a hook that fails", () => {
  for (const hook of ["on_start", "pre_request"] as const) {
    test(`in ${hook} ends its request with a 500 that names it`, async (t) => {
      const router = await routerWith(t, failing(hook, false));
      for (const id of Object.keys(FAILURES)) {
        for (const client of hook === "on_start"
          ? (["openai", "anthropic", "ollama"] as const)
          : (["openai"] as const)) {
          const { status, error } = await ask(router, client === "ollama", client, { plugins: [{ id }] });
          equal(status, 500, id);
          match(error?.message ?? "", new RegExp(`plugin ${id} failed in ${hook}: `), id);
        }
      }
      equal(upstream.requests.length, 0);
      for (const { outcome } of router.completes()) equal(outcome, "plugin_failed");
      equal((await ask(router)).text, SAID);
    });

    test(`in ${hook} is passed by where the config says so, with whatever it changed`, async (t) => {
      const router = await routerWith(t, failing(hook, true));
      for (const id of Object.keys(FAILURES)) {
        const { text } = await ask(router, true, "openai", { plugins: [{ id }] });
        equal(text, SAID, id);
        const complete = (await router.completed()).at(-1);
        deepEqual([complete?.plugins, complete?.outcome], [[], "ok"], id);
        deepEqual(
          complete?.warnings.map(({ warning, details }) => [warning, details["plugin"]]),
          [["plugin_failed", id]],
          id,
        );
        router.events.length = 0;
      }
    });
  }

  for (const hook of ["post_response", "on_end"] as const) {
    test(`in ${hook} leaves the answer as it is, whole and streamed`, async (t) => {
      const router = await routerWith(t, failing(hook, false));
      for (const id of Object.keys(FAILURES)) {
        for (const stream of [false, true]) {
          const { text, status } = await ask(router, stream, "openai", { plugins: [{ id }] });
          deepEqual([status, text], [200, SAID], id);
          const complete = (await router.completed()).at(-1);
          deepEqual([complete?.plugins, complete?.warnings[0]?.warning], [[], "plugin_failed"], id);
          router.events.length = 0;
        }
      }
    });
  }
});

describe("what a hook changes", () => {
  test("does not count when it says continue, after it returned, or after its deadline", async (t) => {
    let late: (() => void) | undefined;
    const spoil: Hook = (exchange) => {
      const change = () => {
        exchange.request.model = "spoilt";
        exchange.request.messages.length = 0;
        exchange.response = RESPONSE;
        exchange.forcedProvider = "nobody";
        untyped<Set<string>>(exchange.tags).add("spoilt");
      };
      change();
      late = change;
      return "continue";
    };
    const slow: Hook = (exchange) => {
      const { request } = exchange;
      late = () => {
        request.model = "spoilt";
        exchange.response = RESPONSE;
      };
      return never();
    };
    const kept: Hook = (exchange) => {
      late?.();
      return exchange.request.model === "m" && !exchange.response && exchange.tags.size === 0 ? "continue" : "stop";
    };
    const settings = {};
    const router = await routerWith(t, [
      { plugin: { id: "spoils", on_start: spoil, pre_request: spoil }, settings, enabled: true },
      { plugin: { id: "slow", on_start: slow }, settings, enabled: true, deadlineMs: 10, mayFail: true },
      { plugin: { id: "watches", on_start: kept, pre_request: kept }, settings, enabled: true },
    ]);
    const { text, headers } = await ask(router);
    deepEqual([text, headers.get("x-router-model"), upstream.last().body["model"]], [SAID, "m", "m"]);
  });

  test("cannot be changed afterwards by what it kept of it", async (t) => {
    const own = structuredClone(RESPONSE);
    const answers: Hook = (exchange) => {
      exchange.response = own;
      return "modified";
    };
    const later: Hook = () => {
      own.parts.length = 0;
      return "continue";
    };
    const router = await routerWith(t, [
      { id: "answers", on_start: answers },
      { id: "later", pre_request: later },
    ]);
    equal((await ask(router)).text, "said by a plugin");
  });

  test("a client that leaves while the last hooks hang: they hear of it, and nobody is blamed", async (t) => {
    let heard = false;
    const started = Promise.withResolvers<void>();
    const hangs: Hook = ({ signal }) => {
      signal.addEventListener("abort", () => {
        heard = true;
      });
      started.resolve();
      return never();
    };
    const router = await routerWith(t, [{ id: "hangs", post_response: hangs }]);
    const leaving = new AbortController();
    const body = JSON.stringify({ model: "m", ...PLAIN.openai });
    const asked = fetch(`${router.url}/v1/chat/completions`, { method: "POST", body, signal: leaving.signal });
    await started.promise;
    leaving.abort();
    await asked.catch(() => undefined);
    const [complete] = await router.completed();
    await until(() => heard, "the hook to hear of it");
    deepEqual([complete?.outcome, complete?.warnings, router.log], ["client-gone", [], []]);
  });
});

/** Transforms that do one thing wrong. */
const TRANSFORMS: Record<string, () => AnswerTransform | "whole"> = {
  "throws when it is made": () => {
    throw new Error("no luck");
  },
  "is none": () => untyped({}),
  "is a promise": () => untyped(Promise.resolve()),
  "throws at the first event": () => ({
    event: () => {
      throw new Error("no luck");
    },
  }),
  "throws, having held all back": () => ({
    event: (event) => {
      if (event.type === "finish") throw odd;
      return [];
    },
  }),
  "gives no list": () => ({ event: () => untyped(undefined) }),
  "gives what is no event": () => ({ event: () => untyped([{ type: "song" }]) }),
  "gives half an event": () => ({ event: () => untyped([{ type: "text-delta", index: 0 }]) }),
  "gives events that cannot come now": () => ({
    event: (event) => (event.type === "text-delta" ? [{ type: "block-end", index: 7 }] : [event]),
  }),
  "gives the beginning twice": () => ({ event: (event) => (event.type === "start" ? [event, event] : [event]) }),
  "ends it in the middle": () => ({
    event: (event) => (event.type === "block-end" ? [event, untyped<ChatEvent>({ type: "end" })] : [event]),
  }),
  "leaves a block open": () => ({ event: (event) => (event.type === "block-end" ? [] : [event]) }),
};

describe("a transform of answers that fails", () => {
  test("is out of the way, and all of the answer comes, whole and streamed", async (t) => {
    const plugins = Object.entries(TRANSFORMS).map(([id, stream]) => ({
      plugin: { id, stream },
      settings: {},
      enabled: false,
    }));
    const router = await routerWith(t, plugins);
    for (const id of Object.keys(TRANSFORMS)) {
      for (const client of ["openai", "anthropic", "openai-responses"] as const) {
        for (const stream of client === "openai" ? [false, true] : [true]) {
          const { text, status, error } = await ask(router, stream, client, { plugins: [{ id }] });
          deepEqual([status, error], [200, undefined], `${id}, ${client}`);
          equal(text, SAID, `${id}, ${client}, stream: ${stream}`);
          const complete = (await router.completed()).at(-1);
          equal(complete?.outcome, "ok");
          equal(complete?.warnings[0]?.warning, "plugin_failed", `${id}, ${client}, stream: ${stream}`);
          router.events.length = 0;
        }
      }
    }
  });

  test("in flush, when the provider breaks off: the client hears of the failure all the same", async (t) => {
    const stream = () => ({
      event: (event: ChatEvent) => (event.type === "block-end" ? [] : [event]),
      flush: () => {
        throw new Error("no luck");
      },
    });
    const router = await routerWith(t, [{ id: "bad", stream }]);
    upstream.answer({ text: SAID, stream: { cut: "end" } });
    for (const client of ["openai", "anthropic"] as const) {
      const heard = await ask(router, true, client);
      ok(heard.error, client);
      checkStream(client, heard.bytes);
    }
  });

  test("after it changed something: what comes then goes on as it is, in an answer that is one", async (t) => {
    let deltas = 0;
    const stream = (): AnswerTransform => {
      deltas = 0;
      return {
        event(event) {
          if (event.type !== "text-delta") return [event];
          if (++deltas > 2) throw new Error("no luck");
          return deltas === 1 ? [{ ...event, text: "CHANGED " }] : [];
        },
      };
    };
    const router = await routerWith(t, [{ id: "bad", stream }]);
    for (const client of ["openai", "anthropic", "ollama"] as const) {
      const heard = await ask(router, true, client);
      match(heard.text, /^CHANGED .*provider$/);
      const complete = (await router.completed()).at(-1);
      deepEqual([complete?.plugins, complete?.outcome], [["bad"], "ok"]);
      router.events.length = 0;
    }
  });
});

test("what is left of any answer is mended into one that keeps the grammar; whole ones are not touched", () => {
  fc.assert(
    fc.property(anyEvents, fc.array(fc.nat({ max: 40 })), (events, lost) => {
      const isKept = ({ type }: ChatEvent, index: number) =>
        type === "start" || type === "finish" || !lost.includes(index);
      const [whole, half, check] = [new AnswerGrammar(), new AnswerGrammar(), new AnswerGrammar()];
      const mended = events.filter(isKept).flatMap((event) => half.mended(event));
      for (const event of mended) check.checked(event);
      deepEqual(
        events.flatMap((event) => whole.mended(event)),
        events,
      );
    }),
  );
});

describe("a change for some targets that fails", () => {
  const bad: Record<string, Hook> = {
    when: (exchange) => {
      exchange.adapt({
        when: () => {
          throw new Error("no luck");
        },
        change: (request) => request,
      });
      return "continue";
    },
    change: (exchange) => {
      exchange.adapt({
        when: () => true,
        change: () => {
          throw new Error("no luck");
        },
      });
      return "continue";
    },
    garbage: (exchange) => {
      exchange.adapt({ when: () => true, change: () => untyped({ model: 1 }) });
      return "continue";
    },
    adapt: (exchange) => {
      exchange.adapt(untyped(undefined));
      return "continue";
    },
  };
  for (const mayFail of [false, true]) {
    test(`${mayFail ? "is left out, where the config says so" : "is a 500, and nobody is asked"}`, async (t) => {
      const plugins = Object.entries(bad).map(([id, pre_request]) => ({
        plugin: { id, pre_request },
        settings: {},
        enabled: false,
        mayFail,
      }));
      const router = await routerWith(t, plugins);
      for (const id of Object.keys(bad)) {
        const { status, text, error } = await ask(router, false, "openai", { plugins: [{ id }] });
        if (mayFail) deepEqual([status, text], [200, SAID], id);
        else deepEqual([status, upstream.requests.length], [500, 0], id);
        if (!mayFail) match(error?.message ?? "", new RegExp(`plugin ${id} failed`));
      }
    });
  }
});
