import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CLIENT_FORMATS, type ClientFormat } from "../support/clients/heard.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, PROVIDER_FORMATS, startFleet } from "../support/fleet.ts";
import { UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { pathOf, plainBody } from "./requests.ts";

const CLASSIFIERS = `[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
greeting = ["hi"]

[response_classifiers.refusal]
enabled = true
phrases = ["I must not"]`;

describe("headers and trailers", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet({ more: CLASSIFIERS });
    fleet.answer({ text: "I must not say", usage: { input: 21, output: 9 } });
  });
  after(() => fleet.close());
  for (const client of CLIENT_FORMATS) {
    for (const provider of PROVIDER_FORMATS) {
      test(`${client} -> ${provider}, whole`, async () => {
        const { asked, sent } = modelFor(provider);
        const got = await exchange(fleet.router.url + pathOf(client, asked, false), {
          body: plainBody(client, asked, false),
        });
        equal(got.status, 200, got.body.toString());
        equal(got.headers["x-router-provider"], `p-${provider}`);
        equal(got.headers["x-router-model"], sent);
        equal(got.headers["x-router-request-tags"], "greeting");
        match(String(got.headers["content-type"]), /^application\/json/);
        if (provider === "simulated") return;
        equal(got.headers["x-router-input-tokens"], "21");
        equal(got.headers["x-router-output-tokens"], "9");
        equal(got.headers["x-router-response-tags"], "refusal");
      });
      test(`${client} -> ${provider}, streamed`, async () => {
        const { asked, sent } = modelFor(provider);
        const got = await exchange(fleet.router.url + pathOf(client, asked, true), {
          body: plainBody(client, asked, true),
        });
        equal(got.status, 200, got.body.toString());
        equal(got.headers["x-router-provider"], `p-${provider}`);
        equal(got.headers["x-router-model"], sent);
        equal(got.headers["x-router-request-tags"], "greeting");
        const type = client.startsWith("ollama") ? /^application\/x-ndjson/ : /^text\/event-stream/;
        match(String(got.headers["content-type"]), type);
        match(String(got.headers["trailer"]), /x-router-output-tokens/i);
        ok(Number(got.trailers["x-router-input-tokens"]) > 0, JSON.stringify(got.trailers));
        ok(Number(got.trailers["x-router-output-tokens"]) > 0);
        if (provider !== "simulated") equal(got.trailers["x-router-response-tags"], "refusal");
      });
    }
  }
});

/** Providers whose API takes the key in a header of its own. */
const BARE_KEYS = new Map<string, string>([
  ["anthropic", "x-api-key"],
  ["gemini", "x-goog-api-key"],
]);

describe("what the provider is sent", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());
  const own = { authorization: "Bearer client-secret", "x-api-key": "client-secret", cookie: "client-secret" };
  for (const provider of UPSTREAM_FORMATS) {
    test(`${provider}: the router's key for it and nothing of the client's`, async () => {
      for (const client of CLIENT_FORMATS) {
        const body = plainBody(client, modelFor(provider).asked, false);
        const path = pathOf(client, modelFor(provider).asked, false);
        const got = await exchange(fleet.router.url + path, { body, headers: own });
        equal(got.status, 200);
        const { headers, raw } = fleet.upstreams[provider].last();
        const bare = BARE_KEYS.get(provider);
        if (bare === undefined) equal(headers.authorization, "Bearer upstream-key");
        else equal(headers[bare], "upstream-key");
        ok(!JSON.stringify(headers).includes("client-secret"));
        equal(headers["content-type"]?.split(";")[0], "application/json");
        equal(Number(headers["content-length"]), raw.length);
        match(headers["accept-encoding"] ?? "identity", /^identity$/);
      }
    });
  }
  test("Anthropic's version, betas and query go through, known or not", async () => {
    const headers = {
      "anthropic-version": "2026-10-21",
      "anthropic-beta": "effort-2025-11-24,never-heard-of-2031-01-01",
    };
    const body = plainBody("anthropic", modelFor("anthropic").asked, false);
    equal((await exchange(`${fleet.router.url}/v1/messages?beta=true`, { body, headers })).status, 200);
    const sent = fleet.upstreams.anthropic.last();
    equal(sent.headers["anthropic-version"], headers["anthropic-version"]);
    equal(sent.headers["anthropic-beta"], headers["anthropic-beta"]);
    equal(sent.query, "?beta=true");
  });
  test("a version is chosen for Anthropic when the client has none", async () => {
    const body = plainBody("openai", modelFor("anthropic").asked, false);
    equal((await exchange(`${fleet.router.url}/v1/chat/completions`, { body })).status, 200);
    equal(fleet.upstreams.anthropic.last().headers["anthropic-version"], "2023-06-01");
  });
  test("the plugins of a request are never forwarded", async () => {
    for (const client of CLIENT_FORMATS) {
      const plain = JSON.parse(plainBody(client, modelFor("openai").asked, false));
      const body = JSON.stringify({ ...plain, plugins: [{ id: "nobody-has-it", tier: "high" }] });
      const path = pathOf(client, modelFor("openai").asked, false);
      equal((await exchange(fleet.router.url + path, { body })).status, 200);
      ok(!("plugins" in fleet.upstreams.openai.last().body), client);
    }
  });
});

