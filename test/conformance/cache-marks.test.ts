import { deepEqual, equal } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isObject, type Json, type JsonObject } from "../../src/core/json.ts";
import type { ClientFormat } from "../support/clients/heard.ts";
import { exchange } from "../support/exchange.ts";
import { modelFor, startFleetWithOpenAI } from "../support/fleet.ts";
import type { Upstream } from "../support/upstream/upstream.ts";
import { pathOf } from "./requests.ts";

const ANTHROPIC: JsonObject = {
  max_tokens: 1000,
  system: [
    { type: "text", text: "rules" },
    { type: "text", text: "more rules", cache_control: { type: "ephemeral", ttl: "1h" } },
  ],
  messages: [
    { role: "user", content: [{ type: "text", text: "one", cache_control: { type: "ephemeral" } }] },
    { role: "assistant", content: "two" },
    { role: "user", content: [{ type: "text", text: "three", cache_control: { type: "ephemeral", ttl: "5m" } }] },
  ],
};
const CHAT: JsonObject = {
  messages: [
    {
      role: "system",
      content: [{ type: "text", text: "rules", prompt_cache_breakpoint: { mode: "explicit", ttl: "12h" } }],
    },
    {
      role: "user",
      content: [{ type: "text", text: "one", prompt_cache_breakpoint: { mode: "explicit", ttl: "30m" } }],
    },
    { role: "assistant", content: "two" },
    { role: "user", content: [{ type: "text", text: "three", prompt_cache_breakpoint: { mode: "explicit" } }] },
  ],
  prompt_cache_key: "session-1",
};

/** Every mark of a body with the text it stands on, in order. */
function marksIn(value: Json | undefined): [text: Json | undefined, mark: Json][] {
  if (Array.isArray(value)) return value.flatMap(marksIn);
  if (!isObject(value)) return [];
  const mark = value["cache_control"] ?? value["prompt_cache_breakpoint"];
  const own: [Json | undefined, Json][] = mark === undefined ? [] : [[value["text"] ?? value["content"], mark]];
  return [...own, ...Object.values(value).flatMap(marksIn)];
}

describe("cache marks of one API become those of another", () => {
  let fleet: Awaited<ReturnType<typeof startFleetWithOpenAI>>;
  before(async () => {
    fleet = await startFleetWithOpenAI();
  });
  after(() => fleet.close());

  async function sent(
    client: ClientFormat,
    fields: JsonObject,
    upstream: Upstream,
    model: string,
  ): Promise<JsonObject> {
    upstream.answer({ text: "ok" });
    const got = await exchange(fleet.router.url + pathOf(client, model, false), {
      body: JSON.stringify({ model, ...fields }),
    });
    equal(got.status, 200, got.body.toString());
    return upstream.last().body;
  }

  test("Anthropic's to OpenAI: explicit breakpoints, 1 h as 12 h, less as the default", async () => {
    const expected = [
      ["more rules", { mode: "explicit", ttl: "12h" }],
      ["one", { mode: "explicit" }],
      ["three", { mode: "explicit" }],
    ];
    deepEqual(marksIn(await sent("anthropic", ANTHROPIC, fleet.real, "gpt-9")), expected);
    const responses = fleet.upstreams["openai-responses"];
    deepEqual(marksIn(await sent("anthropic", ANTHROPIC, responses, modelFor("openai-responses").asked)), expected);
  });

  test("OpenAI's to Anthropic: 12 h as 1 h, the rest as 5 m", async () => {
    const body = await sent("openai", CHAT, fleet.upstreams.anthropic, modelFor("anthropic").asked);
    deepEqual(marksIn(body), [
      ["rules", { type: "ephemeral", ttl: "1h" }],
      ["one", { type: "ephemeral", ttl: "5m" }],
      ["three", { type: "ephemeral" }],
    ]);
  });

  test("there and back: what Chat says to Responses", async () => {
    const upstream = fleet.upstreams["openai-responses"];
    const body = await sent("openai", CHAT, upstream, modelFor("openai-responses").asked);
    deepEqual(marksIn(body), marksIn(CHAT));
    equal(body["prompt_cache_key"], "session-1");
  });

  test("servers that know neither are sent neither", async () => {
    for (const format of ["openai", "ollama"] as const) {
      const body = await sent("anthropic", ANTHROPIC, fleet.upstreams[format], modelFor(format).asked);
      deepEqual(marksIn(body), []);
    }
  });
});
