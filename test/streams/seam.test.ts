import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { asString, objectsOf } from "../../src/core/json.ts";
import { PLAIN } from "../conformance/feature.ts";
import { pathOf, plainBody } from "../conformance/requests.ts";
import { ASK } from "../support/clients/ask.ts";
import { type Cleanup, inProcess } from "../support/in-process.ts";
import { post, rawClient } from "../support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, type TcpScript, tcpUpstream } from "../support/tcp-upstream.ts";
import { until } from "../support/until.ts";

const HALF = "The rain in Spain falls";
const line = (content: string, done = false) =>
  chunk(
    `${JSON.stringify({ model: "m", created_at: "2026-01-01T00:00:00Z", message: { role: "assistant", content }, done, ...(done && { done_reason: "stop", prompt_eval_count: 9, eval_count: 3 }) })}\n`,
  );
const BEGINS = chunkedHead("application/x-ndjson") + line(HALF);
const breaksOff: TcpScript = (socket) => void socket.write(BEGINS, () => setTimeout(() => socket.destroy(), 20));
const saysNothing: TcpScript = () => undefined;
const goesOn: TcpScript = (socket) =>
  void socket.write(chunkedHead("application/x-ndjson") + line(" mainly in the plain.") + line("", true) + LAST_CHUNK);

const CHAIN = `[[routers]]\ntype = "fallback"`;

async function routed(t: Cleanup, scripts: readonly TcpScript[], { rules = CHAIN, head = "", each = "" } = {}) {
  const upstreams = await Promise.all(scripts.map((script) => tcpUpstream(t, script)));
  const providers = upstreams.map(
    ({ origin }, at) => `[[providers]]\nname = "${"abc"[at]}"\nformat = "ollama"\nbase_url = "${origin}"\n${each}`,
  );
  const router = await inProcess(t, [head, "[failover]\ncontinue_stream = true", ...providers, rules].join("\n\n"));
  return { router, upstreams, calls: () => upstreams.map(({ requests }) => requests.length) };
}

const ask = (url: string) => ASK.anthropic(url, { model: "m", ...PLAIN.anthropic }, true);

test("a provider that falls silent in its middle is gone on from, too", async (t) => {
  const { router, upstreams } = await routed(t, [(socket) => socket.write(BEGINS), goesOn], {
    each: "timeout = { idle_ms = 300 }",
  });
  const heard = await ask(router.url);
  deepEqual([heard.error, heard.text], [undefined, `${HALF} mainly in the plain.`]);
  await until(() => upstreams[0]?.cut === 1, "the silent one to be let go");
  const asked = objectsOf(JSON.parse(String(upstreams[1]?.requests[0]?.body)).messages).at(-1);
  deepEqual([asked?.["role"], asString(asked?.["content"])], ["assistant", HALF]);
  const told = router.events.filter((event) => event.type === "attempt");
  deepEqual(
    told.map(({ outcome, next, continued }) => [outcome, next?.provider, continued?.offset]),
    [
      ["timeout", "b", undefined],
      ["ok", undefined, HALF.length],
    ],
  );
});

test("not out of its rule, and not more often than is allowed", async (t) => {
  const private_ = `[[routers]]\ntype = "prefix"\nmodel_prefix = "m"\nprovider = "a"\n\n${CHAIN}`;
  for (const [options, expected] of [
    [{ rules: private_ }, [1, 0]],
    [{ head: "", rules: `${CHAIN}\nfailover = "none"` }, [1, 0]],
  ] as const) {
    const { router, calls } = await routed(t, [breaksOff, goesOn], options);
    const heard = await ask(router.url);
    ok(heard.error);
    deepEqual(calls(), expected);
    equal((await router.completed())[0]?.response?.content, HALF);
  }
});

test("the one asked to go on fails before it says anything: the next one is asked for the same", async (t) => {
  const { router, calls } = await routed(t, [breaksOff, (s) => s.write(httpAnswer(500, "text/plain", "no")), goesOn]);
  const heard = await ask(router.url);
  deepEqual([heard.error, heard.text, calls()], [undefined, `${HALF} mainly in the plain.`, [1, 1, 1]]);
  const [complete] = await router.completed();
  deepEqual(
    complete?.attempts.map(({ continued }) => continued?.from.provider),
    [undefined, undefined, "a"],
  );
});

test("who leaves at the seam is noticed there; a router that stops there ends the stream with an error", async (t) => {
  for (const how of ["leaves", "stops"] as const) {
    const { router, upstreams } = await routed(t, [breaksOff, saysNothing], { head: "[server]\ndrain_s = 0" });
    const request = post(pathOf("openai", "m", true), plainBody("openai", "m", true));
    const asking = await rawClient(router.url, request);
    await until(() => upstreams[1]?.requests.length === 1, "the second to be asked");
    if (how === "leaves") asking.socket.destroy();
    else {
      void router.close();
      match(await asking.hears(/"error"/), new RegExp(`${HALF}[\\s\\S]*"error"`));
      ok(!asking.heard().includes("[DONE]"));
    }
    await until(() => upstreams[1]?.cut === 1, "the second to be let go");
    const [complete] = await router.completed();
    equal(complete?.response?.content, HALF);
    equal(complete?.outcome, how === "leaves" ? "client-gone" : "stopping");
    ok(how === "stops" || (complete?.usage?.output_tokens ?? 0) > 0);
    asking.socket.destroy();
  }
});

test("trailers name the one that answered last", async (t) => {
  const { router } = await routed(t, [breaksOff, goesOn]);
  const asking = await rawClient(router.url, post(pathOf("ollama", "m", true), plainBody("ollama", "m", true)));
  const heard = await asking.hears(/\r\n0\r\n[\s\S]*Output-Tokens/);
  asking.socket.destroy();
  match(heard.slice(0, heard.indexOf("\r\n\r\n")), /X-Router-Provider: a[\s\S]*X-Router-Attempts: 1/);
  match(heard.slice(heard.indexOf("\r\n0\r\n")), /X-Router-Provider: b[\s\S]*X-Router-Attempts: 2/);
});
