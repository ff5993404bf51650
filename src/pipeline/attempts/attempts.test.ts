import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { type Cleanup, type InProcessRouter, inProcess } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import {
  chunk,
  chunkedHead,
  httpAnswer,
  LAST_CHUNK,
  type TcpScript,
  tcpUpstream,
} from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";

const frame = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const ROLE = frame({ role: "assistant", content: "" });
const END = `${frame({}, "stop")}data: [DONE]\n\n`;
const SSE = "text/event-stream";

/** A good answer with this text, streamed or whole as asked. */
function says(text: string): TcpScript {
  return (socket, { body }) => {
    if (body.includes('"stream":true')) {
      socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(frame({ content: text })) + chunk(END) + LAST_CHUNK);
      return;
    }
    const message = { role: "assistant", content: text };
    const choices = [{ index: 0, message, finish_reason: "stop" }];
    const answer = { id: "c", object: "chat.completion", created: 1, model: "m", choices };
    socket.write(httpAnswer(200, "application/json", JSON.stringify(answer)));
  };
}

function fails(status: number, headers: string[] = []): TcpScript {
  const body = JSON.stringify({ error: { message: `broken ${status}`, type: "x", code: null } });
  return (socket) => void socket.write(httpAnswer(status, "application/json", body, headers));
}

/** Providers `a`, `b`, … with these scripts, and the rules behind them. */
async function routed(t: Cleanup, scripts: readonly TcpScript[], rules: string, failover = "", random = () => 0) {
  const upstreams = await Promise.all(scripts.map((script) => tcpUpstream(t, script)));
  const providers = upstreams.map(({ origin }, index) => {
    const name = "abcdef"[index];
    return `[[providers]]\nname = "${name}"\nformat = "openai"\nbase_url = "${origin}/v1"\ncost_per_1m_tokens = ${index}`;
  });
  const toml = [`[failover]\n${failover}`, ...providers, rules].join("\n\n");
  const router = await inProcess(t, toml, { random });
  return { router, calls: () => upstreams.map(({ requests }) => requests.length) };
}

const CHEAPEST = `[[routers]]\ntype = "price"`;

function ask(router: InProcessRouter, stream = false, model = "m") {
  const body = JSON.stringify({ model, stream, messages: [{ role: "user", content: "hi" }] });
  return exchange(`${router.url}/v1/chat/completions`, { body });
}

