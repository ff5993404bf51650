import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import { exchange } from "./support/exchange.ts";
import { type Cleanup, inProcess, startInProcess } from "./support/in-process.ts";
import { post, rawClient } from "./support/raw-client.ts";
import { httpAnswer, type TcpUpstream, tcpUpstream } from "./support/tcp-upstream.ts";
import { until } from "./support/until.ts";

const VECTOR = '{"object":"list","data":[{"index":0,"embedding":[1,2]}],"model":"m","usage":{"prompt_tokens":1}}';
const COMPACTED = '{"id":"c","object":"response.compaction","output":[]}';
const ERROR = '{"error":{"message":"not now","type":"e"}}';

/** The two that are answered by the next target: path, format of the providers, a body, an answer. */
const KINDS = [
  { path: "/v1/embeddings", format: "openai", body: '{"model":"m","input":"a"}', answer: VECTOR },
  { path: "/v1/responses/compact", format: "openai-responses", body: '{"model":"m","input":"a"}', answer: COMPACTED },
] as const;
const COUNT = {
  path: "/v1/messages/count_tokens",
  body: '{"model":"m","messages":[{"role":"user","content":"How long is this?"}]}',
  answer: '{"input_tokens":4711}',
};

function says(status: number, body: string, ...headers: string[]): string {
  return httpAnswer(status, "application/json", body, headers);
}

function upstreamSaying(t: Cleanup, answer: string): Promise<TcpUpstream> {
  return tcpUpstream(t, (socket) => socket.write(answer));
}

/** A rule over these providers, in order: `p0`, `p1`, … */
function over(format: string, upstreams: readonly TcpUpstream[], more = "", head = ""): string {
  const providers = upstreams.map(
    ({ origin }, index) =>
      `[[providers]]\nname = "p${index}"\nformat = "${format}"\nbase_url = "${origin}/v1"\n${index === 0 ? more : ""}`,
  );
  const failover = head.includes("[failover]") ? "" : "[failover]\nmax_attempts = 3";
  return [head, failover, ...providers, '[[routers]]\ntype = "fallback"'].join("\n\n");
}

async function ask(url: string, { path, body }: { path: string; body: string }) {
  const { status, headers, body: bytes } = await exchange(url + path, { body });
  return { status, headers, json: JSON.parse(bytes.toString()) };
}

async function holding(t: Cleanup) {
  const open: Socket[] = [];
  const upstream = await tcpUpstream(t, (socket) => void open.push(socket));
  return { upstream, open };
}

function queued(url: string, count: number): Promise<void> {
  const text = async () => (await fetch(`${url}/router/providers`)).text();
  return until(async () => (await text()).includes(`"queued":${count}`), `${count} in line`);
}

async function accepts(url: string): Promise<boolean> {
  return (await rawClient(url).catch(() => undefined)) !== undefined;
}

