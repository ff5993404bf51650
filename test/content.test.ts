import { deepEqual, equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isObject, type Json, type JsonObject } from "../src/core/json.ts";
import { PLAIN } from "./conformance/feature.ts";
import { CLIENT_FORMATS, type ClientFormat } from "./support/clients/heard.ts";
import { exchange } from "./support/exchange.ts";
import { FEATURE_EXAMPLES } from "./support/feature-examples.ts";
import { type InProcessRouter, startInProcess } from "./support/in-process.ts";
import type { Answer } from "./support/upstream/answer.ts";
import { startUpstream, type Upstream } from "./support/upstream/upstream.ts";

// What `[logging] content` withholds gets into no event, whatever the API, the field and the end of it.

const PATHS: Record<ClientFormat, (stream: boolean) => string> = {
  openai: () => "/v1/chat/completions",
  "openai-responses": () => "/v1/responses",
  "openai-completions": () => "/v1/completions",
  anthropic: () => "/v1/messages",
  gemini: (stream) => `/v1beta/models/m:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  ollama: () => "/api/chat",
  "ollama-generate": () => "/api/generate",
};

/** Fields whose value is what somebody said, or made a program say, in one API or another. */
const SAID = new Set(
  "text content thinking arguments input system instructions prompt output url image_url file_url fileUri title context query code error refusal summary suffix reasoning reasoning_content".split(
    " ",
  ),
);

/** The same body with the canary in everything that is said. */
function withCanary(value: Json, canary: string, isSaid = false): Json {
  if (typeof value === "string") return isSaid ? planted(value, canary) : value;
  if (Array.isArray(value)) return value.map((item) => withCanary(item, canary, isSaid));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withCanary(inner ?? null, canary, SAID.has(name))]),
  );
}

function planted(text: string, canary: string): string {
  if (text.startsWith("{")) return JSON.stringify({ said: canary });
  return /^https?:/.test(text) ? `${text}/${canary}` : `${text} ${canary}`;
}

/** Every feature an API has, each in a request of its own, and all that is said in it with the canary. */
function requests(format: ClientFormat, canary: string): JsonObject[] {
  const examples = [{}, ...Object.values(FEATURE_EXAMPLES[format] ?? {})];
  const bodies = examples.map((fields) => {
    const body = withCanary({ model: "m", ...PLAIN[format], ...fields }, canary);
    ok(isObject(body));
    return body;
  });
  ok(bodies.filter((body) => JSON.stringify(body).includes(canary)).length > bodies.length / 2);
  return bodies;
}

function answers(canary: string): Answer[] {
  return [
    { text: `said ${canary}`, thinking: { text: `thought ${canary}`, state: "c2ln" } },
    { toolCalls: [{ id: "call_1", name: "f", args: JSON.stringify({ a: canary }) }] },
    { toolCalls: [{ id: "call_1", name: "f", args: `{"cut":"${canary}` }] },
    { refusal: `no ${canary}` },
    { error: { status: 400, message: `bad prompt: ${canary}` } },
    { error: { status: 401, message: `bad key: ${canary}` } },
    { error: { status: 500, message: `broken at ${canary}` } },
    { text: `half ${canary}`, stream: { error: `broke at ${canary}` } },
    { text: `half ${canary}`, stream: { cut: "reset" } },
    { raw: { status: 200, headers: { "content-type": "application/json" }, chunks: [`{"unreadable ${canary}`] } },
  ];
}

async function start(policy: string, upstream: Upstream): Promise<InProcessRouter> {
  return startInProcess(
    [
      `[logging]\ncontent = "${policy}"`,
      "[breaker]\nenabled = false",
      `[[providers]]\nname = "p"\nformat = "anthropic"\nbase_url = "${upstream.url}"`,
      `[[routers]]\ntype = "fallback"`,
    ].join("\n\n"),
  );
}

const SECRETS = ["canary@example.com", `sk-ant-${"canary4711".repeat(3)}`, "4111 1111 1111 1111"];

