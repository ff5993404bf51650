import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { exchange } from "../support/exchange.ts";
import { type Fleet, startFleet } from "../support/fleet.ts";
import type { UpstreamFormat } from "../support/upstream/answer.ts";

/** A route and the provider that speaks its API. */
interface Route {
  path: string;
  format: UpstreamFormat;
  sends: string;
  streamType: string;
  /** The part of the body that makes it a request of this API, oddly spaced. */
  odd: string;
}

const CHAT = `"messages" : [ {"content":"grüße \\u00e9 \\/ \\"q\\"", "role" :"user" , "x":[ ]} ]`;
const SSE = "text/event-stream; charset=utf-8";
const NDJSON = "application/x-ndjson";

const ROUTES: Route[] = [
  { path: "/v1/chat/completions", format: "openai", sends: "/chat/completions", streamType: SSE, odd: CHAT },
  { path: "/v1/completions", format: "openai", sends: "/completions", streamType: SSE, odd: `"prompt" :  "a \\u00e9"` },
  {
    path: "/v1/responses",
    format: "openai-responses",
    sends: "/responses",
    streamType: SSE,
    odd: `"input" : [ {"role" :"user","content":"a \\u00e9 \\/"} ]`,
  },
  {
    path: "/v1/messages",
    format: "anthropic",
    sends: "/v1/messages",
    streamType: SSE,
    odd: `"max_tokens" : 1e2 , ${CHAT}`,
  },
  { path: "/api/chat", format: "ollama", sends: "/api/chat", streamType: NDJSON, odd: CHAT },
  { path: "/api/generate", format: "ollama", sends: "/api/generate", streamType: NDJSON, odd: `"prompt" :"a \\u00e9"` },
];

/** Fields no one knows, numbers JavaScript cannot hold, keys that look like the model's. */
const ODDITIES = [
  `"zz_unknown" : { "model" : "not-this-one", "b":1,"a" :[1.0, 1.50,  -0.0, 1E400] }`,
  `"big" : 123456789012345678901234567890`,
  `"fine" : 0.1000000000000000055511151231257827`,
  `"esc\\u0061ped key" : "\\ud83c\\udf89 \\u2028 \\t"`,
].join(" ,\n  ");

/** Bytes no serializer of ours would write; the wire is split in the middle of a character and of a line end. */
function oddAnswer(stream: boolean, type: string): { text: string; chunks: Buffer[] } {
  const line = `{"odd" :1.0,  "model":"whatever-the-provider-says", "big":12345678901234567890 ,"t":"é 🎉 \\u00e9"}`;
  const frame = type === NDJSON ? `${line}\n` : `: comment\r\nevent: odd\r\nid: 7\r\ndata:${line}\r\n\r\n`;
  const text = stream ? frame.repeat(3) : `  ${line}\n`;
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
});

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
  const answer = oddAnswer(stream, route.streamType);
  const type = stream ? route.streamType : "application/json";
  fleet.answer({ raw: { headers: { "content-type": type }, chunks: answer.chunks } });
  const got = await exchange(fleet.router.url + route.path, { body: asked });
  const upstream = fleet.upstreams[format];
  deepEqual([got.status, upstream.others.map((other) => other.path)], [200, []], got.body.toString());
  equal(upstream.last().path, route.sends);
  equal(upstream.last().raw.toString(), expected);
  // What ends a stream without its terminal event is told to the client behind the provider's bytes.
  const body = got.body.toString();
  equal(stream ? body.slice(0, answer.text.length) : body, answer.text);
  equal(got.headers["content-type"]?.split(";")[0], type.split(";")[0]);
}

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
