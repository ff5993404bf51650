import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { allRoutes } from "../../../../test/support/all-routes.ts";
import { exchange } from "../../../../test/support/exchange.ts";
import { inProcess } from "../../../../test/support/in-process.ts";
import { asArray, asObject, asString, isObject, type Json, type JsonObject, objectsOf } from "../../../core/json.ts";

const TOML = `[server]
dashboard = true

[classifiers.keyword]
enabled = true
tags = { code = ["code"] }

[[providers]]
name = "sim"
format = "simulated"
models = ["one"]
prices = { input = 1, output = 2 }

[[providers]]
name = "broken"
format = "simulated"
error_rate = 1
errors = [429]

[[providers]]
name = "keyless"
preset = "openai"

[[routers]]
type = "prefix"
model_prefix = "b"
provider = "broken"

[[routers]]
type = "fallback"`;

/** The schema says nothing of what may come besides: here it must not. */
function valid(schema: JsonObject, value: unknown): string {
  const strict: Json = JSON.parse(JSON.stringify(schema), (_key, inner) =>
    isObject(inner) && isObject(inner["properties"]) ? { additionalProperties: false, ...inner } : inner,
  );
  ok(isObject(strict));
  const read = z.fromJSONSchema(strict).safeParse(value);
  return read.success ? "" : z.prettifyError(read.error);
}

const operationsIn = (spec: JsonObject): [string, JsonObject][] =>
  Object.entries(asObject(spec["paths"]) ?? {}).flatMap(([path, methods]) =>
    Object.entries(asObject(methods) ?? {}).map(([method, operation]): [string, JsonObject] => {
      ok(isObject(operation));
      return [`${method.toUpperCase()} ${path}`, operation];
    }),
  );

test("every route under /router is described, and its answers are as described", async (t) => {
  const router = await inProcess(t, TOML, { recording: true });
  const chat = (model: string) =>
    exchange(`${router.url}/v1/chat/completions`, {
      body: JSON.stringify({ model, messages: [{ role: "user", content: "code" }] }),
    });
  for (const model of ["one", "bad"]) await chat(model);
  const [first] = await router.completed(2);
  await router.store?.caughtUp();
  const got = await exchange(`${router.url}/router/openapi.json`);
  equal(got.status, 200);
  const spec: Json = JSON.parse(got.body.toString());
  ok(isObject(spec));
  equal(spec["openapi"], "3.1.0");
  const operations = operationsIn(spec);
  const routes = allRoutes().filter(({ path }) => path.startsWith("/router/"));
  deepEqual(
    operations.map(([name]) => name).toSorted(),
    routes.map(({ method, path }) => `${method} ${path.replace("*", "{id}")}`).toSorted(),
  );
  for (const [name, operation] of operations) {
    const [method = "", path = ""] = name.split(" ");
    const query = path === "/router/stats" ? "?by=tag" : "";
    const url = `${router.url}${path.replace("{id}", first?.id ?? "")}${query}`;
    const body =
      method === "POST"
        ? { body: JSON.stringify({ model: "one", messages: [{ role: "user", content: "code" }], seed: 1 }) }
        : {};
    const answer = await exchange(url, body);
    deepEqual([answer.status, answer.headers["cache-control"]], [200, "no-store"], name);
    const content = asObject(asObject(asObject(operation["responses"])?.["200"])?.["content"]);
    const schema = asObject(asObject(content?.["application/json"])?.["schema"]);
    ok(schema, name);
    equal(valid(schema, JSON.parse(answer.body.toString())), "", name);
    ok(asString(operation["summary"]), name);
  }
});

test("parameters, the key and errors are described", async (t) => {
  const closed = await inProcess(t, `[server]\napi_key_env = "K"\n${TOML.replace("[server]", "")}`, {
    env: { K: "key-0123" },
  });
  equal((await exchange(`${closed.url}/router/openapi.json`)).status, 401);
  const got = await exchange(`${closed.url}/router/openapi.json?api_key=key-0123`);
  const spec: Json = JSON.parse(got.body.toString());
  ok(isObject(spec));
  equal(asArray(spec["security"])?.length, 3);
  const operations = new Map(operationsIn(spec));
  const parameters = objectsOf(operations.get("GET /router/exchanges")?.["parameters"]);
  deepEqual(
    parameters.find(({ name }) => name === "limit"),
    { name: "limit", in: "query", required: false, schema: { default: 50, type: "integer", minimum: 1, maximum: 500 } },
  );
  deepEqual(objectsOf(operations.get("GET /router/exchanges/{id}")?.["parameters"])[0]?.["in"], "path");
  const responses = asObject(operations.get("GET /router/stats")?.["responses"]);
  deepEqual(Object.keys(responses ?? {}), ["200", "400", "401", "404", "503"]);
});
