import { type Attack, attacks, type Field } from "./attacks.ts";
import { type Asked, ask, post } from "./hostile-bodies.ts";

// Two parsers, two readings: the router's rules see a cheap model or harmless words, the provider another model or other words. Go
// takes `Model` for `model` (CVE-2026-27896), many take the first of two equal keys, some pass over what follows. So each body here is
// refused, or what goes to the provider is what the rules saw. More spellings: src/server/one-reading.test.ts, wire/bytes/splice.test.ts.

const CONFIG = `[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "prefix"
model_prefix = "cheap"
provider = "up"
`;

const guard = [
  { file: "server/read-body.ts", from: "keysIn(value) === keys ? raw", to: "true ? raw" },
  { file: "server/read-body.ts", from: "if (twin !== undefined)", to: "if (false)" },
  { file: "server/read-body.ts", from: "if (!isUtf8(raw))", to: "if (false)" },
];

const chat = (json: string): Asked => ({ path: "/v1/chat/completions", json });

/** The provider must not find these words anywhere in what it is sent, however it reads it. */
const unseen = (name: string, words: string, json: string): Attack => ({
  name,
  guard,
  run: async (field: Field) => {
    field.upstream.answer({ text: "ok" });
    const { status } = await post(field, chat(json));
    const sent = field.upstream.requests[0]?.raw.toString() ?? "";
    if (sent.includes(words)) return sent;
    return status < 500 ? undefined : `status ${status}`;
  },
});
const refused = (name: string, json: string | Buffer<ArrayBuffer>): Attack => ({
  name,
  guard,
  run: (field: Field) => ask(field, { path: "/v1/chat/completions", json }),
});

attacks("S22: bodies that another parser reads otherwise", { config: CONFIG }, [
  unseen("two models", "dear", '{"model":"dear","messages":[{"role":"user","content":"hi"}],"model":"cheap"}'),
  unseen(
    "two lists of messages",
    "evil",
    '{"model":"cheap","messages":[{"role":"user","content":"evil"}],"messages":[{"role":"user","content":"hi"}]}',
  ),
  unseen(
    "two contents of a message, one in another spelling",
    "evil",
    '{"model":"cheap","messages":[{"role":"user","content":"evil","c\\u006fntent":"hi"}]}',
  ),
  refused("Model beside model", '{"model":"cheap","Model":"dear","messages":[{"role":"user","content":"hi"}]}'),
  refused("a long s in messages", '{"model":"cheap","messages":[{"role":"user","content":"hi"}],"meſſages":[]}'),
  refused("Content beside content", '{"model":"cheap","messages":[{"role":"user","content":"hi","Content":"evil"}]}'),
  refused(
    "bytes that are no UTF-8",
    Buffer.from('{"model":"cheap","messages":[{"role":"user","content":"\xc0\xae"}]}', "latin1"),
  ),
]);