/** The error body of each API. */
function expectShape(client: ClientFormat, text: string, message: RegExp): void {
  const body = JSON.parse(text);
  if (client.startsWith("ollama")) {
    match(body.error, message);
    return;
  }
  match(body.error.message, message);
  if (client === "gemini") {
    equal(typeof body.error.code, "number");
    match(body.error.status, /^[A-Z_]+$/);
    return;
  }
  equal(typeof body.error.type, "string");
  if (client === "anthropic") equal(body.type, "error");
  else deepEqual(Object.keys(body.error).sort(), ["code", "message", "param", "type"]);
}

describe("errors the router makes", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());
  for (const client of CLIENT_FORMATS) {
    test(`${client}: no rule for the model`, async () => {
      const got = await exchange(fleet.router.url + pathOf(client, "nobody-has-it", false), {
        body: plainBody(client, "nobody-has-it", false),
      });
      equal(got.status, 400);
      expectShape(client, got.body.toString(), /no provider configured for model 'nobody-has-it'/);
    });
    test(`${client}: a body that is not JSON, and one that is no object`, async () => {
      for (const body of ["{", "[]", ""]) {
        const got = await exchange(fleet.router.url + pathOf(client, "m", false), { body });
        equal(got.status, 400, body);
        expectShape(client, got.body.toString(), /./);
      }
    });
    test(`${client}: no model`, async () => {
      const got = await exchange(fleet.router.url + pathOf(client, "", false), { body: "{}" });
      equal(got.status, 400);
      expectShape(client, got.body.toString(), /model/);
    });
    test(`${client}: wrong method`, async () => {
      const got = await exchange(fleet.router.url + pathOf(client, "m", false), { method: "DELETE" });
      ok([404, 405].includes(got.status), String(got.status));
      expectShape(client, got.body.toString(), /./);
    });
  }
  test("routes nobody has are 404, in the shape of the API they seem to be of", async () => {
    const shapes: [string, ClientFormat, Record<string, string>][] = [
      ["/v1/nothing", "openai", {}],
      ["/v1/messages/nothing", "anthropic", { "anthropic-version": "2023-06-01" }],
      ["/api/nothing", "ollama", {}],
      ["/v1beta/nothing", "gemini", {}],
      ["/v1beta/models/m:nothing", "gemini", {}],
      ["/v1/models/m:nothing", "gemini", {}],
      ["/v1/models/x/nothing", "gemini", { "x-goog-api-key": "k" }],
    ];
    for (const [path, client, headers] of shapes) {
      const got = await exchange(fleet.router.url + path, { body: "{}", headers });
      equal(got.status, 404, path);
      expectShape(client, got.body.toString(), /./);
    }
  });
  test("a model nobody has is told in the shape of the API whose client asks", async () => {
    const shapes: [ClientFormat, Record<string, string>][] = [
      ["openai", {}],
      ["anthropic", { "anthropic-version": "2026-10-21" }],
      ["gemini", { "x-goog-api-key": "k" }],
    ];
    for (const [client, headers] of shapes) {
      const got = await exchange(`${fleet.router.url}/v1/models/nope`, { headers });
      equal(got.status, 404);
      expectShape(client, got.body.toString(), /model 'nope' not found/);
    }
  });
  test("HEAD and GET / are answered, as Ollama does", async () => {
    const head = await exchange(`${fleet.router.url}/`, { method: "HEAD" });
    equal(head.status, 200);
    const get = await exchange(`${fleet.router.url}/`);
    equal(get.status, 200);
  });
  test("a WebSocket upgrade is refused with 426, so that Codex falls back at once", async () => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "openai-beta": "responses_websockets=2026-02-06",
    };
    const got = await exchange(`${fleet.router.url}/v1/responses`, { headers });
    equal(got.status, 426);
  });
  test("strict refuses what would be lost, naming it", async () => {
    const strict = await startFleet({ more: "[translation]\nstrict = true" });
    try {
      const body = { model: modelFor("anthropic").asked, messages: [{ role: "user", content: "hi" }], seed: 7 };
      const got = await exchange(`${strict.router.url}/v1/chat/completions`, { body: JSON.stringify(body) });
      equal(got.status, 400);
      expectShape("openai", got.body.toString(), /seed/);
      equal(strict.upstreams.anthropic.requests.length, 0);
    } finally {
      await strict.close();
    }
  });
});

