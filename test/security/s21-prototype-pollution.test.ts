import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { inProcess } from "../support/in-process.ts";
import { UPSTREAM_FORMATS } from "../support/upstream/answer.ts";
import { startUpstream } from "../support/upstream/upstream.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";
import { type Asked, post } from "./hostile-bodies.ts";

// Names that every object has without having been given them. As keys of what the router keeps they would change all its objects, as
// ids of chunks did in vercel/ai, or be found where nobody put them. That keys from outside are not written to plain objects:
// no-foreign-keys.test.ts.

const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];

const SCHEMA = '{"type":"object","properties":{"NAME":{"type":"string"}},"required":["NAME"]}';
const ARGS = '{\\"NAME\\":\\"v\\"}';

/** A conversation with a call of a tool, in which whatever can have a name is called NAME. */
const BODIES: readonly Asked[] = [
  {
    path: "/v1/chat/completions",
    json: `{"model":"MODEL","metadata":{"NAME":"v"},"tools":[{"type":"function","function":{"name":"NAME","parameters":${SCHEMA}}}],"messages":[{"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"NAME","type":"function","function":{"name":"NAME","arguments":"${ARGS}"}}]},{"role":"tool","tool_call_id":"NAME","content":"v"}]}`,
  },
  {
    path: "/v1/messages",
    json: `{"model":"MODEL","max_tokens":99,"metadata":{"NAME":"v"},"tools":[{"name":"NAME","input_schema":${SCHEMA}}],"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"tool_use","id":"NAME","name":"NAME","input":{"NAME":"v"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"NAME","content":"v"}]}]}`,
  },
  {
    path: "/v1/responses",
    json: `{"model":"MODEL","metadata":{"NAME":"v"},"tools":[{"type":"function","name":"NAME","parameters":${SCHEMA}}],"input":[{"role":"user","content":"hi"},{"type":"function_call","call_id":"NAME","name":"NAME","arguments":"${ARGS}"},{"type":"function_call_output","call_id":"NAME","output":"v"}]}`,
  },
  {
    path: "/v1beta/models/MODEL:generateContent",
    json: `{"tools":[{"functionDeclarations":[{"name":"NAME","parameters":${SCHEMA}}]}],"contents":[{"role":"user","parts":[{"text":"hi"}]},{"role":"model","parts":[{"functionCall":{"id":"NAME","name":"NAME","args":{"NAME":"v"}}}]},{"role":"user","parts":[{"functionResponse":{"id":"NAME","name":"NAME","response":{"NAME":"v"}}}]}]}`,
  },
  {
    path: "/api/chat",
    json: `{"model":"MODEL","stream":false,"tools":[{"type":"function","function":{"name":"NAME","parameters":${SCHEMA}}}],"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"NAME","arguments":{"NAME":"v"}}}]},{"role":"tool","tool_name":"NAME","content":"v"}]}`,
  },
];

function asked({ path, json }: Asked, model: string, name: string, streamed: boolean): Asked {
  const isGemini = path.includes(":generateContent");
  const body =
    streamed && !isGemini ? String(json).replace('"stream":false,', "").replace("{", '{"stream":true,') : json;
  const target = streamed ? path.replace(":generateContent", ":streamGenerateContent") : path;
  return {
    path: target.replace("MODEL", encodeURIComponent(model)),
    json: String(body).replaceAll("MODEL", model).replaceAll("NAME", name),
    headers: { [name === "__proto__" ? "x-proto" : name]: "v", "x-router-tags": name },
  };
}

const shapesOf = () => [Object, Array, Function, Map, String].map(({ prototype }) => Reflect.ownKeys(prototype));

test("names of objects' own as whatever has a name, from every API to every API, whole and streamed", async (t) => {
  const upstreams = await Promise.all(UPSTREAM_FORMATS.map(startUpstream));
  t.after(() => Promise.all(upstreams.map((upstream) => upstream.close())));
  const providers = upstreams.map(
    ({ format, url }) =>
      `[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${url}"\n[[routers]]\ntype = "prefix"\nmodel_prefix = "${format}/"\nprovider = "${format}"`,
  );
  const router = await inProcess(t, providers.join("\n"));
  const before = shapesOf();
  const wrong: string[] = [];
  for (const upstream of upstreams)
    for (const name of NAMES)
      for (const body of BODIES)
        for (const streamed of [false, true]) {
          upstream.answer({ toolCalls: [{ id: name, name, args: `{"${name}":"v"}` }], usage: { input: 5, output: 3 } });
          const { path, json, headers = {} } = asked(body, `${upstream.format}/${name}`, name, streamed);
          const answer = await fetch(router.url + path, { method: "POST", body: json, headers });
          const text = await answer.text();
          const place = `${body.path} to ${upstream.format}, ${name}, ${streamed ? "streamed" : "whole"}`;
          if (answer.status !== 200) wrong.push(`${place}: ${answer.status} ${text}`);
          if (!text.includes(`"${name}"`)) wrong.push(`${place}: the answer lacks the call: ${text}`);
          const sent = upstream.requests[0]?.raw.toString() ?? "";
          // As name of the tool, of its parameter, and of the call.
          if (sent.split(`"${name}"`).length < 5) wrong.push(`${place}: sent was ${sent}`);
        }
  deepEqual(wrong, []);
  deepEqual(shapesOf(), before);
});

