import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { emptyRequest } from "../../core/request.ts";
import { responsesClient } from "./client.ts";
import { writeCodexModels } from "./codex-models.ts";
import { responsesProvider } from "./provider.ts";

test("the official client raises our errors with their code and the field at fault", async () => {
  const body = responsesClient.writeError({
    status: 400,
    code: "bad_request",
    message: "input: no",
    own: true,
    param: "input",
  });
  const client = new OpenAI({ apiKey: "k", maxRetries: 0, fetch: async () => Response.json(body, { status: 400 }) });
  await assert.rejects(client.responses.create({ model: "m", input: "x" }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.deepEqual([error.type, error.code, error.param], ["router_error", "bad_request", "input"]);
    return true;
  });
});

test("Codex gets an empty list of models: one it cannot read costs it the whole list", () => {
  assert.deepEqual(writeCodexModels([{ id: "m" }]), { models: [] });
});

test("headers that mean something to the provider go on from clients of this API only", () => {
  const sent = { "session-id": "s", authorization: "Bearer k", "x-other": "1" };
  assert.deepEqual(responsesProvider.headers(emptyRequest("openai-responses", "m"), sent), { "session-id": "s" });
  assert.deepEqual(responsesProvider.headers(emptyRequest("openai", "m"), sent), {});
});
