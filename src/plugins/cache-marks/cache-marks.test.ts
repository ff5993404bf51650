import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ASK } from "../../../test/support/clients/ask.ts";
import { exchange } from "../../../test/support/exchange.ts";
import { type InProcessRouter, inProcess, startInProcess } from "../../../test/support/in-process.ts";
import { firstTurn, LOOP_CLIENTS, nextTurn } from "../../../test/support/tool-loop.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";
import { asObject, isObject, type Json, type JsonObject, objectsOf } from "../../core/json.ts";

/** Some 2,000 tokens. */
const LONG = "All of this stays the same from turn to turn. ".repeat(200);

/** Where the marks of a body are, in the order of the prompt. */
function marksIn({ tools, system, messages }: JsonObject): string[] {
  const marks: string[] = [];
  const look = (value: Json | undefined, path: string) => {
    if (Array.isArray(value)) value.forEach((inner, at) => void look(inner, `${path}[${at}]`));
    else if (isObject(value)) {
      for (const [key, inner] of Object.entries(value))
        if (key === "cache_control") marks.push(path);
        else look(inner, `${path}.${key}`);
    }
  };
  look(tools, "tools");
  look(system, "system");
  look(messages, "messages");
  return marks;
}

/** A body as text but for its marks. */
function unmarked(value: Json | undefined): string {
  return JSON.stringify(value, (key, inner: unknown) => (key === "cache_control" ? undefined : inner));
}

test("the example of its page", async (t) => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/plugins/cache-marks.md"), "utf8");
  const claude = await startUpstream("anthropic");
  t.after(() => claude.close());
  const toml = /^```toml\n(.*?)^```/ms.exec(page)?.[1] ?? "";
  const router = await inProcess(t, toml.replace("https://api.anthropic.com/v1", claude.url), {
    env: { ANTHROPIC_API_KEY: "k" },
  });
  const [asked, got] = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, block = ""]) => block.replace("…", LONG));
  equal((await exchange(`${router.url}/v1/chat/completions`, { body: asked ?? "" })).status, 200);
  const { system, messages } = claude.last().body;
  deepEqual({ system, messages }, JSON.parse(got ?? ""));
  deepEqual((await router.completed())[0]?.plugins, ["cache-marks"]);
});

