import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { type InProcessRouter, startInProcess } from "../../../test/support/in-process.ts";

const TOML = `[[providers]]
name = "sim"
format = "simulated"
models = ["one", "org/two", "three:latest"]

[[routers]]
type = "prefix"
model_prefix = "routed-"
provider = "sim"`;

describe("model lists", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(TOML);
  });
  after(() => router.close());

  async function get(path: string, headers: Record<string, string> = {}) {
    const got = await exchange(router.url + path, { headers });
    return { status: got.status, body: JSON.parse(got.body.toString()) };
  }

  for (const path of ["/v1/models", "/models"]) {
    test(`${path}: one path, three shapes`, async () => {
      const openai = await get(path);
      equal(openai.body.object, "list");
      deepEqual(ids(openai.body.data, "id"), ["one", "org/two", "three:latest"]);
      const anthropic = await get(path, { "anthropic-version": "2023-06-01" });
      deepEqual(ids(anthropic.body.data, "id"), ["one", "org/two", "three:latest"]);
      ok("has_more" in anthropic.body && "first_id" in anthropic.body);
      const codex = await get(`${path}?client_version=0.99.0`);
      ok(Array.isArray(codex.body.models), JSON.stringify(codex.body));
    });
  }

  test("what Claude Code asks of a gateway: one credential, one big page", async () => {
    for (const [query, headers] of [
      ["?limit=1000", { authorization: "Bearer k" }],
      ["?limit=1000", { "x-api-key": "k" }],
      ["", { "x-api-key": "k" }],
    ] as const) {
      const { body } = await get(`/v1/models${query}`, { ...headers });
      deepEqual(ids(body.data, "display_name"), ["one", "org/two", "three:latest"]);
      equal(body.has_more, false);
    }
    const page = await get("/v1/models?limit=1&after_id=one", { "x-api-key": "k" });
    deepEqual([page.body.first_id, page.body.has_more], ["org/two", true]);
    equal((await get("/v1/models?limit=none", { "x-api-key": "k" })).status, 400);
    equal((await get("/v1/models/one", { "x-api-key": "k" })).body.type, "model");
    equal((await get("/v1/models", { authorization: "Bearer k" })).body.object, "list");
  });

  test("one model, by its name as it is or encoded", async () => {
    for (const path of ["/v1/models/one", "/v1/models/org/two", "/v1/models/org%2Ftwo", "/v1/models/three"]) {
      const { status, body } = await get(path);
      deepEqual([status, body.object], [200, "model"], path);
    }
    const missing = await get("/v1/models/nothing");
    equal(missing.status, 404);
    match(missing.body.error.message, /model 'nothing' not found/);
  });

  test("Ollama's list, what runs, one model and the version", async () => {
    deepEqual(ids((await get("/api/tags")).body.models, "name"), ["one", "org/two", "three:latest"]);
    ok(Array.isArray((await get("/api/ps")).body.models));
    match((await get("/api/version")).body.version, /^\d+\.\d+/);
    for (const body of ['{"model":"three"}', '{"name":"three:latest"}']) {
      const shown = await exchange(`${router.url}/api/show`, { body });
      equal(shown.status, 200);
      ok(Array.isArray(JSON.parse(shown.body.toString()).capabilities));
    }
    equal((await exchange(`${router.url}/api/show`, { body: '{"model":"routed-but-not-listed"}' })).status, 200);
    const unknown = await exchange(`${router.url}/api/show`, { body: '{"model":"nothing"}' });
    deepEqual([unknown.status, typeof JSON.parse(unknown.body.toString()).error], [404, "string"]);
    equal((await exchange(`${router.url}/api/show`, { body: "{}" })).status, 400);
    equal((await exchange(`${router.url}/api/show`, { body: `{"model":"${"x".repeat(70_000)}"}` })).status, 413);
  });

  test("HEAD, as Ollama's clients look", async () => {
    for (const path of ["/api/tags", "/api/version", "/", "/health"]) {
      const got = await exchange(router.url + path, { method: "HEAD" });
      deepEqual([got.status, got.body.length], [200, 0], path);
    }
  });
});

function ids(list: Record<string, unknown>[], key: string): unknown[] {
  return list.map((model) => model[key]).sort();
}