for (const stream of [false, true]) {
  describe(stream ? "streamed" : "whole", () => {
    for (const [name, script] of Object.entries<TcpScript>({
      "a 500": fails(500),
      "a refused key": fails(401),
      "a model it does not have": fails(404),
      "a rate limit": fails(429),
      "no HTTP": (socket) => void socket.write("what?\r\n\r\n"),
      "a closed connection": (socket) => void socket.destroy(),
      "an empty answer": (socket) => void socket.write(chunkedHead(SSE) + LAST_CHUNK),
      "an error inside a 200": (socket) =>
        void socket.write(
          stream
            ? chunkedHead(SSE) + chunk(ROLE) + chunk(`data: {"error":{"message":"no"}}\n\n`) + LAST_CHUNK
            : httpAnswer(200, "application/json", `{"error":{"message":"no"}}`),
        ),
    })) {
      test(`${name}: the next target of the rule answers`, async (t) => {
        const { router, calls } = await routed(t, [script, says("from b")], CHEAPEST);
        const got = await ask(router, stream);
        equal(got.status, 200);
        match(String(got.body), /from b/);
        deepEqual([got.headers["x-router-provider"], got.headers["x-router-attempts"]], ["b", "2"]);
        deepEqual(calls(), [1, 1]);
        const [complete] = await router.completed();
        deepEqual(
          complete?.attempts.map(({ provider }) => provider),
          ["a", "b"],
        );
        deepEqual([complete?.outcome, complete?.attempts[1]?.outcome, complete?.provider], ["ok", "ok", "b"]);
        const told = router.events.filter((event) => event.type === "attempt");
        deepEqual(
          told.map(({ attempt, next }) => [attempt, next?.provider]),
          [
            [1, "b"],
            [2, undefined],
          ],
        );
      });
    }

    test("the caller's own mistake is told at once", async (t) => {
      const { router, calls } = await routed(t, [fails(400), says("from b")], CHEAPEST);
      const got = await ask(router, stream);
      deepEqual([got.status, got.headers["x-should-retry"], calls()], [400, undefined, [1, 0]]);
    });

    test("everything fails: three attempts, the last error, and no invitation to try again", async (t) => {
      const { router, calls } = await routed(t, [fails(500), fails(503), fails(502), says("never")], CHEAPEST);
      const got = await ask(router, stream);
      deepEqual([got.status, got.headers["x-should-retry"], calls()], [502, "false", [1, 1, 1, 0]]);
      match(String(got.body), /broken 502/);
      const [complete] = await router.completed();
      deepEqual(
        complete?.attempts.map(({ outcome, status }) => [outcome, status]),
        [
          ["target", 500],
          ["overloaded", 503],
          ["target", 502],
        ],
      );
    });

    test("a single target is asked again", async (t) => {
      let serial = 0;
      const { router, calls } = await routed(
        t,
        [(socket, request, n) => (++serial < 3 ? fails(500) : says("at last"))(socket, request, n)],
        CHEAPEST,
      );
      const got = await ask(router, stream);
      match(String(got.body), /at last/);
      deepEqual([got.headers["x-router-attempts"], calls()], ["3", [3]]);
    });
  });
}

test("a longer pause than the router waits goes to the client, who may come again then; until then nobody asks", async (t) => {
  const { router, calls } = await routed(t, [fails(429, ["retry-after: 50"])], CHEAPEST);
  const first = await ask(router);
  deepEqual([first.status, first.headers["retry-after"], first.headers["x-should-retry"]], [429, "50", undefined]);
  const second = await ask(router);
  equal(second.status, 429);
  ok(Number(second.headers["retry-after"]) <= 50);
  deepEqual(calls(), [1]);
});

test("after the first content there is no other attempt, and the stream ends with an error", async (t) => {
  const cut: TcpScript = (socket) => {
    socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(frame({ content: "half" })), () => socket.destroy());
  };
  const { router, calls } = await routed(t, [cut, says("from b")], CHEAPEST);
  const got = await ask(router, true);
  match(String(got.body), /half[\s\S]*"error"/);
  deepEqual(calls(), [1, 0]);
  equal((await router.completed())[0]?.outcome, "cut");
});

describe("where a request may go", () => {
  const tagged = (more: string) => `[classifiers.keyword]\nenabled = true\ntags = { private = ["hi"] }\n
[[routers]]\ntype = "tag"\ntag = "private"\nprovider = "a"\n${more}\n
[[routers]]\ntype = "fallback"\nproviders = ["b"]`;

  test("not out of its rule, whatever breaks", async (t) => {
    const { router, calls } = await routed(t, [fails(500), says("leaked")], tagged(""));
    equal((await ask(router)).status, 502);
    deepEqual(calls(), [3, 0]);
  });

  test("to the fallbacks its owner named, with the model named", async (t) => {
    const { router } = await routed(
      t,
      [fails(500), says("from b")],
      tagged(`fallbacks = [{ provider = "b", model = "other" }]`),
    );
    const got = await ask(router);
    deepEqual([got.headers["x-router-provider"], got.headers["x-router-model"]], ["b", "other"]);
  });

  test("on to the rules after it where the rule says chain", async (t) => {
    const { router } = await routed(t, [fails(500), says("from b")], tagged(`failover = "chain"`));
    equal((await ask(router)).headers["x-router-provider"], "b");
  });

  test("nowhere else with the scope none", async (t) => {
    const { router, calls } = await routed(t, [fails(500), says("from b")], CHEAPEST, `scope = "none"`);
    equal((await ask(router)).status, 502);
    deepEqual(calls(), [3, 0]);
  });
});