describe("the router's key", () => {
  const KEY = "router-key-of-the-test";
  let fleet: Fleet;
  let url = "";
  before(async () => {
    const env = { ROUTER_KEY: KEY };
    fleet = await startFleet({ server: 'dashboard = true\napi_key_env = "ROUTER_KEY"', env });
    url = fleet.router.url;
  });
  after(() => fleet.close());
  for (const client of CLIENT_FORMATS) {
    const body = plainBody(client, modelFor("openai").asked, false);
    const path = pathOf(client, modelFor("openai").asked, false);
    test(`${client}: taken in each of its places`, async () => {
      const ways: [string, Record<string, string>][] = [
        ["", { authorization: `Bearer ${KEY}` }],
        ["", { "x-api-key": KEY }],
        ["", { "x-goog-api-key": KEY }],
        [`?api_key=${KEY}`, {}],
        ...(client === "gemini" ? [[`?key=${KEY}`, {}] satisfies [string, Record<string, string>]] : []),
      ];
      for (const [query, headers] of ways) {
        const got = await exchange(url + path + query, { body, headers });
        equal(got.status, 200, JSON.stringify(headers));
        const { headers: sent, query: sentQuery } = fleet.upstreams.openai.last();
        ok(!JSON.stringify([sent, sentQuery]).includes(KEY), "the router's key went to the provider");
      }
    });
    test(`${client}: missing or wrong is 401 in the client's shape`, async () => {
      for (const headers of [{}, { authorization: "Bearer wrong" }, { "x-api-key": `${KEY}x` }]) {
        const query = client === "gemini" ? "" : `?key=${KEY}`;
        const got = await exchange(url + path + query, { body, headers });
        equal(got.status, 401);
        expectShape(client, got.body.toString(), /key/i);
      }
    });
  }
  test("every route but /health and /ready is closed", async () => {
    const routes = ["/", "/v1/models", "/api/tags", "/api/version", "/dashboard", "/dashboard/events", "/nothing"];
    for (const route of routes) equal((await exchange(url + route)).status, 401, route);
    const health = await exchange(`${url}/health`);
    equal(health.status, 200);
    match(health.body.toString(), /ok/);
  });
  test("keys appear in nothing that is printed or answered", async () => {
    fleet.answer({ error: { status: 401, message: "bad key: upstream-key" } });
    const body = plainBody("openai", modelFor("openai").asked, false);
    const got = await exchange(`${url}/v1/chat/completions`, { body, headers: { authorization: `Bearer ${KEY}` } });
    notEqual(got.status, 401);
    ok(!fleet.router.logs().includes(KEY));
    ok(!fleet.router.logs().includes("upstream-key"));
    ok(!got.body.toString().includes("upstream-key"), "the provider's key was told on to the client");
  });
});