for (const [policy, canary] of [
  ["none", "CANARY4711"],
  ["redacted", `PLAIN4711 ${SECRETS.join(" ")} PLAIN4712`],
] as const) {
  describe(`content = "${policy}"`, () => {
    let upstream: Upstream;
    let router: InProcessRouter;
    before(async () => {
      upstream = await startUpstream("anthropic");
      router = await start(policy, upstream);
    });
    after(async () => {
      await router.close();
      await upstream.close();
    });

    const withheld = policy === "none" ? [canary] : SECRETS;
    const looked = (what: string) => {
      for (const event of router.events)
        for (const secret of withheld) ok(!JSON.stringify(event).includes(secret), `${what}: ${JSON.stringify(event)}`);
      router.events.length = 0;
    };
    const ask = (format: ClientFormat, body: JsonObject, stream: boolean) =>
      exchange(`${router.url}${PATHS[format](stream)}`, {
        headers: { "session-id": "s1" },
        body: JSON.stringify({ ...body, stream }),
      }).catch(() => undefined);

    for (const format of CLIENT_FORMATS) {
      test(`${format}: whatever is in a request`, async () => {
        upstream.answer({ text: "hello" });
        let answered = 0;
        for (const body of requests(format, canary)) {
          await ask(format, body, false);
          await router.settled();
          answered += router.completes().filter(({ outcome }) => outcome === "ok").length;
          looked(JSON.stringify(body));
        }
        ok(answered > 3, `${answered} were answered`);
      });

      test(`${format}: whatever is in an answer, or said in place of one`, async () => {
        for (const answer of answers(canary))
          for (const stream of [false, true]) {
            upstream.answer(answer);
            await ask(format, { model: "m", ...PLAIN[format] }, stream);
            await router.completed(1);
            looked(JSON.stringify(answer));
          }
      });
    }

    test("reasoning state a provider refuses: what it said", async () => {
      const thinking = { type: "thinking", thinking: "hm", signature: "c2ln" };
      const call = { type: "tool_use", id: "t1", name: "f", input: {} };
      const result = { type: "tool_result", tool_use_id: "t1", content: "ok" };
      const messages = [
        { role: "user", content: "hi" },
        { role: "assistant", content: [thinking, call] },
        { role: "user", content: [result] },
      ];
      upstream.answer((_received, serial) =>
        serial % 2 === 1
          ? { error: { status: 400, message: `Invalid \`signature\` in \`thinking\` block ${canary}` } }
          : { text: "hello" },
      );
      await ask("anthropic", { model: "m", max_tokens: 9, messages }, false);
      const [complete] = await router.completed(1);
      equal(complete?.warnings[0]?.warning, "reasoning_stripped");
      looked("the warning");
    });

    test("what is left says enough", async () => {
      upstream.answer({
        text: `hello ${canary}`,
        toolCalls: [{ id: "call_1", name: "f", args: JSON.stringify({ q: canary }) }],
      });
      const messages = [
        { role: "system", content: `be brief ${canary}` },
        { role: "user", content: `hi ${canary}` },
      ];
      await ask("openai", { model: "m", messages }, false);
      const [complete] = await router.completed(1);
      const { system, system_chars, messages: asked, response } = complete ?? {};
      const masked = "PLAIN4711 [email] [key] [card] PLAIN4712";
      if (policy === "none") {
        deepEqual([system, system_chars], [null, 19]);
        deepEqual(asked, [{ role: "user", content: [{ type: "text", text_chars: 13 }] }]);
        deepEqual([response?.content, response?.content_chars], ["", 16]);
        deepEqual(response?.tool_calls, [{ id: "call_1", name: "f", arguments: null, arguments_chars: 18 }]);
      } else {
        equal(system, `be brief ${masked}`);
        deepEqual(asked, [{ role: "user", content: [{ type: "text", text: `hi ${masked}` }] }]);
        equal(response?.content, `hello ${masked}`);
        deepEqual(response?.tool_calls, [{ id: "call_1", name: "f", arguments: { q: masked } }]);
      }
      equal(router.starts()[0]?.preview, policy === "none" ? null : `hi ${masked}`);
      looked("all");
    });

    test("the router says so", async () => {
      const { body } = await exchange(`${router.url}/router/status`);
      equal(JSON.parse(body.toString()).content, policy);
    });

    test("what went wrong: what kind it was, and the router's own words", async () => {
      upstream.answer({ error: { status: 400, message: "PLAIN4711 is too long" } });
      await ask("openai", { model: "m", ...PLAIN.openai }, false);
      const [complete] = await router.completed(1);
      const expected = policy === "none" ? "caller (what was said is not recorded)" : "PLAIN4711 is too long";
      equal(complete?.attempts[0]?.error, expected);
      equal(complete?.error, expected);
      equal(complete?.attempts[0]?.status, 400);
      looked("the error");
    });
  });
}

test(`content = "full" is the default`, async (t) => {
  const upstream = await startUpstream("anthropic");
  t.after(() => upstream.close());
  const router = await startInProcess(
    `[[providers]]\nname = "p"\nformat = "anthropic"\nbase_url = "${upstream.url}"\n[[routers]]\ntype = "fallback"`,
  );
  t.after(() => router.close());
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "write to jo@example.com" }] });
  await exchange(`${router.url}/v1/chat/completions`, { body });
  const [complete] = await router.completed();
  deepEqual(complete?.messages[0]?.content, [{ type: "text", text: "write to jo@example.com" }]);
  equal(router.starts()[0]?.preview, "write to jo@example.com");
});
