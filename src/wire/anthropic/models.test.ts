import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { readModels, writeModelList } from "./models.ts";

test("a list as the official SDK pages through it", async () => {
  const list = writeModelList(
    [{ id: "a", displayName: "A", createdMs: 1_760_000_000_000, contextLength: 200_000 }, { id: "b" }],
    new URLSearchParams(),
  );
  assert.deepEqual(list["data"], [
    { type: "model", id: "a", display_name: "A", created_at: "2025-10-09T08:53:20.000Z", max_input_tokens: 200_000 },
    { type: "model", id: "b", display_name: "b", created_at: "1970-01-01T00:00:00.000Z" },
  ]);
  const client = new Anthropic({ apiKey: "k", fetch: async () => Response.json(list) });
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.deepEqual(ids, ["a", "b"]);
});

test("pages, both ways, as the official SDK asks for them", async () => {
  const models = ["a", "b", "c", "d", "e"].map((id) => ({ id }));
  const asked: string[] = [];
  const client = new Anthropic({
    apiKey: "k",
    fetch: async (url) => {
      const { search, searchParams } = new URL(String(url));
      asked.push(search);
      return Response.json(writeModelList(models, searchParams));
    },
  });
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 2 })) ids.push(model.id);
  assert.deepEqual(ids, ["a", "b", "c", "d", "e"]);
  assert.deepEqual(asked, ["?limit=2", "?limit=2&after_id=b", "?limit=2&after_id=d"]);
  const back = writeModelList(models, new URLSearchParams("limit=2&before_id=d"));
  assert.deepEqual([back["first_id"], back["last_id"], back["has_more"]], ["b", "c", true]);
  for (const limit of ["0", "1001", "x"])
    assert.throws(() => writeModelList(models, new URLSearchParams({ limit })), /limit/);
});

test("an empty list", () => {
  assert.deepEqual(writeModelList([], new URLSearchParams()), {
    data: [],
    has_more: false,
    first_id: null,
    last_id: null,
  });
});

test("a provider's list, with what it says of each model", () => {
  const models = readModels({
    data: [
      {
        type: "model",
        id: "claude-opus-5-5",
        display_name: "Claude Opus 5.5",
        created_at: "2026-10-01T00:00:00Z",
        max_input_tokens: 1_000_000,
        capabilities: { image_input: { supported: true }, thinking: { supported: true } },
      },
      { id: "plain", created_at: "yesterday" },
      { display_name: "nameless" },
    ],
  });
  assert.deepEqual(models, [
    {
      id: "claude-opus-5-5",
      displayName: "Claude Opus 5.5",
      createdMs: Date.UTC(2026, 9, 1),
      contextLength: 1_000_000,
      capabilities: new Set(["completion", "tools", "vision", "thinking"]),
    },
    { id: "plain" },
  ]);
  assert.throws(() => readModels({ error: "no" }), /data/);
});
