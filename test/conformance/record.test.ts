import { deepEqual, equal, ok } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { asObject, asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { CLIENT_FORMATS } from "../support/clients/heard.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { PLAIN } from "./feature.ts";
import { PNG } from "./features/media.ts";
import { PATHS, pathOf, plainBody } from "./requests.ts";

const MORE = `[logging]
enabled = true
path = "sub/folder/requests.jsonl"

[classifiers.keyword]
enabled = true
[classifiers.keyword.tags]
greeting = ["hi"]`;

const COMPLETE = [
  ...["id", "ts_ms", "provider", "requested_model", "sent_model", "duration_ms", "tags", "plugins", "trace_id"],
  ...["system", "messages", "response", "error", "type"],
];

/** Listens to the feed until closed. */
function listen(url: string): { events: JsonObject[]; opened: Promise<void>; close(): void } {
  const events: JsonObject[] = [];
  let rest = "";
  const opened = Promise.withResolvers<void>();
  const outgoing = request(url, { agent: false }, (incoming) => {
    equal(incoming.statusCode, 200);
    equal(incoming.headers["content-type"]?.split(";")[0], "text/event-stream");
    opened.resolve();
    incoming.setEncoding("utf8");
    incoming.on("data", (chunk: string) => {
      rest += chunk;
      const frames = rest.split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const data = frame.split("\n").filter((line) => line.startsWith("data:"));
        if (data.length > 0) events.push(JSON.parse(data.map((line) => line.slice(5)).join("\n")));
      }
    });
    incoming.on("error", () => undefined);
  });
  outgoing.on("error", opened.reject);
  outgoing.end();
  return { events, opened: opened.promise, close: () => outgoing.destroy() };
}

/** Waits until the condition holds: events and log lines come after the answer. */
async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    if (await holds()) return;
    await delay(20);
  }
  throw new Error(`waited in vain for ${what}`);
}

describe("what is recorded", () => {
  let fleet: Fleet;
  let feed: ReturnType<typeof listen>;
  before(async () => {
    fleet = await startFleet({ server: "dashboard = true", more: MORE });
    feed = listen(`${fleet.router.url}/dashboard/events`);
    await feed.opened;
  });
  after(async () => {
    feed.close();
    await fleet.close();
  });

  async function log(): Promise<JsonObject[]> {
    const text = await readFile(join(fleet.router.folder, "sub/folder/requests.jsonl"), "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  /** The events of one request, which is done when this returns, and its line in the log. */
  async function recorded(
    path: string,
    body: string,
  ): Promise<{ events: JsonObject[]; line: JsonObject; status: number }> {
    feed.events.length = 0;
    const before = (await log()).length;
    const got = await exchange(fleet.router.url + path, { body });
    await until(() => feed.events.some((event) => event["type"] === "complete"), "the complete event");
    await until(async () => (await log()).length > before, "the log line");
    const line = (await log()).at(-1);
    ok(line);
    return { events: [...feed.events], line, status: got.status };
  }

  for (const client of CLIENT_FORMATS) {
    for (const stream of [false, true]) {
      test(`${client}, ${stream ? "streamed" : "whole"}: start, classified, routed, attempt, complete`, async () => {
        fleet.answer({ text: "hello", usage: { input: 21, output: 9 } });
        const { asked, sent } = modelFor("anthropic");
        const { events, line } = await recorded(pathOf(client, asked, stream), plainBody(client, asked, stream));
        deepEqual(
          events.map((event) => event["type"]),
          ["start", "classified", "routed", "attempt", "complete"],
        );
        const [start, classified, routed, , complete] = events;
        equal(new Set(events.map((event) => event["id"])).size, 1);
        for (const event of events) ok(typeof event["ts_ms"] === "number");
        deepEqual([start?.["model"], start?.["in_flight"]], [asked, 1]);
        deepEqual(classified?.["tags"], ["greeting"]);
        deepEqual([routed?.["provider"], routed?.["model"]], ["p-anthropic", sent]);
        deepEqual(line, complete);
        for (const key of COMPLETE) ok(key in line, `complete has no ${key}`);
        const { provider, requested_model, sent_model, tags, plugins, error } = line;
        deepEqual(
          { provider, requested_model, sent_model, tags, plugins, error },
          {
            provider: "p-anthropic",
            requested_model: asked,
            sent_model: sent,
            tags: ["greeting"],
            plugins: [],
            error: null,
          },
        );
        const { content, stop_reason, tool_calls, usage } = asObject(line["response"]) ?? {};
        deepEqual([content, stop_reason, tool_calls], ["hello", "end_turn", []]);
        const counted = asObject(usage);
        deepEqual([counted?.["input_tokens"], counted?.["output_tokens"]], [21, 9]);
      });
    }
  }

  test("messages keep role and parts, images without their data", async () => {
    fleet.answer({ toolCalls: [{ id: "call_1", name: "clock", args: '{"zone":"UTC"}' }] });
    const body = JSON.stringify({
      model: modelFor("openai").asked,
      ...PLAIN.anthropic,
      system: "be brief",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
          ],
        },
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "clock", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "12:00" }] },
      ],
      tools: [{ name: "clock", input_schema: { type: "object" } }],
    });
    const { line } = await recorded("/v1/messages", body);
    equal(line["system"], "be brief");
    const messages = objectsOf(line["messages"]);
    const types = messages.map((message) => objectsOf(message["content"]).map((part) => part["type"]));
    deepEqual(types, [["text", "image"], ["tool_use"], ["tool_result"]]);
    const response = asObject(line["response"]) ?? {};
    equal(response["stop_reason"], "tool_use");
    const [call] = objectsOf(response["tool_calls"]);
    equal(call?.["name"], "clock");
  });

  test("an error completes too, whole and streamed, and so does a request nobody takes", async () => {
    fleet.answer({ error: { status: 500, message: "the upstream says no" } });
    for (const stream of [false, true]) {
      const { line, status } = await recorded(PATHS.openai, plainBody("openai", modelFor("openai").asked, stream));
      equal(status, 502);
      ok(asString(line["error"])?.includes("the upstream says no"), String(line["error"]));
      equal(line["response"], null);
    }
    const { line } = await recorded(PATHS.openai, plainBody("openai", "nobody-has-it", false));
    ok(asString(line["error"])?.includes("no provider configured"), String(line["error"]));
  });

  test("a stream that is cut is recorded as an error", async () => {
    fleet.answer({ text: "half an ans", stream: { cut: "end" } });
    const { line } = await recorded(PATHS.anthropic, plainBody("anthropic", modelFor("openai").asked, true));
    ok(line["error"], JSON.stringify(line));
  });

  test("a client that leaves is recorded, and the provider's connection is closed", async () => {
    fleet.answer({ text: "a very long answer ".repeat(200), stream: { paceMs: 20 } });
    feed.events.length = 0;
    const body = plainBody("anthropic", modelFor("openai").asked, true);
    const leaving = request(fleet.router.url + PATHS.anthropic, { method: "POST", agent: false }, (incoming) => {
      incoming.once("data", () => leaving.destroy());
      incoming.on("error", () => undefined);
    });
    leaving.on("error", () => undefined);
    leaving.end(body);
    await until(() => feed.events.some((event) => event["type"] === "complete"), "the complete event");
    await until(() => fleet.upstreams.openai.last().aborted, "the provider's connection to close");
  });
});
