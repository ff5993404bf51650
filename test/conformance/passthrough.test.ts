import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import { checkGeminiArray } from "../support/gemini-grammar.ts";
import type { UpstreamDialect, UpstreamFormat } from "../support/upstream/answer.ts";
import { anthropic } from "../support/upstream/anthropic.ts";
import { gemini } from "../support/upstream/gemini.ts";
import { generate, ollama } from "../support/upstream/ollama.ts";
import { completions, openai } from "../support/upstream/openai.ts";
import { responses } from "../support/upstream/responses.ts";

/** A route and the provider that speaks its API. */
interface Route {
  path: string;
  format: UpstreamFormat;
  dialect: UpstreamDialect;
  /** The part of the body that makes it a request of this API, oddly spaced. */
  odd: string;
}

const CHAT = `"messages" : [ {"content":"grüße \\u00e9 \\/ \\"q\\"", "role" :"user" , "x":[ ]} ]`;
const PROMPT = `"prompt" :  "a \\u00e9 \\/"`;
const INPUT = `"input" : [ {"role" :"user","content":"a \\u00e9 \\/"} ]`;

const ROUTES: Route[] = [
  { path: "/v1/chat/completions", format: "openai", dialect: openai, odd: CHAT },
  { path: "/v1/completions", format: "openai", dialect: completions, odd: PROMPT },
  { path: "/v1/responses", format: "openai-responses", dialect: responses, odd: INPUT },
  { path: "/v1/messages", format: "anthropic", dialect: anthropic, odd: `"max_tokens" : 1e2 , ${CHAT}` },
  { path: "/api/chat", format: "ollama", dialect: ollama, odd: CHAT },
  { path: "/api/generate", format: "ollama", dialect: generate, odd: PROMPT },
];

/** Fields no one knows, numbers JavaScript cannot hold, keys that look like the model's. */
const ODDITIES = [
  `"zz_unknown" : { "model" : "not-this-one", "b":1,"a" :[1.0, 1.50,  -0.0, 1E400] }`,
  `"big" : 123456789012345678901234567890`,
  `"fine" : 0.1000000000000000055511151231257827`,
  `"esc\\u0061ped key" : "\\ud83c\\udf89 \\u2028 \\t"`,
].join(" ,\n  ");

/** An answer in bytes no serializer of ours would write; the wire is split in the middle of a character. */
function oddAnswer(stream: boolean, dialect: UpstreamDialect): { text: string; chunks: Buffer[] } {
  const context = { model: "whatever the provider says", serial: 1, body: {} };
  const odd = `{ "odd" :1.50,"big":12345678901234567890 , "t":"\\u00e9\\/ 🎉" ,  `;
  const frames = dialect.frames({ text: "grüße 🎉" }, context);
  const lines = stream
    ? [...frames.content, ...frames.closing]
    : [` ${JSON.stringify(dialect.whole({ text: "é 🎉" }, context))} \n`];
  const plain = lines.map((line) => line.replace("{", odd)).join("");
  const isSse = stream && dialect.noise !== "";
  const text = isSse
    ? plain.replaceAll("data: ", "id: 7\ndata:").replaceAll("\n\n", "\n\n: comment\n\n").replaceAll("\n", "\r\n")
    : plain;
  const bytes = Buffer.from(text);
  const middle = bytes.indexOf("🎉") + 2;
  return { text, chunks: [bytes.subarray(0, middle), bytes.subarray(middle)] };
}

/** The model as written in the body, what it asks for, and what is to be sent in its place. */
const MODELS = [
  {
    name: "rewritten by a rule",
    written: (format: string) => `"to-${format}/m"`,
    sent: (format: string) => `"model-of-${format}"`,
  },
  { name: "kept", written: (format: string) => `"keep-${format}/m"`, sent: (format: string) => `"keep-${format}/m"` },
  {
    name: "kept, with escapes",
    written: (format: string) => `"keep\\u002d${format}\\/m \\u00e9"`,
    sent: (format: string) => `"keep\\u002d${format}\\/m \\u00e9"`,
  },
  {
    name: "rewritten, with escapes",
    written: (format: string) => `"to\\u002d${format}\\/m"`,
    sent: (format: string) => `"model-of-${format}"`,
  },
];

const KEEP = (["openai", "openai-responses", "anthropic", "ollama"] as const)
  .map((format) => `[[routers]]\ntype = "prefix"\nmodel_prefix = "keep-${format}/"\nprovider = "p-${format}"`)
  .join("\n\n");

describe("the same API on both sides: the same bytes", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet({ more: KEEP });
  });
  after(() => fleet.close());
  for (const route of ROUTES) {
    for (const stream of [false, true]) {
      for (const model of MODELS) {
        test(`${route.path}, ${stream ? "streamed" : "whole"}, model ${model.name}`, async () => {
          await check(fleet, route, stream, model);
        });
      }
      test(`${route.path}, ${stream ? "streamed" : "whole"}, the model the last of the keys`, async () => {
        await check(fleet, route, stream, MODELS[0], (fields, name) => `{${fields},${name}}`);
      });
    }
    test(`${route.path}, an error's body and status`, () => checkError(fleet, route));
  }
  for (const format of ["openai", "anthropic"] as const) {
    test(`${format}: a role and a tool choice the API may learn one day; no other API is sent them`, async () => {
      await checkNewWords(fleet, format);
    });
  }
});

