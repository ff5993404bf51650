import { equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { inProcess } from "../../test/support/in-process.ts";
import { post, rawClient } from "../../test/support/raw-client.ts";
import { tcpUpstream } from "../../test/support/tcp-upstream.ts";
import { type OverloadConfig, overloadSchema } from "../config/config.ts";
import { Overload } from "./overload.ts";

/** A clock whose timers come late, as those of a busy event loop. */
class LateClock extends FakeClock {
  lateMs = 0;

  override after(ms: number, run: () => void) {
    return super.after(ms + this.lateMs, run);
  }
}

function overloadOf(config: Partial<OverloadConfig> = {}, heap: () => number = () => 0.1) {
  const clock = new LateClock();
  const overload = new Overload({ ...overloadSchema.parse({}), ...config }, clock, heap);
  overload.start();
  return { clock, overload };
}

describe("overload", () => {
  test("by what is under way", () => {
    const { overload } = overloadOf({ max_in_flight: 2 });
    equal(overload.reason(1), undefined);
    match(overload.reason(2) ?? "", /2 requests are under way \(\[overload\] max_in_flight\)/);
    overload.configure({ ...overloadSchema.parse({}), max_in_flight: 0 });
    equal(overload.reason(1_000_000), undefined);
  });

  test("by an event loop that is late again and again, not by one pause, and over at once", () => {
    const { clock, overload } = overloadOf();
    clock.advance(100);
    clock.lateMs = 600;
    clock.advance(100);
    clock.lateMs = 0;
    clock.advance(700);
    equal(overload.reason(0), undefined);
    clock.advance(100);
    clock.lateMs = 600;
    clock.advance(100);
    clock.advance(700);
    equal(overload.reason(0), undefined);
    clock.advance(700);
    match(overload.reason(0) ?? "", /event loop is late \(\[overload\] max_delay_ms\)/);
    clock.lateMs = 0;
    clock.advance(700);
    clock.advance(100);
    equal(overload.reason(0), undefined);
  });

  test("max_delay_ms = 0: however late it is", () => {
    const { clock, overload } = overloadOf({ max_delay_ms: 0 });
    clock.lateMs = 5_000;
    clock.advance(60_000);
    equal(overload.reason(0), undefined);
  });

  test("by its memory", () => {
    let heap = 0.91;
    const { clock, overload } = overloadOf({}, () => heap);
    clock.advance(100);
    match(overload.reason(0) ?? "", /memory is full \(\[overload\] max_heap_share\)/);
    heap = 0.5;
    clock.advance(100);
    equal(overload.reason(0), undefined);
  });

  test("stopped, it leaves no timer", () => {
    const { clock, overload } = overloadOf();
    overload.stop();
    equal(clock.pending, 0);
  });
});

describe("a router with as much to do as it may", () => {
  const BODY = JSON.stringify({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }] });

  test("refuses what models answer before it reads the body, in each API's shape; the rest goes on", async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const provider = `[[providers]]\nname = "p"\nformat = "openai"\nbase_url = "${upstream.origin}/v1"`;
    const router = await inProcess(t, `[overload]\nmax_in_flight = 1\n\n${provider}\n\n[[routers]]\ntype = "fallback"`);
    equal((await fetch(`${router.url}/ready`)).status, 200);
    const first = await rawClient(router.url, post("/v1/chat/completions", BODY));
    const asked = () => upstream.requests.filter(({ head }) => head[0]?.startsWith("POST")).length;
    const until = Date.now() + 30_000;
    while (asked() === 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    // The body never comes: nobody waits for it.
    const head = `POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n`;
    const second = await rawClient(router.url, head);
    await second.hears("overloaded");
    second.socket.destroy();
    const shapes = [
      ["/v1/chat/completions", /"code":"overloaded"/],
      ["/v1/messages", /"type":"error","error":\{"type":"overloaded_error"/],
      ["/api/chat", /^\{"error":"the router is overloaded/],
      ["/v1beta/models/m:generateContent", /"status":"UNAVAILABLE"/],
      ["/v1/embeddings", /"code":"overloaded"/],
      ["/v1/messages/count_tokens", /overloaded_error/],
    ] as const;
    for (const [path, shape] of shapes) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(router.url + path, { method: "POST", headers, body: BODY });
      equal(answer.status, 503, path);
      equal(answer.headers.get("retry-after"), "1");
      equal(answer.headers.get("x-should-retry"), "true");
      match(await answer.text(), shape);
    }
    equal((await fetch(`${router.url}/health`)).status, 200);
    equal((await fetch(`${router.url}/v1/models`)).status, 200);
    const ready = await fetch(`${router.url}/ready`);
    equal(ready.status, 503);
    equal(await ready.text(), '{"ready":false,"reasons":["overloaded"]}');
    equal(asked(), 1);
    first.socket.destroy();
    await router.completed(1);
    ok((await fetch(`${router.url}/ready`, { method: "HEAD" })).ok);
  });
});