test("endless comments before any content: the next target answers", { timeout: 60_000 }, async (t) => {
  const padding: TcpScript = (socket) => {
    const comments = chunk(": ping\n\n".repeat(128 * 1024));
    socket.write(chunkedHead(SSE) + chunk(ROLE) + comments.repeat(10));
  };
  const { router, calls } = await routed(t, [padding, says("from b")], CHEAPEST);
  match(String((await ask(router, true)).body), /from b/);
  deepEqual(calls(), [1, 1]);
  const [complete] = await router.completed();
  equal(complete?.attempts[0]?.outcome, "malformed");
  match(complete?.attempts[0]?.error ?? "", /nothing but padding before its content/);
});

test("a first event of 9 MB in many pieces is no padding", { timeout: 60_000 }, async (t) => {
  const large = frame({ content: "x".repeat(9 * 1024 * 1024) });
  const { router } = await routed(
    t,
    [(socket) => void socket.write(chunkedHead(SSE) + chunk(ROLE) + chunk(large) + chunk(END) + LAST_CHUNK)],
    CHEAPEST,
  );
  const got = await ask(router, true);
  ok(got.status === 200 && got.body.length > large.length);
});

test("a target that keeps failing is left alone, and the decision says so", async (t) => {
  const { router, calls } = await routed(t, [fails(500), says("from b")], CHEAPEST);
  for (let turn = 0; turn < 7; turn++) equal((await ask(router)).status, 200);
  deepEqual(calls(), [5, 7]);
  const decisions = (await router.completed(7)).map(({ decision }) => decision[0]?.["reason"]);
  equal(decisions[6], "a left alone after failures");
});

test("hedging: a slow target gets company, the faster one answers, the other is closed and accounted for", async (t) => {
  let slow = false;
  const moody: TcpScript = (socket, request, n) => {
    if (slow) socket.write(chunkedHead(SSE) + chunk(ROLE));
    else says("from a")(socket, request, n);
  };
  const { router, calls } = await routed(t, [moody, says("from b")], CHEAPEST, "hedge = true\nhedge_share = 1.0");
  for (let turn = 0; turn < 20; turn++) await ask(router, true);
  slow = true;
  const got = await ask(router, true);
  match(String(got.body), /from b/);
  equal(got.headers["x-router-provider"], "b");
  const complete = (await router.completed(21))[20];
  deepEqual(
    complete?.attempts.map(({ outcome, hedge }) => [outcome, hedge]),
    [
      ["cancelled", undefined],
      ["ok", true],
    ],
  );
  ok((complete?.attempts[0]?.usage?.input_tokens ?? 0) > 0);
  deepEqual(calls(), [21, 1]);
});

test("hedging: of a client that leaves both are accounted for", async (t) => {
  let slow = false;
  const moody =
    (text: string): TcpScript =>
    (socket, request, n) => {
      if (slow) socket.write(chunkedHead(SSE) + chunk(ROLE));
      else says(text)(socket, request, n);
    };
  const { router, calls } = await routed(t, [moody("a"), moody("b")], CHEAPEST, "hedge = true\nhedge_share = 1.0");
  for (let turn = 0; turn < 20; turn++) await ask(router, true);
  slow = true;
  const body = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hi" }] });
  const client = await rawClient(router.url, post("/v1/chat/completions", body));
  await until(() => calls()[1] === 1, "the hedge");
  client.socket.destroy();
  const complete = (await router.completed(21))[20];
  deepEqual([complete?.outcome, complete?.attempts.map(({ hedge }) => hedge)], ["client-gone", [undefined, true]]);
  ok((complete?.usage?.input_tokens ?? 0) > 0);
  ok((complete?.attempts[1]?.usage?.input_tokens ?? 0) > 0);
});
