import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { asArray, asObject, isObject, type Json, type JsonObject } from "../src/core/json.ts";
import { exchange } from "./support/exchange.ts";
import { inProcess, scratch } from "./support/in-process.ts";
import { logAt } from "./support/log-sink.ts";
import { until } from "./support/until.ts";
import { startUpstream } from "./support/upstream/upstream.ts";

const page = readFileSync(join(import.meta.dirname, "../docs/events.md"), "utf8");

/** What stands under a heading, up to the next one. */
function section(heading: string): string {
  const found = new RegExp(`^##+ ${heading}\\n([\\s\\S]*?)(?=^##|(?![\\s\\S]))`, "m").exec(page)?.[1];
  ok(found, `no section ${heading}`);
  return found;
}

function documentedFields(heading: string): string[] {
  return [...section(heading).matchAll(/^\| `(\w+)` \| \S/gm)].map(([, field]) => String(field));
}

function example(heading: string): JsonObject {
  const value: Json = JSON.parse(/```json\n([\s\S]*?)```/.exec(section(heading))?.[1] ?? "null");
  ok(isObject(value));
  return value;
}

/** The same keys, all the way down; of lists the first entry counts. */
function shape(value: Json | undefined): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (!isObject(value)) return value === null ? "null" : typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
}

test("the page's fields and examples are those of real events", async (t) => {
  const upstream = await startUpstream("anthropic");
  t.after(() => upstream.close());
  upstream.answer({ text: "It is 12:00.", usage: { input: 21, output: 9, cachedRead: 16 } });
  const toml = [
    `[classifiers.keyword]\nenabled = true\ntags = { time = ["clock"] }`,
    `[[providers]]\nname = "claude"\nformat = "anthropic"\nbase_url = "${upstream.url}"`,
    `[[routers]]\ntype = "prefix"\nmodel_prefix = "gpt-"\nprovider = "claude"\nrewrite_model = "claude-opus-5"`,
    `[[routers]]\ntype = "fallback"`,
  ];
  const router = await inProcess(t, toml.join("\n\n"));
  const got = await exchange(`${router.url}/v1/chat/completions`, {
    headers: {
      "user-agent": "OpenAI/JS 7.57.0",
      "session-id": "8c0c1d1e",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    body: JSON.stringify({
      model: "gpt-5.5",
      seed: 7,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "What does the clock say?" },
      ],
    }),
  });
  const [complete] = await router.completed();
  equal(got.headers["x-router-id"], complete?.id);
  const first = [...router.events];
  deepEqual(
    first.map(({ type }) => type),
    ["start", "classified", "routed", "attempt", "complete"],
  );
  upstream.answer({ error: { status: 500, message: "broken" } });
  const body = JSON.stringify({ model: "gpt-5.5", messages: [{ role: "user", content: "hi" }] });
  for (let turn = 0; turn < 5; turn++) await exchange(`${router.url}/v1/chat/completions`, { body });
  const troubled = router.events.filter(({ type }) => type === "provider");
  equal(troubled.length, 1);
  for (const event of [...first, ...troubled]) {
    const written: Json = JSON.parse(JSON.stringify(event));
    ok(isObject(written));
    deepEqual(documentedFields(event.type), Object.keys(written), event.type);
    deepEqual(shape(example(event.type)), shape(written), event.type);
    if (event.type !== "complete") continue;
    deepEqual(documentedFields("response"), Object.keys(asObject(written["response"]) ?? {}));
    deepEqual(documentedFields("usage"), Object.keys(asObject(written["usage"]) ?? {}));
    deepEqual(asArray(written["losses"]), asArray(example("complete")["losses"]));
  }
});

test("a log event's fields are those of the page", async (t) => {
  // A folder cannot be written to.
  const { sink, events } = logAt(t, await scratch(t));
  sink.open();
  await until(() => events.length > 0, "the event");
  const written: Json = JSON.parse(JSON.stringify(events[0]));
  ok(isObject(written));
  deepEqual(documentedFields("log"), Object.keys(written));
  deepEqual(shape(example("log")), shape(written));
});
