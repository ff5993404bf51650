import assert from "node:assert/strict";
import { test } from "node:test";
import { Ollama } from "ollama";
import { asObject, asString, type JsonObject, objectsOf } from "../../core/json.ts";
import type { ModelInfo } from "../../core/model.ts";
import { writeGenerateLoad, writeLoad } from "./client.ts";
import { capabilitiesOf, readShow, readTags, writePs, writeShow, writeTags, writeVersion } from "./models.ts";

const DETAILS = {
  parent_model: "",
  format: "gguf",
  family: "qwen3",
  families: ["qwen3"],
  parameter_size: "8.2B",
  quantization_level: "Q4_K_M",
};
const FULL: ModelInfo = {
  id: "qwen3:8b",
  capabilities: new Set(["completion", "tools", "thinking", "coding"]),
  contextLength: 40_960,
  createdMs: Date.UTC(2026, 0, 2),
  family: "qwen3",
  parameterSize: "8.2B",
  quantization: "Q4_K_M",
  sizeBytes: 5_225_388_164,
  digest: "500a1f067a9f",
};

test("the tags, read", () => {
  const entry = { name: "qwen3:8b", model: "qwen3:8b", size: 5, digest: "d", details: DETAILS };
  assert.deepEqual(readTags({ models: [{ ...entry, modified_at: "2026-01-02T00:00:00Z" }, { name: "old" }, {}, 3] }), [
    {
      id: "qwen3:8b",
      family: "qwen3",
      parameterSize: "8.2B",
      quantization: "Q4_K_M",
      sizeBytes: 5,
      digest: "d",
      createdMs: Date.UTC(2026, 0, 2),
    },
    { id: "old" },
  ]);
  for (const body of [null, [], {}, { models: null }]) assert.deepEqual(readTags(body), []);
});

test("what show adds", () => {
  const show = {
    details: DETAILS,
    capabilities: ["completion", "tools"],
    model_info: { "general.architecture": "qwen3", "qwen3.context_length": 40_960 },
  };
  assert.deepEqual(readShow(show), {
    family: "qwen3",
    parameterSize: "8.2B",
    quantization: "Q4_K_M",
    capabilities: new Set(["completion", "tools"]),
    contextLength: 40_960,
  });
  assert.deepEqual(readShow("?"), {});
  const thinking = { values: ["low", "high", 3], default: "low" };
  assert.deepEqual(readShow({ thinking }).thinking, { values: ["low", "high"], standard: "low" });
  assert.deepEqual(writeShow({ id: "m", thinking: { values: ["low"], standard: "low" } })["thinking"], {
    values: ["low"],
    default: "low",
  });
  assert.equal("thinking" in writeShow({ id: "m" }), false);
});

test("a model or family with code in its name can code; who says nothing is not known to do anything", () => {
  const show = (family: string): JsonObject => ({ capabilities: ["tools"], details: { family, families: [family] } });
  assert.deepEqual(capabilitiesOf(show("qwen3"), "qwen3"), new Set(["tools"]));
  assert.deepEqual(capabilitiesOf(show("qwen3"), "Qwen3-Coder:30b"), new Set(["tools", "coding"]));
  assert.deepEqual(capabilitiesOf(show("starcoder2"), "mine"), new Set(["tools", "coding"]));
  assert.equal(capabilitiesOf({ details: { family: "starcoder2" } }, "codellama"), undefined);
  assert.equal(capabilitiesOf(null, "m"), undefined);
});

/** As VS Code's Ollama provider reads it. */
function asVsCode(show: JsonObject): { name: string; context: number; tools: boolean; vision: boolean } {
  const info = asObject(show["model_info"]) ?? {};
  const capabilities = show["capabilities"];
  assert.ok(Array.isArray(capabilities));
  return {
    name: String(info["general.basename"]),
    context: Number(info[`${asString(info["general.architecture"])}.context_length`]),
    tools: capabilities.includes("tools"),
    vision: capabilities.includes("vision"),
  };
}

test("VS Code finds what it needs in show, for models known and unknown", () => {
  assert.deepEqual(asVsCode(writeShow(FULL)), { name: "qwen3:8b", context: 40_960, tools: true, vision: false });
  assert.deepEqual(asVsCode(writeShow({ id: "gpt-6", displayName: "GPT 6" })), {
    name: "GPT 6",
    context: 131_072,
    tools: true,
    vision: true,
  });
});

test("`coding` is our word and not said to clients", () => {
  assert.deepEqual(writeShow(FULL)["capabilities"], ["completion", "tools", "thinking"]);
});

test("tags, ps and show written are read again as they were", async () => {
  const [tags] = readTags(writeTags([FULL]));
  assert.deepEqual({ ...tags, ...readShow(writeShow(FULL), "qwen-code") }, FULL);
  const ollama = new Ollama({ fetch: async () => new Response(JSON.stringify(writeTags([FULL, { id: "x" }]))) });
  const { models } = await ollama.list();
  assert.deepEqual(
    models.map((model) => [model.model, model.details.family]),
    [
      ["qwen3:8b", "qwen3"],
      ["x", ""],
    ],
  );
  for (const model of objectsOf(writePs([{ id: "x" }])["models"])) {
    assert.ok(Date.parse(String(model["expires_at"])) > Date.UTC(2100, 0));
    assert.equal(model["context_length"], 131_072);
  }
});

test("every entry has a digest: `ollama list` cuts it to twelve characters without looking", () => {
  for (const model of objectsOf(writeTags([{ id: "a" }, { id: "b" }])["models"]))
    assert.match(String(model["digest"]), /^[0-9a-f]{64}$/);
});

test("the version is three numbers, and enough for Codex (0.13.4) and VS Code (0.6.4)", () => {
  const version = String(writeVersion()["version"]);
  assert.match(version, /^\d+\.\d+\.\d+$/);
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  assert.ok(major * 1e6 + minor * 1e3 + patch >= 13_004);
});

test("loading and unloading a model", () => {
  const at = Date.UTC(2026, 10, 23);
  const head = { model: "m", created_at: "2026-11-23T00:00:00.000Z" };
  const message = { role: "assistant", content: "" };
  assert.deepEqual(writeLoad({ model: "m" }, at), { ...head, message, done: true, done_reason: "load" });
  for (const keep_alive of [0, "0", "0s"])
    assert.deepEqual(writeLoad({ model: "m", keep_alive }, at), {
      ...head,
      message,
      done: true,
      done_reason: "unload",
    });
  assert.equal(writeLoad({ keep_alive: "10m" }, at)["done_reason"], "load");
  assert.deepEqual(writeGenerateLoad({ model: "m", keep_alive: -1 }, at), {
    ...head,
    response: "",
    done: true,
    done_reason: "load",
  });
});