test("names of objects' own as indexes and ids of a stream's pieces: nothing is changed by them, and the next answer is right", async (t) => {
  const before = shapesOf();
  for (const format of UPSTREAM_FORMATS) {
    const upstream = await startUpstream(format);
    t.after(() => upstream.close());
    const config = `[breaker]\nenabled = false\n[[providers]]\nname = "up"\nformat = "${format}"\nbase_url = "${upstream.url}"\n[[routers]]\ntype = "fallback"`;
    const router = await inProcess(t, config);
    const ask = async (body: Asked, name: string) => {
      const { path, json } = asked(body, "m", name, true);
      return (await fetch(router.url + path, { method: "POST", body: json })).text();
    };
    for (const name of NAMES) {
      const rewrite = (text: string) =>
        text.replaceAll(/"(\w*index|id|item_id)":(?:\d+|"[^"]*")/g, (_, key) => `"${key}":"${name}"`);
      const calls = [{ id: "a", name: "f", args: '{"x":1}' }];
      upstream.answer({ text: "hello", toolCalls: calls, rewrite });
      for (const body of BODIES) await ask(body, name);
      upstream.answer({ text: "well", toolCalls: calls });
      for (const body of BODIES) match(await ask(body, name), /well/);
    }
  }
  deepEqual(shapesOf(), before);
});

test("names of objects' own as models, tags and providers: found only where the config has them", async (t) => {
  const config = `[classifiers.keyword]
enabled = true
tags = { constructor = ["build"] }
[[providers]]
name = "toString"
format = "simulated"
prices = { input = 1, output = 1 }
[[providers]]
name = "other"
format = "simulated"
model_prices = { hasOwnProperty = { input = 2, output = 2 } }
[[routers]]
type = "tag"
tag = "constructor"
provider = "toString"
[[routers]]
type = "prefix"
model_prefix = ""
provider = "other"`;
  const router = await inProcess(t, config);
  const ask = async (model: string, content: string) => {
    const body = JSON.stringify({ model, messages: [{ role: "user", content }] });
    await (await fetch(`${router.url}/v1/chat/completions`, { method: "POST", body })).text();
  };
  for (const name of NAMES) await ask(name, "hi");
  await ask("m", "build it");
  const done = await router.completed(NAMES.length + 1);
  for (const { requested_model: model, provider, cost } of done.slice(0, NAMES.length)) {
    equal(provider, "other");
    // Priced is the one model that has a price.
    equal(cost.source, model === "hasOwnProperty" ? "configured" : "unknown", model);
  }
  deepEqual([done.at(-1)?.provider, done.at(-1)?.tags], ["toString", ["constructor"]]);
});

/** What makes the router write the request anew. */
const PLUGIN = `[plugins.system-prompt]
enabled = true
[[plugins.system-prompt.rules]]
text = "Be brief."
`;
const configOf = (format: string) => `${PLUGIN}[[providers]]
name = "up"
format = "${format}"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"
`;

/** Fields that no API has go on to a provider of the client's own, whatever they are called. */
const arrives = (name: string, path: string, json: string, guard: Attack["guard"]): Attack => ({
  name: `a field called ${name} does not get to the provider`,
  guard,
  run: async (field) => {
    field.upstream.answer({ text: "ok" });
    const body = json.replace("{", `{"${name}":{"stream":true},`);
    await (await post(field, { path, json: body })).text();
    const sent = field.upstream.requests[0]?.raw.toString() ?? "";
    return sent.includes(`"${name}":{"stream":true}`) ? undefined : `sent was ${sent}`;
  },
});

const plainly = { file: "core/json.ts", from: 'if (key === "__proto__")', to: "if (false)" };
const CHAT = '{"model":"m","messages":[{"role":"user","content":"hi"}]}';
const MESSAGE = '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}';

attacks("S21: fields of openai", { config: configOf("openai") }, [
  arrives("__proto__", "/v1/chat/completions", CHAT, plainly),
]);

const inherited = {
  file: "wire/anthropic/request/write-request.ts",
  from: "!Object.hasOwn(body, key)",
  to: "body[key] === undefined",
};
attacks(
  "S21: fields of anthropic",
  { config: configOf("anthropic"), dialect: "anthropic" },
  ["constructor", "toString", "hasOwnProperty"].map((name) => arrives(name, "/v1/messages", MESSAGE, inherited)),
);

/** A call whose arguments come in pieces, each with its place. */
const CALL = JSON.stringify({
  candidates: [
    {
      content: {
        role: "model",
        parts: [
          { functionCall: { name: "f", partialArgs: [{ jsonPath: "$.__proto__['x-polluted']", stringValue: "yes" }] } },
        ],
      },
      finishReason: "STOP",
    },
  ],
});

async function pollutes(field: Field): Promise<string | undefined> {
  const chunks = [`data: ${CALL}\n\n`];
  field.upstream.answer({ raw: { headers: { "content-type": "text/event-stream" }, chunks } });
  await (await post(field, { path: "/v1/chat/completions", json: CHAT.replace("{", '{"stream":true,') })).text();
  field.upstream.answer({ text: "ok" });
  // What is inherited is among the headers that are passed on.
  const json = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}';
  await (await post(field, { path: "/v1beta/models/m:generateContent", json })).text();
  const headers = field.upstream.requests[0]?.headers ?? {};
  return headers["x-polluted"] === undefined ? undefined : "every object has what the provider said";
}

const PARTIAL = "wire/gemini/answer/partial-arguments.ts";
attacks("S21: objects of the router", { config: configOf("gemini").replace(PLUGIN, ""), dialect: "gemini" }, [
  {
    name: "a provider's path to a piece of arguments that leads to the prototype of all objects",
    guard: [
      {
        file: PARTIAL,
        from: "readonly #root: JsonObject = Object.create(null);",
        to: "readonly #root: JsonObject = {};",
      },
      { file: PARTIAL, from: "isList ? [] : Object.create(null)", to: "isList ? [] : {}" },
    ],
    run: pollutes,
  },
]);
