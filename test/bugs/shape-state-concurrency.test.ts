import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import OpenAI from "openai";
import { type JsonObject, objectsOf } from "../../src/core/json.ts";
import { Losses } from "../../src/core/loss.ts";
import { anthropicProvider } from "../../src/wire/anthropic/provider.ts";
import { readRequest as readChat } from "../../src/wire/openai/request/read-request.ts";
import { CHAT_CLIENTS } from "../conformance/feature.ts";
import { PATHS, pathOf } from "../conformance/requests.ts";
import { DIALOGUES } from "../support/dialogue.ts";
import { exchange } from "../support/exchange.ts";
import { modelFor, startFleetWithOpenAI } from "../support/fleet.ts";
import { readSeen } from "../support/seen/read.ts";
import { UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { heardWell } from "./ask.ts";

const CALL = { id: "call_1", name: "shot", args: "{}" };

/** What Anthropic is sent for a Chat request, and what was lost. */
function toClaude(model: string, body: JsonObject): { body: JsonObject; lost: string[] } {
  const request = readChat({ model, messages: [{ role: "user", content: "hi" }], ...body }, {});
  const losses = new Losses(anthropicProvider.support);
  const sent = anthropicProvider.writeRequest(request, { model, quirks: {} }, losses);
  return { body: sent, lost: losses.list.map((loss) => loss.field) };
}

describe("bugs others had: shape, state, concurrency", () => {
  let fleet: Awaited<ReturnType<typeof startFleetWithOpenAI>>;
  before(async () => {
    fleet = await startFleetWithOpenAI();
  });
  after(() => fleet.close());

  test("46. the developer role sent to servers that refuse it (BerriAI/litellm#24664)", async () => {
    const input = [
      { role: "developer", content: "be brief" },
      { role: "user", content: "hi" },
      { role: "developer", content: "briefer" },
      { role: "user", content: "go on" },
    ];
    for (const [model, upstream, role] of [
      [modelFor("openai").asked, fleet.upstreams.openai, "system"],
      ["gpt-9", fleet.real, "developer"],
    ] as const) {
      upstream.answer({ text: "ok" });
      const body = JSON.stringify({ model, input });
      equal((await exchange(`${fleet.router.url}/v1/responses`, { body })).status, 200);
      const roles = objectsOf(upstream.last().body["messages"]).map((message) => message["role"]);
      deepEqual(roles, [role, "user", role, "user"]);
    }
  });

  test("47. the beginning of the answer was dropped for one model only (router-for-me/CLIProxyAPI#5319)", () => {
    const takes = [
      "claude-3-5-haiku-latest",
      "claude-sonnet-4",
      "claude-opus-4-5",
      "claude-haiku-4-5",
      "my-own-claude",
    ];
    const refuses = [
      "claude-sonnet-4-6",
      "claude-opus-4-7",
      "claude-opus-4-8",
      "claude-sonnet-5",
      "claude-opus-5-5",
      "claude-fable-5-1",
    ];
    const messages = [
      { role: "user", content: "json!" },
      { role: "assistant", content: "{" },
    ];
    for (const model of [...takes, ...refuses]) {
      const { body, lost } = toClaude(model, { messages });
      const turns = objectsOf(body["messages"]);
      match(JSON.stringify(turns), /"text":"\{"/, `${model}: what the client began is gone`);
      equal(turns.at(-1)?.["role"], takes.includes(model) ? "assistant" : "user", model);
      deepEqual(lost, takes.includes(model) ? [] : ["messages"], model);
    }
  });

  test("48. images in tool results were dropped, or sent as text (MTPLX#441, looplj/axonhub#742, kaitranntt/ccs#1133)", async () => {
    const head = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";
    const png = head + "A".repeat(200_000 - (head.length % 4));
    for (const client of CHAT_CLIENTS) {
      for (const provider of UPSTREAM_FORMATS) {
        if (client === provider) continue;
        const dialogue = DIALOGUES[client]("Look.", [
          { name: "shot", description: "A picture.", schema: { type: "object" } },
        ]);
        dialogue.user("show me");
        fleet.answer({ toolCalls: [CALL] });
        const send = async () => {
          const model = modelFor(provider).asked;
          const body = JSON.stringify(dialogue.body(model));
          const got = await exchange(fleet.router.url + pathOf(client, model, false), { body });
          equal(got.status, 200, got.body.toString());
          return JSON.parse(got.body.toString());
        };
        dialogue.answered(await send());
        dialogue.results([{ id: CALL.id, name: CALL.name, text: "taken", png }]);
        await send();
        const seen = readSeen(provider, fleet.upstreams[provider].last().body);
        deepEqual(seen.unknown, []);
        const parts = seen.items.flatMap((item) => ("result" in item ? objectsOf(item["parts"]) : [item]));
        deepEqual(
          parts.flatMap((part) => part["image"] ?? []),
          [`data:image/png;base64,${png}`],
          `${client} to ${provider}`,
        );
        for (const part of parts) ok(String(part["text"] ?? "").length < 1000, "an image as text");
      }
    }
  });

  test("49. sampling sent to models that refuse it (sst/models.dev#1468, pollinations#11319, MinusPod)", () => {
    const asked = { temperature: 0.5, top_p: 0.9, top_k: 5 };
    const takes: [model: string, ...fields: string[]][] = [
      ["claude-3-7-sonnet-20250219", "temperature", "top_p", "top_k"],
      ["claude-sonnet-4-5", "temperature", "top_k"],
      ["claude-sonnet-4-6", "temperature", "top_k"],
      ["claude-opus-4-7"],
      ["claude-sonnet-5"],
      ["claude-opus-5-5"],
      ["claude-haiku-5-5"],
    ];
    for (const [model, ...fields] of takes) {
      const { body, lost } = toClaude(model, asked);
      const all = Object.keys(asked);
      deepEqual(
        all.filter((field) => field in body),
        fields,
        model,
      );
      deepEqual(
        all.filter((field) => lost.includes(field)),
        all.filter((field) => !fields.includes(field)),
        model,
      );
    }
  });

  test("50. the list of what was dropped was shared between requests (maximhq/bifrost#5902)", async () => {
    const fields: JsonObject = {
      seed: 7,
      logit_bias: { "1": 2 },
      frequency_penalty: 1,
      presence_penalty: 1,
      min_p: 0.1,
      repetition_penalty: 1.5,
    };
    const known = Object.keys(fields);
    fleet.answer({ text: "ok" });
    const asked = Array.from({ length: 200 }, async (_, at) => {
      const mine = known.filter((_field, bit) => (at & (1 << bit)) !== 0);
      const own = Object.fromEntries(mine.map((field) => [field, fields[field] ?? null]));
      const messages = [{ role: "user", content: `hi ${at}` }];
      const body = JSON.stringify({ model: modelFor("anthropic").asked, messages, ...own, stream: at % 2 === 0 });
      const { status, headers } = await exchange(fleet.router.url + PATHS.openai, { body });
      equal(status, 200);
      const lost = String(headers["x-router-losses"] ?? "")
        .split(", ")
        .filter(Boolean);
      deepEqual(lost.map((entry) => entry.replace(/=.*/, "")).sort(), mine.sort());
    });
    await Promise.all(asked);
  });

  test("51. an Ollama answer with calls ended with stop, so nobody ran them (BerriAI/litellm#35663)", async () => {
    const ends = { openai: "tool_calls", anthropic: "tool_use", "openai-responses": "completed" };
    for (const [client, finish] of Object.entries(ends)) {
      for (const stream of [false, true]) {
        const format = CHAT_CLIENTS.find((name) => name === client) ?? "openai";
        const heard = await heardWell(fleet, {
          client: format,
          provider: "ollama",
          stream,
          answer: { toolCalls: [CALL] },
        });
        deepEqual([heard.finish, heard.toolCalls.length], [finish, 1]);
      }
    }
  });

  test("52. arrays as call outputs were refused, base64 embeddings were missing (ollama/ollama#15406, #15250, #12715)", async () => {
    const output = [
      { type: "input_text", text: "one" },
      { type: "input_text", text: "two" },
    ];
    const input = [
      { role: "user", content: "hi" },
      { type: "function_call", call_id: "call_1", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output },
    ];
    for (const provider of UPSTREAM_FORMATS) {
      await heardWell(fleet, { client: "openai-responses", provider, answer: { text: "ok" }, fields: { input } });
      match(fleet.upstreams[provider].last().raw.toString(), /one.*two/);
    }
    const client = new OpenAI({ baseURL: `${fleet.router.url}/v1`, apiKey: "k", maxRetries: 0 });
    for (const provider of ["openai", "ollama"] as const) {
      const { data } = await client.embeddings.create({ model: modelFor(provider).asked, input: ["a", "b"] });
      deepEqual(
        data.map((entry) => entry.embedding),
        [
          [0.5, 0],
          [0.5, 1],
        ],
      );
    }
  });
});
