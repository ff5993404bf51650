import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { PATHS } from "../../../test/conformance/requests.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess } from "../../../test/support/in-process.ts";
import { chunk, chunkedHead, httpAnswer, LAST_CHUNK, tcpUpstream } from "../../../test/support/tcp-upstream.ts";

const KEY = "canary-key-0123456789";
const ECHO = `{"error":{"message":"not allowed with ${KEY}","type":"invalid_request_error","code":"${KEY}","param":null}}`;
const HELLO = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hello"},"finish_reason":null}]}\n\n`;

/** Whatever way a provider repeats the key it was given: no client, event or log line sees it. */
for (const client of ["openai", "anthropic"] as const) {
  for (const [name, answer, stream] of [
    ["an error answer", httpAnswer(400, "application/json", ECHO), false],
    ["a refused key", httpAnswer(401, "application/json", ECHO), false],
    ["an error answer to a stream", httpAnswer(429, "application/json", ECHO), true],
    ["a 200 that is an error", httpAnswer(200, "application/json", ECHO), false],
    ["an HTML page", httpAnswer(200, "text/html", `<p>${KEY}</p>`), false],
    [
      "an error in mid-stream",
      `${chunkedHead("text/event-stream")}${chunk(HELLO)}${chunk(`data: ${ECHO}\n\n`)}${LAST_CHUNK}`,
      true,
    ],
  ] as const) {
    test(`${client} client: ${name} that repeats our key`, async (t) => {
      const upstream = await tcpUpstream(t, (socket) => socket.write(answer));
      const config = `[[providers]]
name = "up"
format = "openai"
base_url = "${upstream.origin}/v1"
api_key_env = "UP_KEY"
[[routers]]
type = "fallback"
`;
      const router = await inProcess(t, config, { env: { UP_KEY: KEY } });
      const body = JSON.stringify({ model: "m", ...PLAIN[client], stream });
      const got = await exchange(router.url + PATHS[client], { body });
      const [complete] = await router.completed();
      ok(complete && complete.outcome !== "ok");
      const seen = `${got.body.toString()}${JSON.stringify(got.headers)}${JSON.stringify(router.events)}${router.log.join()}`;
      ok(!seen.includes(KEY), seen);
      const providers = await exchange(`${router.url}/router/providers`);
      equal(providers.status, 200);
      ok(!providers.body.includes(KEY), providers.body.toString());
      equal(seen.includes("[key]"), true);
    });
  }
}