for (const kind of KINDS) {
  describe(kind.path, () => {
    test("what one target fails at the next one answers", async (t) => {
      for (const answer of [says(500, ERROR), says(429, ERROR), says(200, "no JSON"), says(401, ERROR)]) {
        const [first, second] = [await upstreamSaying(t, answer), await upstreamSaying(t, says(200, kind.answer))];
        const router = await inProcess(t, over(kind.format, [first, second]));
        const { status, headers } = await ask(router.url, kind);
        deepEqual([status, headers["x-router-provider"], headers["x-router-attempts"]], [200, "p1", "2"]);
        deepEqual([first.requests.length, second.requests.length], [1, 1]);
      }
    });

    test("another model is never asked instead", async (t) => {
      const [first, second] = [
        await upstreamSaying(t, says(500, ERROR)),
        await upstreamSaying(t, says(200, kind.answer)),
      ];
      const rule = '\nproviders = ["p0"]\nfallbacks = [{ provider = "p1", model = "other" }]';
      const router = await inProcess(t, over(kind.format, [first, second]) + rule);
      equal((await ask(router.url, kind)).status, 502);
      deepEqual([first.requests.length, second.requests.length], [1, 0]);
    });

    test("it does not leave a rule with failover = none, and a caller's own mistake goes nowhere else", async (t) => {
      for (const [answer, rule, expected] of [
        [says(500, ERROR), '\nfailover = "none"', 502],
        [says(422, ERROR), "", 422],
      ] as const) {
        const [first, second] = [await upstreamSaying(t, answer), await upstreamSaying(t, says(200, kind.answer))];
        const router = await inProcess(t, over(kind.format, [first, second]) + rule);
        equal((await ask(router.url, kind)).status, expected);
        equal(second.requests.length, 0);
      }
    });

    test("429 with Retry-After is passed on; until then the provider is not asked, and says the rest", async (t) => {
      const upstream = await upstreamSaying(t, says(429, ERROR, "retry-after: 7"));
      const router = await inProcess(t, over(kind.format, [upstream]));
      const first = await ask(router.url, kind);
      deepEqual([first.status, first.headers["retry-after"], first.headers["x-should-retry"]], [429, "7", undefined]);
      ok(first.json.error, "in the client's own shape");
      const second = await ask(router.url, kind);
      equal(second.status, 429);
      match(second.headers["retry-after"] ?? "", /^[1-7]$/);
      equal(upstream.requests.length, 1);
    });

    test("when the attempts are spent the client is told not to try again", async (t) => {
      const upstreams = await Promise.all([1, 2, 3].map(() => upstreamSaying(t, says(500, ERROR))));
      const router = await inProcess(t, over(kind.format, upstreams, "", "[failover]\nmax_attempts = 2"));
      const { status, headers } = await ask(router.url, kind);
      deepEqual([status, headers["x-should-retry"], headers["x-router-attempts"]], [502, "false", "2"]);
      deepEqual(
        upstreams.map(({ requests }) => requests.length),
        [1, 1, 0],
      );
    });

    test("a target that keeps failing is left alone, and asked when there is no other", async (t) => {
      const [first, second] = [
        await upstreamSaying(t, says(500, ERROR)),
        await upstreamSaying(t, says(200, kind.answer)),
      ];
      const breaker = "[breaker]\nconsecutive_failures = 2\nfirst_pause_s = 60";
      const router = await inProcess(t, over(kind.format, [first, second], "", breaker));
      for (let asked = 0; asked < 4; asked++) equal((await ask(router.url, kind)).status, 200);
      deepEqual([first.requests.length, second.requests.length], [2, 4]);
      const alone = await inProcess(t, over(kind.format, [first], "", breaker));
      for (let asked = 0; asked < 4; asked++) equal((await ask(alone.url, kind)).status, 502);
      equal(first.requests.length, 6);
    });

    test("it takes a slot, and gives it back; who gets none is told when", async (t) => {
      const { upstream, open } = await holding(t);
      const router = await inProcess(t, over(kind.format, [upstream], "max_concurrency = 1\nmax_queue_ms = 0"));
      const first = ask(router.url, kind);
      await until(() => open.length === 1, "the first request");
      const refused = await ask(router.url, kind);
      equal(refused.status, 429);
      match(refused.headers["retry-after"] ?? "", /^\d+$/);
      open.shift()?.write(says(200, kind.answer));
      equal((await first).status, 200);
      const third = ask(router.url, kind);
      await until(() => open.length === 1, "the third request");
      open.shift()?.write(says(200, kind.answer));
      equal((await third).status, 200);
    });

    test("a client that leaves closes the upstream and leaves the line", async (t) => {
      const { upstream, open } = await holding(t);
      const router = await inProcess(t, over(kind.format, [upstream], "max_concurrency = 1"));
      const one = await rawClient(router.url, post(kind.path, kind.body));
      await until(() => open.length === 1, "the first request");
      const waiting = await rawClient(router.url, post(kind.path, kind.body));
      await queued(router.url, 1);
      waiting.socket.destroy();
      await queued(router.url, 0);
      one.socket.destroy();
      await until(() => upstream.cut === 1, "the provider's connection to close");
      equal(upstream.requests.length, 1);
      deepEqual(
        router.log.filter((line) => line.startsWith("error")),
        [],
      );
    });

    test("it is under way: for max_in_flight, for /ready, and for a router that stops", async (t) => {
      const { upstream, open } = await holding(t);
      const router = await startInProcess(over(kind.format, [upstream], "", "[overload]\nmax_in_flight = 1"));
      t.after(() => router.close());
      const first = ask(router.url, kind);
      await until(() => open.length === 1, "the request");
      equal((await ask(router.url, kind)).status, 503);
      match(await (await fetch(`${router.url}/ready`)).text(), /overloaded/);
      let isClosed = false;
      const closed = router.close().then(() => {
        isClosed = true;
      });
      await until(async () => !(await accepts(router.url)), "the router to accept nothing more");
      equal(isClosed, false);
      open.shift()?.write(says(200, kind.answer));
      equal((await first).status, 200);
      await closed;
    });
  });
}

