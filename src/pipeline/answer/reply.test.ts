import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { PATHS } from "../../../test/conformance/requests.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { httpAnswer, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { forwardedAnswerHeaders, headerSafe } from "./reply.ts";

describe("header values", () => {
  const CASES: [string, string][] = [
    ["gpt-5.5", "gpt-5.5"],
    ["", ""],
    ["a b~", "a b~"],
    ["模型", "%E6%A8%A1%E5%9E%8B"],
    ["x🎉", "x%F0%9F%8E%89"],
    ["a\r\nset-cookie: b", "a%0D%0Aset-cookie: b"],
    ["\0\t\x7f", "%00%09%7F"],
    ["é", "%C3%A9"],
    ["\ud83c", "%EF%BF%BD"],
    ["\udf89x", "%EF%BF%BDx"],
  ];
  for (const [value, expected] of CASES) test(JSON.stringify(value), () => equal(headerSafe(value), expected));

  test("anything at all becomes visible ASCII of a bearable length", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 3000, maxLength: 5000 })), (value) => {
        match(headerSafe(value), /^[\x20-\x7e]{0,2051}$/);
      }),
    );
  });

  test("cut in the middle of a character, long ones still pass", () => {
    match(headerSafe("🎉".repeat(3000)), /^[\x20-\x7e]{2051}$/);
    match(headerSafe(`x${"🎉".repeat(3000)}`), /^[\x20-\x7e]{2051}$/);
  });

  test("of a provider's headers only those that clients steer by are passed on, made safe", () => {
    const flat = forwardedAnswerHeaders({
      "request-id": "r1",
      "x-ratelimit-remaining": "3",
      "anthropic-ratelimit-tokens-reset": "é",
      "openai-processing-ms": "7",
      "retry-after": "2",
      "x-should-retry": "false",
      "set-cookie": ["a=b"],
      "content-encoding": "gzip",
      "access-control-allow-origin": "*",
      server: "theirs",
      "x-router-provider": "forged",
    });
    deepEqual(flat.filter((_, at) => at % 2 === 0).sort(), [
      "anthropic-ratelimit-tokens-reset",
      "openai-processing-ms",
      "request-id",
      "retry-after",
      "x-ratelimit-remaining",
      "x-should-retry",
    ]);
    ok(flat.includes("%C3%A9"));
  });
});

/** Provider's status and error → what clients of OpenAI and of Anthropic get. */
const STATUSES: [number, string, number, number][] = [
  [400, '{"error":{"message":"bad","type":"invalid_request_error"}}', 400, 400],
  [413, '{"error":{"message":"too large"}}', 413, 413],
  [422, '{"error":{"message":"bad"}}', 422, 422],
  [400, '{"error":{"message":"too long","code":"context_length_exceeded"}}', 400, 400],
  [401, '{"error":{"message":"bad key"}}', 502, 502],
  [403, '{"error":{"message":"forbidden"}}', 502, 502],
  [402, '{"error":{"message":"pay"}}', 429, 402],
  [429, '{"error":{"message":"none left","code":"insufficient_quota"}}', 429, 402],
  [429, '{"error":{"message":"slow down"}}', 429, 429],
  [404, '{"error":{"message":"no such model"}}', 404, 404],
  [408, '{"error":{"message":"late"}}', 504, 504],
  [500, '{"error":{"message":"broken"}}', 502, 502],
  [502, "<html>Bad Gateway</html>", 502, 502],
  [503, '{"error":{"message":"busy"}}', 503, 529],
  [504, '{"error":{"message":"late"}}', 504, 504],
  [529, '{"error":{"message":"busy"}}', 503, 529],
];

describe("the status of a provider's error", () => {
  for (const [status, body, forOpenAI, forAnthropic] of STATUSES) {
    test(`${status} ${body}`, async (t) => {
      const type = body.startsWith("{") ? "application/json" : "text/html";
      const answer = httpAnswer(status, type, body, ["retry-after-ms: 20", "x-request-id: r-1"]);
      const upstream = await tcpUpstream(t, (socket) => socket.write(answer));
      const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
      for (const [client, expected] of [
        ["openai", forOpenAI],
        ["anthropic", forAnthropic],
      ] as const) {
        for (const stream of [false, true]) {
          const asked = JSON.stringify({ model: "m", ...PLAIN[client], stream });
          const got = await exchange(router.url + PATHS[client], { body: asked });
          equal(got.status, expected, `${client}: ${got.body}`);
          // In whole seconds; the router itself waits no longer than it has to.
          equal(got.headers["retry-after"], "1");
          equal(got.headers["x-router-provider"], "p");
          ok(JSON.parse(got.body.toString()).error.message.length > 0);
        }
      }
      equal(upstream.requests.length, 4);
      await router.settled();
    });
  }
});

test("names no header takes come back encoded, not as a 500", async (t) => {
  const answer = httpAnswer(500, "application/json", '{"error":{"message":"broken"}}');
  const upstream = await tcpUpstream(t, (socket) => socket.write(answer));
  const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`));
  for (const model of ["模型", "a\r\nx-forged: 1", "\ud83c", "x".repeat(100_000), "__proto__"]) {
    const body = JSON.stringify({ ...PLAIN.openai, model });
    const got = await exchange(`${router.url}/v1/chat/completions`, { body });
    equal(got.status, 502);
    equal(got.headers["x-forged"], undefined);
    match(String(got.headers["x-router-model"]), /^[\x20-\x7e]+$/);
  }
});