async function checkNewWords(fleet: Fleet, format: "openai" | "anthropic"): Promise<void> {
  const words = `"max_tokens":9,"messages":[{"role":"critic","content":"Hm."}],"tool_choice":{"type":"sometimes","odds":2}`;
  const path = format === "openai" ? "/v1/chat/completions" : "/v1/messages";
  fleet.answer({ text: "hello" });
  const same = await exchange(fleet.router.url + path, { body: `{"model":"keep-${format}/m",${words}}` });
  equal(same.status, 200, same.body.toString());
  equal(fleet.upstreams[format].last().raw.toString(), `{"model":"keep-${format}/m",${words}}`);
  const other = await exchange(fleet.router.url + path, { body: `{"model":"to-ollama/m",${words}}` });
  equal(other.status, 400);
  match(other.body.toString(), /messages\[0\]\.role/);
  match(other.body.toString(), /tool_choice/);
  equal(fleet.upstreams.ollama.requests.length, 0);
}

async function check(
  fleet: Fleet,
  route: Route,
  stream: boolean,
  model: (typeof MODELS)[number] | undefined,
  layout = (fields: string, name: string) => `\n{ "first":null , ${name} ,  ${fields} }\n`,
): Promise<void> {
  ok(model);
  const { format } = route;
  const fields = `${route.odd} ,"stream" :  ${stream} , ${ODDITIES}`;
  const asked = layout(fields, `"model" : ${model.written(format)}`);
  const expected = layout(fields, `"model" : ${model.sent(format)}`);
  const answer = oddAnswer(stream, route.dialect);
  const type = stream ? route.dialect.streamType : "application/json";
  fleet.answer({ raw: { headers: { "content-type": type }, chunks: answer.chunks } });
  const got = await exchange(fleet.router.url + route.path, { body: asked });
  const upstream = fleet.upstreams[format];
  deepEqual([got.status, upstream.others.map((other) => other.path)], [200, []], got.body.toString());
  equal(upstream.last().path, route.dialect.chat);
  equal(upstream.last().raw.toString(), expected);
  equal(got.body.toString(), answer.text);
  equal(got.headers["content-type"]?.split(";")[0], type.split(";")[0]);
}

/** Gemini's bodies name no model: they are passed on to the last byte, and the path is what changes. */
describe("Gemini on both sides: the same bytes, another path", () => {
  const body = `{ "contents" : [ {"parts":[{"text" : "a \\u00e9 \\/"}]} ] , "model":"models/whatever", ${ODDITIES} }\n`;
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());

  async function ask(path: string, asked: string, stream: boolean) {
    const answer = oddAnswer(stream, gemini);
    const type = stream ? gemini.streamType : "application/json";
    fleet.answer({ raw: { headers: { "content-type": type }, chunks: answer.chunks } });
    const got = await exchange(fleet.router.url + path, { body: asked });
    equal(got.status, 200, got.body.toString());
    return { got, sent: fleet.upstreams.gemini.last(), answer };
  }

  test("whole, under each of its paths, the key taken out of the query", async () => {
    for (const path of [
      "/v1beta/models/to-gemini%2Fm",
      "/v1/models/to-gemini/m",
      "/models/to-gemini/m",
      "/v1beta/to-gemini/m",
    ]) {
      const { got, sent, answer } = await ask(`${path}:generateContent?key=secret&x=1`, body, false);
      equal(sent.path, "/models/model-of-gemini:generateContent");
      equal(sent.query, "?x=1");
      equal(sent.raw.toString(), body);
      equal(got.body.toString(), answer.text);
    }
  });

  test("streamed: alt=sse is asked once", async () => {
    for (const query of ["alt=sse", "key=secret&alt=sse", "$alt=sse"]) {
      const { got, sent, answer } = await ask(`/v1beta/models/to-gemini/m:streamGenerateContent?${query}`, body, true);
      equal(sent.path, "/models/model-of-gemini:streamGenerateContent");
      equal(sent.query, "?alt=sse");
      equal(sent.raw.toString(), body);
      equal(got.body.toString(), answer.text);
    }
  });

  test("streamed without alt=sse: the bytes are passed on, their answer is written as an array", async () => {
    const { got, sent } = await ask("/v1beta/models/to-gemini/m:streamGenerateContent", body, true);
    equal(sent.raw.toString(), body);
    match(String(got.headers["content-type"]), /^application\/json/);
    const said = checkGeminiArray(got.body.toString()).map((response) =>
      /"text":"([^"]*)"/.exec(JSON.stringify(response)),
    );
    equal(said.map((found) => found?.[1]).join(""), "grüße 🎉");
  });

  test("an error's body and status", async () => {
    const text = `{"error":  {"code":400,"message":"odd","status":"INVALID_ARGUMENT","extra":[1.0]}}`;
    fleet.answer({ raw: { status: 400, headers: { "content-type": "application/json" }, chunks: [text] } });
    const got = await exchange(`${fleet.router.url}/v1beta/models/to-gemini/m:generateContent`, { body });
    equal(got.status, 400);
    equal(got.body.toString(), text);
  });
});

/** Agents match on the provider's own words, so a refusal goes back untouched. */
async function checkError(fleet: Fleet, route: Route): Promise<void> {
  const text = `{"type":"error",  "error":{"type":"invalid_request_error","message":"messages.1.role: odd","extra":[1.0]}}`;
  const headers = { "content-type": "application/json", "retry-after": "7" };
  fleet.answer({ raw: { status: 400, headers, chunks: [text] } });
  const body = `{"model":"to-${route.format}/m","max_tokens":10,${route.odd}}`;
  const got = await exchange(fleet.router.url + route.path, { body });
  equal(got.status, 400);
  equal(got.body.toString(), text);
  equal(got.headers["retry-after"], "7");
}