test("embeddings of an Ollama: one loads the model, then they go side by side", async (t) => {
  const { upstream, open } = await holding(t);
  const router = await inProcess(t, over("ollama", [upstream]));
  const answer = says(200, '{"model":"m","embeddings":[[1,2]]}');
  const asked = [1, 2, 3].map(() => ask(router.url, KINDS[0]));
  await until(() => open.length === 1, "the one that loads it");
  await queued(router.url, 2);
  equal(upstream.requests.length, 1);
  open.shift()?.write(answer);
  await until(() => open.length === 2, "the others together");
  for (const socket of open) socket.write(answer);
  for (const { status } of await Promise.all(asked)) equal(status, 200);
});

describe("token counts", () => {
  test("a provider that is left alone is not asked: estimated", async (t) => {
    const upstream = await tcpUpstream(t, (socket, { head }) =>
      socket.write(head[0]?.includes("count_tokens") ? says(200, COUNT.answer) : says(500, ERROR)),
    );
    const breaker = "[breaker]\nconsecutive_failures = 1\nfirst_pause_s = 60";
    const router = await inProcess(t, over("anthropic", [upstream], "", `[failover]\nmax_attempts = 1\n\n${breaker}`));
    equal((await ask(router.url, COUNT)).headers["x-router-token-count"], "provider");
    equal(
      (await ask(router.url, { path: "/v1/messages", body: COUNT.body.replace("{", '{"max_tokens":9,') })).status,
      502,
    );
    equal((await ask(router.url, COUNT)).headers["x-router-token-count"], "estimated");
    equal(upstream.requests.length, 2);
  });

  test("it takes a slot, is under way, and waits in no line: estimated where there is one", async (t) => {
    const { upstream, open } = await holding(t);
    const router = await inProcess(t, over("anthropic", [upstream], "max_concurrency = 1"));
    const first = ask(router.url, COUNT);
    await until(() => open.length === 1, "the first count");
    equal((await ask(router.url, COUNT)).headers["x-router-token-count"], "estimated");
    open.shift()?.write(says(200, COUNT.answer));
    equal((await first).headers["x-router-token-count"], "provider");
    equal(upstream.requests.length, 1);
  });

  test("what comes of counting is no fault of the target's", async (t) => {
    const upstream = await upstreamSaying(t, says(500, ERROR));
    const router = await inProcess(t, over("anthropic", [upstream], "", "[breaker]\nconsecutive_failures = 1"));
    for (let asked = 0; asked < 3; asked++)
      equal((await ask(router.url, COUNT)).headers["x-router-token-count"], "estimated");
    equal(upstream.requests.length, 3);
  });
});