describe("marks", () => {
  const upstreams: Upstream[] = [];
  let claude: Upstream;
  let other: Upstream;
  let router: InProcessRouter;
  before(async () => {
    claude = await startUpstream("anthropic");
    other = await startUpstream("openai");
    upstreams.push(claude, other);
    const toml = [
      ...upstreams.map(
        ({ format, url }) => `[[providers]]\nname = "${format}"\nformat = "${format}"\nbase_url = "${url}"`,
      ),
      "[plugins.cache-marks]\nenabled = true",
      `[[routers]]\ntype = "prefix"\nmodel_prefix = "gpt"\nprovider = "openai"`,
      `[[routers]]\ntype = "fallback"\nproviders = ["anthropic"]`,
    ];
    router = await startInProcess(toml.join("\n\n"));
  });
  after(async () => {
    await router.close();
    for (const upstream of upstreams) await upstream.close();
  });

  /** A Messages request of these fields. Gives the body that Claude got. */
  async function sent(body: JsonObject, headers: Record<string, string> = {}): Promise<JsonObject> {
    const whole = JSON.stringify({ model: "claude-opus-4-8", max_tokens: 100, ...body });
    const got = await exchange(`${router.url}/v1/messages`, { body: whole, headers });
    equal(got.status, 200, got.body.toString());
    return claude.last().body;
  }

  const user = (text: string): JsonObject => ({ role: "user", content: text });
  const said: JsonObject = { role: "assistant", content: "yes" };

  for (const client of LOOP_CLIENTS) {
    test(`${client}: a tool loop, whole and streamed: each turn reads what the one before wrote, and only marks change`, async () => {
      let calls = 0;
      claude.answer(() => ({ toolCalls: [{ id: `call_${++calls}`, name: "look", args: "{}" }] }));
      const session = client === "anthropic" ? { metadata: { user_id: "s" } } : { prompt_cache_key: `s-${client}` };
      const more = client === "anthropic" || client.startsWith("openai") ? session : {};
      const since = router.completes().length;
      let body = firstTurn(client, "claude-opus-4-8", LONG, more);
      for (let turn = 0; turn < 4; turn++) {
        const heard = await ASK[client](router.url, body, turn % 2 === 1);
        equal(heard.status, 200, heard.raw);
        body = nextTurn(client, body, heard);
      }
      const bodies = claude.requests.map((request) => request.body);
      for (const [turn, { tools, system, messages }] of bodies.entries()) {
        const marks = marksIn({ tools: tools ?? null, system: system ?? null, messages: messages ?? null });
        equal(marks.length, turn === 0 ? 1 : 2, marks.join());
        const before = bodies[turn - 1];
        if (!before) continue;
        const earlier = unmarked(before["messages"]).slice(0, -1);
        ok(unmarked(messages).startsWith(earlier), `turn ${turn} begins as the one before`);
        equal(unmarked(tools), unmarked(before["tools"]));
        // What the turn before wrote is read: its last mark is still there.
        ok(marks.includes(marksIn(before).at(-1) ?? "none"));
      }
      const told = (await router.completed(since + 4)).slice(since);
      deepEqual(
        told.map(({ warnings, plugins }) => [warnings, plugins]),
        told.map(() => [[], ["cache-marks"]]),
      );
    });
  }

  test("behind tools, system and the last two turns; with what the owner or the request says of how long", async () => {
    claude.answer({ text: "ok" });
    const tools = ["a", "b"].map((name) => ({ name, description: LONG, input_schema: { type: "object" } }));
    const deferred = { name: "c", input_schema: { type: "object" }, defer_loading: true };
    const conversation = {
      system: LONG,
      tools: [...tools, deferred],
      messages: [user("one"), said, user("two"), said, user("three")],
    };
    const places = ["tools[1]", "system[0]", "messages[2].content[0]", "messages[4].content[0]"];
    const body = await sent(conversation);
    deepEqual(marksIn(body), places);
    deepEqual(objectsOf(body["system"])[0]?.["cache_control"], { type: "ephemeral" });
    const hour = await sent({ ...conversation, plugins: [{ id: "cache-marks", ttl: "1h" }] });
    deepEqual(marksIn(hour), places);
    deepEqual(objectsOf(hour["system"])[0]?.["cache_control"], { type: "ephemeral", ttl: "1h" });
    const late = await sent({ ...conversation, plugins: [{ id: "cache-marks", min_tokens: 6_000 }] });
    deepEqual(marksIn(late), places.slice(1));
  });

  test("a turn of several parts is marked at its end; results of tools are one", async () => {
    const call = { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "a", input: {} }] };
    const result = { type: "tool_result", tool_use_id: "t1", content: "found" };
    const answered = { role: "user", content: [result, { type: "text", text: "go on" }] };
    const empty = { type: "text", text: " " };
    const first = { role: "user", content: [{ type: "text", text: LONG }, { type: "text", text: "x" }, empty] };
    const body = await sent({ messages: [first, call, answered] });
    deepEqual(marksIn(body), ["messages[0].content[1]", "messages[2].content[1]"]);
    const loop = await sent({ messages: [first, call, { role: "user", content: [result] }] });
    deepEqual(marksIn(loop), ["messages[0].content[1]", "messages[2].content[0]"]);
  });

  test("byte for byte as it came: short ones, those with marks of their own, and those for other APIs", async () => {
    const marked = { type: "text", text: LONG, cache_control: { type: "ephemeral" } };
    const search = {
      type: "search_result",
      source: "s",
      title: "t",
      content: [],
      cache_control: { type: "ephemeral" },
    };
    const bodies: JsonObject[] = [
      { messages: [user("short")] },
      { messages: [user(LONG)], cache_control: { type: "ephemeral" } },
      { system: [marked], messages: [user("hi")] },
      { messages: [{ role: "user", content: [marked, { type: "text", text: "x" }] }, said, user(LONG)] },
      { messages: [{ role: "user", content: [search, { type: "text", text: LONG }] }] },
      {
        tools: [{ name: "a", input_schema: { type: "object" }, cache_control: { type: "ephemeral" } }],
        messages: [user(LONG)],
      },
    ];
    for (const body of bodies)
      deepEqual({ ...(await sent(body)) }, { model: "claude-opus-4-8", max_tokens: 100, ...body });
    const chat = JSON.stringify({ model: "gpt", messages: [user(LONG)] });
    equal((await exchange(`${router.url}/v1/chat/completions`, { body: chat })).status, 200);
    equal(other.last().raw.toString(), chat);
    deepEqual((await router.completed()).at(-1)?.plugins, []);
  });

  test("a conversation that grows long is marked from then on, and no cache is broken by it", async () => {
    const since = router.completes().length;
    const metadata = { user_id: "grows" };
    const short = await sent({ metadata, messages: [user("hi")] });
    equal(marksIn(short).length, 0);
    const long = await sent({ metadata, messages: [user("hi"), said, user(LONG)] });
    deepEqual(marksIn(long), ["messages[2].content[0]"]);
    const last = await sent({ metadata, messages: [user("hi"), said, user(LONG), said, user("more")] });
    deepEqual(marksIn(last), ["messages[2].content[0]", "messages[4].content[0]"]);
    ok(!asObject(objectsOf(objectsOf(last["messages"])[0]?.["content"])[0])?.["cache_control"]);
    for (const { warnings } of (await router.completed(since + 3)).slice(since)) deepEqual(warnings, []);
  });
});
