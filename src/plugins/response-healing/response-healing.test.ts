import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { PLAIN } from "../../../test/conformance/feature.ts";
import { ASK } from "../../../test/support/clients/ask.ts";
import { CLIENT_FORMATS } from "../../../test/support/clients/heard.ts";
import { type Cleanup, inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { startUpstream } from "../../../test/support/upstream/upstream.ts";
import { isObject, type JsonObject } from "../../core/json.ts";

const FENCED = 'Sure! Here is the place:\n```json\n{"city": "Paris", "country": "FR",}\n```\n';
const HEALED = '{"city": "Paris", "country": "FR"}';
const TOOLS = [{ type: "function", function: { name: "look", parameters: { type: "object" } } }];

async function healing(t: Cleanup, settings = "enabled = true") {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const router = await inProcess(
    t,
    `${oneProvider("openai", upstream.url)}\n\n[plugins.response-healing]\n${settings}`,
  );
  return { upstream, router };
}

const chat = (more: JsonObject = {}): JsonObject => ({ model: "m", ...PLAIN.openai, ...more });
const json = { response_format: { type: "json_object" } };
const withSchema = (schema: JsonObject): JsonObject => ({
  response_format: { type: "json_schema", json_schema: { name: "s", schema } },
});

test("the example of its page, whole and streamed", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/response-healing.md"), "utf8");
  const toml = /^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const request: unknown = JSON.parse(/^```json\n(\{\n.*?)^```/ms.exec(page)?.[1] ?? "");
  const said = /^````text\n(.*?)^````/ms.exec(page)?.[1] ?? "";
  if (!isObject(request)) throw new TypeError("the example is no object");
  ok(page.includes(`\`${HEALED}\``));
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const router = await inProcess(t, toml.replace("http://localhost:8080/v1", upstream.url));
  upstream.answer({ text: said });
  for (const stream of [false, true]) equal((await ASK.openai(router.url, request, stream)).text, HEALED);
  for (const { plugins, warnings, response } of await router.completed(2)) {
    deepEqual([plugins, response?.content], [["response-healing"], HEALED]);
    deepEqual(warnings, [
      {
        warning: "plugin",
        message: "the answer was no valid JSON (code fence, text around it, syntax) and healed; it fits the schema",
        details: {
          plugin: "response-healing",
          healed: "text",
          faults: ["code fence", "text around it", "syntax"],
          schema: { fits: true },
        },
      },
    ]);
  }
});

describe("what clients get", () => {
  test("of every API, asked or not, whole and streamed", async (t) => {
    const { upstream, router } = await healing(t);
    for (const client of CLIENT_FORMATS) {
      for (const stream of [false, true]) {
        const body = { model: "m", ...PLAIN[client] };
        upstream.answer({ text: '```json\n{"a": [1, 2,], "b": "c\n```', finish: "length" });
        const heard = await ASK[client](router.url, body, stream);
        deepEqual([heard.error, JSON.parse(heard.text)], [undefined, { a: [1, 2], b: "c" }], `${client} ${stream}`);
        match(heard.finish ?? "", /length|max/i);
        upstream.answer({ text: FENCED });
        equal((await ASK[client](router.url, body, stream)).text, FENCED);
      }
    }
  });

  test("bytes that need no healing go on as they came, but for streams that are watched", async (t) => {
    const { upstream, router } = await healing(t, "enabled = true\nonly_when_asked = true");
    upstream.answer({ text: "```json\n{a:1}\n```" });
    for (const stream of [false, true]) match((await ASK.openai(router.url, chat(), stream)).text, /^```json/);
    upstream.answer({ text: '{"a" : 1}', logprobs: true });
    for (const stream of [false, true]) {
      const heard = await ASK.openai(router.url, chat({ ...json, logprobs: true, top_logprobs: 2 }), stream);
      equal(heard.text, '{"a" : 1}');
      equal(heard.logprobs.length, 3);
    }
    const completes = await router.completed(4);
    deepEqual(
      completes.map(({ passthrough, plugins, warnings }) => [passthrough, plugins.length, warnings.length]),
      [
        [true, 0, 0],
        [true, 0, 0],
        [true, 0, 0],
        [false, 0, 0],
      ],
    );
  });

  test("a schema: where the healed answer breaks it, and nothing of what it says", async (t) => {
    const { upstream, router } = await healing(t);
    const schemas: [JsonObject, unknown][] = [
      [
        { type: "object", properties: { a: { type: "number" } } },
        { fits: false, at: "#/a", keyword: "type" },
      ],
      [{ properties: { a: { pattern: "^(s+)+$" } } }, { fits: "unknown", why: "checking it takes too long" }],
      [{ $ref: "#/$defs/nowhere" }, { fits: "unknown", why: "the schema cannot be checked" }],
      [{ properties: { a: { pattern: "^s*!$" } } }, { fits: true }],
    ];
    upstream.answer({ text: `\`\`\`json\n{"a":"${"s".repeat(40)}!"}\n\`\`\`` });
    for (const [schema, fit] of schemas) {
      await ASK.openai(router.url, chat(withSchema(schema)), false);
      const warning = router.completes().at(-1)?.warnings[0];
      deepEqual(warning?.details["schema"], fit);
      ok(!JSON.stringify(warning).includes("sss"));
    }
  });

  test("arguments of tools, streamed as they come, with what stands beside them", async (t) => {
    const { upstream, router } = await healing(t);
    const usage = { input: 21, output: 9 };
    const answer = (args: string) => ({
      text: "Let me look.",
      usage,
      toolCalls: [
        { id: "c1", name: "look", args },
        { id: "c2", name: "look", args: '{"at":  "home"}' },
      ],
    });
    for (const stream of [false, true]) {
      upstream.answer(answer("{'at': \"a\nb\", 'n': [1,2,],}"));
      const heard = await ASK.openai(
        router.url,
        chat({ tools: TOOLS, stream_options: { include_usage: true } }),
        stream,
      );
      deepEqual(heard.toolCalls, [
        { id: "c1", name: "look", args: '{"at": "a\\nb", "n": [1,2]}' },
        { id: "c2", name: "look", args: '{"at":  "home"}' },
      ]);
      deepEqual([heard.text, heard.finish, heard.usage?.input], ["Let me look.", "tool_calls", 21]);
      const warning = router.completes().at(-1)?.warnings[0];
      equal(warning?.message, 'the arguments for "look" were no valid JSON (syntax) and healed');
      upstream.answer({ ...answer('{"at": "half of'), finish: "length" });
      const cut = await ASK.openai(router.url, chat({ tools: TOOLS }), stream);
      equal(cut.toolCalls[0]?.args, '{"at": "half of');
      const off = chat({ tools: TOOLS, plugins: [{ id: "response-healing", tool_calls: false }] });
      upstream.answer(answer("{'at': 1}"));
      equal((await ASK.openai(router.url, off, stream)).toolCalls[0]?.args, "{'at': 1}");
    }
  });

  test("an answer that breaks off: all that came", async (t) => {
    const { upstream, router } = await healing(t);
    upstream.answer({ text: 'Here: {"a": 1', stream: { cut: "end" } });
    const heard = await ASK.openai(router.url, chat(json), true);
    const deltas = heard.raw.matchAll(/"content":("(?:[^"\\]|\\.)*")/g);
    equal([...deltas].map(([, text = ""]) => JSON.parse(text)).join(""), 'Here: {"a": 1');
    ok(heard.error);
  });
});
