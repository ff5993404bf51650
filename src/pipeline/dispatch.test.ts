import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../test/support/in-process.ts";
import { post, rawClient } from "../../test/support/raw-client.ts";
import { chunk, chunkedHead, httpAnswer, tcpUpstream } from "../../test/support/tcp-upstream.ts";
import { until } from "../../test/support/until.ts";
import type { Sink } from "../record/recorder.ts";

const nested = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
/** Nearly as deep as a body may be. */
const DEEP = nested(990);
/** In a text, where nobody looks before it is read. */
const DEEPER = nested(100_000);
const SAID = chunk(
  'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n',
);

/** Requests whose values are nested so deeply that whatever walks them runs out of stack. */
const HOSTILE: [string, string][] = [
  [
    "a tool's schema",
    `{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":${DEEP}}}]}`,
  ],
  [
    "the arguments of an earlier call",
    JSON.stringify({
      model: "m",
      stream: true,
      messages: [
        { role: "assistant", tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: DEEPER } }] },
        { role: "tool", tool_call_id: "c", content: "done" },
      ],
    }),
  ],
  ["a field nobody knows", `{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}],"zz":${DEEP}}`],
];

describe("hostile nesting, and a client that leaves", () => {
  for (const [name, body] of HOSTILE) {
    test(`${name}: recorded like any other, and the router lives`, async (t) => {
      const upstream = await tcpUpstream(t, (socket) => socket.write(chunkedHead("text/event-stream") + SAID));
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      const client = await rawClient(router.url, post("/v1/chat/completions", body));
      await client.hears("hi");
      client.socket.destroy();
      const [complete] = await router.completed();
      deepEqual([complete?.outcome, complete?.response?.content], ["client-gone", "hi"]);
      ok(JSON.stringify(complete).length > 0);
      ok(!router.log.some((line) => line.startsWith("error")), router.log.join("\n").slice(0, 500));
      equal((await exchange(`${router.url}/health`)).status, 200);
    });
  }
});

test("an event that cannot be recorded costs the record, not the request", async (t) => {
  const answer = { id: "c", model: "m", choices: [{ index: 0, message: { content: "hi" }, finish_reason: "stop" }] };
  const upstream = await tcpUpstream(t, (socket) =>
    socket.write(httpAnswer(200, "application/json", JSON.stringify(answer))),
  );
  const broken: Sink = {
    active: true,
    completeOnly: true,
    take() {
      throw new Error("a sink that breaks its word");
    },
  };
  const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`), { sinks: [broken] });
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "x" }] });
  for (const _ of [1, 2]) equal((await exchange(`${router.url}/v1/chat/completions`, { body })).status, 200);
  await until(
    () => router.log.filter((line) => line.includes("could not be recorded")).length === 2,
    "the log to say so",
  );
  match(router.log.join("\n"), /a sink that breaks its word/);
  equal(router.starts().at(-1)?.in_flight, 1);
});
