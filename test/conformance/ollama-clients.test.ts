import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Ollama } from "ollama";
import OpenAI from "openai";
import { asArray, asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { asJson } from "../support/clients/heard.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";

describe("clients that look around before they chat", () => {
  let fleet: Fleet;
  let client: Ollama;
  before(async () => {
    fleet = await startFleet();
    client = new Ollama({ host: fleet.router.url });
  });
  after(() => fleet.close());

  async function get(path: string, headers: Record<string, string> = {}): Promise<JsonObject> {
    const got = await exchange(fleet.router.url + path, { headers });
    equal(got.status, 200, got.body.toString());
    return JSON.parse(got.body.toString());
  }

  test("/api/version is numeric and new enough for VS Code and Codex", async () => {
    const version = asString((await get("/api/version"))["version"]) ?? "";
    match(version, /^\d+\.\d+\.\d+$/);
    const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
    ok(major * 1e6 + minor * 1e3 + patch >= 13_004, version);
  });

  test("/api/tags lists what the providers report, the way Ollama names it", async () => {
    const { models } = await client.list();
    const names = models.map((model) => model.model);
    for (const name of ["listed-llama:latest", "listed-claude", "listed-model"]) {
      ok(
        names.some((listed) => listed === name || listed === `${name}:latest`),
        `${name} not in ${names}`,
      );
    }
    for (const model of models) {
      equal(model.name, model.model);
      ok(model.modified_at && typeof model.size === "number" && model.digest !== undefined && model.details);
    }
  });

  test("/api/show says what VS Code asks of a model, of whatever provider", async () => {
    for (const model of ["listed-llama:latest", "listed-claude", "listed-model"]) {
      const shown = asJson(await client.show({ model }));
      const info = asObject(shown["model_info"]) ?? {};
      const family = asString(info["general.architecture"]);
      ok(family, `no architecture for ${model}`);
      ok(typeof info[`${family}.context_length`] === "number", `no context length for ${model}`);
      ok(typeof info["general.basename"] === "string");
      ok(asArray(shown["capabilities"])?.includes("tools"), `${model}: ${String(shown["capabilities"])}`);
      ok(asObject(shown["details"]));
    }
  });

  test("/api/show of a model nobody has is 404", async () => {
    const body = JSON.stringify({ model: "nobody-has-it" });
    const got = await exchange(`${fleet.router.url}/api/show`, { body });
    equal(got.status, 404);
    ok(JSON.parse(got.body.toString()).error);
  });

  test("/api/ps answers a list", async () => ok(Array.isArray((await client.ps()).models)));

  test("an empty conversation asks to load the model, and is no request to it", async () => {
    fleet.answer({ text: "never" });
    const answer = await client.chat({ model: modelFor("openai").asked, messages: [] });
    equal(answer.done, true);
    equal(answer.done_reason, "load");
    equal(fleet.upstreams.openai.requests.length, 0);
  });

  for (const provider of ["ollama", "openai"] as const) {
    test(`/api/embed and /api/embeddings over ${provider}`, async () => {
      const { asked } = modelFor(provider);
      const many = await client.embed({ model: asked, input: ["a", "b"] });
      deepEqual(many.embeddings, [
        [0.5, 0],
        [0.5, 1],
      ]);
      const one = await client.embeddings({ model: asked, prompt: "a" });
      deepEqual(one.embedding, [0.5, 0]);
    });
    test(`/v1/embeddings over ${provider}, as the OpenAI SDK asks (base64)`, async () => {
      const openai = new OpenAI({ baseURL: `${fleet.router.url}/v1`, apiKey: "k", maxRetries: 0 });
      const got = await openai.embeddings.create({ model: modelFor(provider).asked, input: ["a", "b"] });
      deepEqual(
        got.data.map((entry) => entry.embedding),
        [
          [0.5, 0],
          [0.5, 1],
        ],
      );
    });
  }

  test("/v1/models in the shapes of OpenAI, Anthropic and Codex", async () => {
    const openai = await get("/v1/models");
    equal(openai["object"], "list");
    const ids = objectsOf(openai["data"]).map((model) => model["id"]);
    for (const id of ["listed-model", "listed-claude", "listed-llama:latest"])
      ok(ids.includes(id), `${id} not in ${ids}`);
    const anthropic = await get("/v1/models?limit=1000", { "anthropic-version": "2023-06-01" });
    equal(typeof anthropic["has_more"], "boolean");
    const [first] = objectsOf(anthropic["data"]);
    equal(first?.["type"], "model");
    equal(typeof first["display_name"], "string");
    const codex = await get("/v1/models?client_version=0.169.0");
    ok(Array.isArray(codex["models"]));
  });

  test("a completion in the middle of a text goes to Ollama's own endpoint for it; to others it is refused", async () => {
    fleet.answer({ text: "return a + b" });
    const openai = new OpenAI({ apiKey: "k", baseURL: `${fleet.router.url}/v1`, maxRetries: 0 });
    const asked = { model: modelFor("ollama").asked, prompt: "def add(a, b):", suffix: "\nprint(1)", max_tokens: 9 };
    const whole = await openai.completions.create(asked);
    let streamed = "";
    for await (const chunk of await openai.completions.create({ ...asked, stream: true }))
      streamed += chunk.choices[0]?.text ?? "";
    deepEqual([whole.choices[0]?.text, streamed], ["return a + b", "return a + b"]);
    for (const request of fleet.upstreams.ollama.requests) {
      const { prompt, suffix, options } = asObject(request.body) ?? {};
      equal(request.path, "/api/generate");
      deepEqual([prompt, suffix, options], [asked.prompt, asked.suffix, { num_predict: 9 }]);
    }
    equal(fleet.upstreams.ollama.requests.length, 2);
    const refused = openai.completions.create({ ...asked, model: modelFor("anthropic").asked });
    await rejects(refused, /cannot express: suffix/);
  });

  test("/v1/models/{id}", async () => {
    equal((await get("/v1/models/listed-model"))["id"], "listed-model");
    equal((await exchange(`${fleet.router.url}/v1/models/nobody-has-it`)).status, 404);
  });

  test("/v1/messages/count_tokens asks an Anthropic provider, else counts itself and says so", async () => {
    const counts = async (provider: "anthropic" | "openai"): Promise<[number, JsonObject]> => {
      const body = { model: modelFor(provider).asked, messages: [{ role: "user", content: "count these words" }] };
      const path = "/v1/messages/count_tokens?beta=true";
      const got = await exchange(fleet.router.url + path, { body: JSON.stringify(body) });
      equal(got.status, 200, got.body.toString());
      return [JSON.parse(got.body.toString()).input_tokens, { ...got.headers }];
    };
    const [asked] = await counts("anthropic");
    equal(asked, 42);
    const [counted, headers] = await counts("openai");
    ok(counted > 0 && counted < 42, String(counted));
    match(JSON.stringify(headers), /estimat|count/i);
  });
});
