import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { type InProcessRouter, inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import { httpAnswer, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";

const ASKED = { model: "m", messages: [{ role: "user", content: "How many tokens is this, would you say?" }] };

async function count(router: InProcessRouter, body: object = ASKED) {
  const headers = { "anthropic-version": "2023-06-01", "anthropic-beta": "token-counting", "x-api-key": "client-key" };
  const got = await exchange(`${router.url}/v1/messages/count_tokens`, { body: JSON.stringify(body), headers });
  return { status: got.status, how: got.headers["x-router-token-count"], body: JSON.parse(got.body.toString()) };
}

describe("token counts", () => {
  test("an Anthropic provider is asked, with the client's own bytes and versions", async (t) => {
    const answer = httpAnswer(200, "application/json", '{"input_tokens":4711}');
    const upstream = await tcpUpstream(t, (socket) => socket.write(answer));
    const router = await inProcess(t, oneProvider("anthropic", upstream.origin));
    const { status, how, body } = await count(router, { ...ASKED, plugins: [{ id: "x" }] });
    deepEqual([status, how, body], [200, "provider", { input_tokens: 4711 }]);
    const [sent] = upstream.requests;
    equal(sent?.head[0], "POST /v1/messages/count_tokens HTTP/1.1");
    deepEqual(JSON.parse(sent?.body.toString() ?? ""), ASKED);
    ok(sent?.head.includes("anthropic-beta: token-counting"));
    ok(!sent?.head.some((line) => line.includes("client-key")));
  });

  for (const [name, answer] of [
    [
      "refuses",
      httpAnswer(404, "application/json", '{"type":"error","error":{"type":"not_found_error","message":"x"}}'),
    ],
    ["talks nonsense", httpAnswer(200, "text/html", "<html>")],
    ["hangs up", ""],
  ] as const) {
    test(`one that ${name}: estimated, said so, and warned of`, async (t) => {
      const upstream = await tcpUpstream(t, (socket) => socket.end(answer));
      const router = await inProcess(t, oneProvider("anthropic", upstream.origin));
      const { status, how, body } = await count(router);
      deepEqual([status, how], [200, "estimated"]);
      ok(body.input_tokens > 5 && body.input_tokens < 30, JSON.stringify(body));
      match(
        router.log.filter((line) => line.includes("count tokens")).join(),
        /^warn: provider p did not count tokens/,
      );
    });
  }

  test("any other provider: estimated, without asking or warning", async (t) => {
    const router = await inProcess(
      t,
      `[[providers]]\nname = "p"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`,
    );
    const { how, body } = await count(router);
    equal(how, "estimated");
    ok(body.input_tokens > 5);
    deepEqual(router.log, []);
  });

  test("clients of other APIs are translated: Responses for Anthropic, Anthropic for Responses", async (t) => {
    const answer = httpAnswer(200, "application/json", '{"object":"response.input_tokens","input_tokens":815}');
    const upstream = await tcpUpstream(t, (socket) => socket.write(answer));
    const toml = ["anthropic", "openai-responses"].map(
      (format) =>
        `[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${upstream.origin}"\n` +
        `[[routers]]\ntype = "prefix"\nmodel_prefix = "${format}"\nprovider = "${format}"\nrewrite_model = "m-1"\n`,
    );
    const router = await inProcess(t, toml.join("\n"));
    const body = JSON.stringify({ model: "anthropic", instructions: "Be brief.", input: "How long?", store: false });
    const responses = await exchange(`${router.url}/v1/responses/input_tokens`, { body });
    deepEqual(JSON.parse(responses.body.toString()), { object: "response.input_tokens", input_tokens: 815 });
    equal(responses.headers["x-router-token-count"], "provider");
    const tools = [{ name: "look.up", input_schema: { type: "object" } }];
    const anthropic = await count(router, { ...ASKED, model: "openai-responses", tools });
    deepEqual([anthropic.how, anthropic.body], ["provider", { input_tokens: 815 }]);
    const [toAnthropic, toResponses] = upstream.requests;
    equal(toAnthropic?.head[0], "POST /messages/count_tokens HTTP/1.1".replace("/messages", "/v1/messages"));
    deepEqual(JSON.parse(toAnthropic?.body.toString() ?? ""), {
      model: "m-1",
      system: [{ type: "text", text: "Be brief." }],
      messages: [{ role: "user", content: [{ type: "text", text: "How long?" }] }],
    });
    equal(toResponses?.head[0], "POST /responses/input_tokens HTTP/1.1");
    const asked = JSON.parse(toResponses?.body.toString() ?? "");
    equal(asked.model, "m-1");
    match(asked.tools[0].name, /^look_up_[0-9a-f]{8}$/);
    deepEqual(
      ["max_output_tokens", "store", "stream", "include"].filter((key) => key in asked),
      [],
    );
  });

  test("what is no request is 400, and no rule too, in Anthropic's shape", async (t) => {
    const router = await inProcess(t, `[[providers]]\nname = "p"\nformat = "simulated"`);
    for (const body of [ASKED, { messages: [] }]) {
      const got = await count(router, body);
      deepEqual([got.status, got.body.type], [400, "error"]);
    }
  });

  test("a client that leaves closes the provider's connection, without a warning", async (t) => {
    const upstream = await tcpUpstream(t, () => undefined);
    const router = await inProcess(t, oneProvider("anthropic", upstream.origin));
    const client = await rawClient(router.url, post("/v1/messages/count_tokens", JSON.stringify(ASKED)));
    await until(() => upstream.requests.length === 1, "the provider to be asked");
    client.socket.destroy();
    await until(() => upstream.cut === 1, "the provider's connection to close");
    deepEqual(
      router.log.filter((line) => line.includes("count tokens")),
      [],
    );
  });
});
