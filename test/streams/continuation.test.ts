import { deepEqual, equal, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { asString, type JsonObject, objectsOf } from "../../src/core/json.ts";
import { PLAIN } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat, type Heard } from "../support/clients/heard.ts";
import { type InProcessRouter, startInProcess } from "../support/in-process.ts";
import { type Answer, UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { chatDialect, type Received, startUpstream, type Upstream } from "../support/upstream/upstream.ts";

const FULL = "The rain in Spain falls mainly in the plain, they say — 你好 😀 — and so it does.\n\nAlways.";
const HALF = "The rain in Spain falls mainly ";

/** Those that are known to go on with a text: what makes a provider one, and the model to ask. */
const NEXT = {
  anthropic: { format: "anthropic", toml: `format = "anthropic"`, model: "claude-sonnet-4-5" },
  ollama: { format: "ollama", toml: `format = "ollama"`, model: "llama3" },
  llamacpp: { format: "openai", toml: `preset = "llamacpp"`, model: "local" },
} as const;
type Next = keyof typeof NEXT;
const NEXTS: readonly Next[] = ["anthropic", "ollama", "llamacpp"];

/** What a request has as its last, assistant's message. */
function prefillOf({ body }: Received): string {
  const last = objectsOf(body["messages"]).at(-1);
  equal(last?.["role"], "assistant", "it is asked to go on");
  return (
    asString(last["content"]) ??
    objectsOf(last["content"])
      .map(({ text }) => String(text))
      .join("")
  );
}

/** How a provider breaks off behind HALF. */
function broken(format: UpstreamFormat): Record<string, Answer> {
  const { errorFrame } = chatDialect(format);
  if (format === "openai-responses")
    return { end: rawly(format, begun(format)), error: rawly(format, [...begun(format), errorFrame("it broke")]) };
  return {
    end: { text: HALF, stream: { cut: "end" } },
    reset: { text: HALF, stream: { cut: "reset" } },
    error: { text: HALF, stream: { error: "it broke" } },
  };
}

/** The frames of HALF, the text of which has not ended. */
function begun(format: UpstreamFormat): string[] {
  const { content } = chatDialect(format).frames({ text: HALF }, { model: "m", serial: 1, body: {} });
  return content.filter((frame) => !frame.includes('.done"'));
}

function rawly(format: UpstreamFormat, chunks: (string | Uint8Array)[]): Answer {
  return { raw: { headers: { "content-type": chatDialect(format).streamType }, chunks } };
}

function goesOn({ body }: Received): boolean {
  return objectsOf(body["messages"]).at(-1)?.["role"] === "assistant";
}

/** Goes on with the text it is given. */
const rest = (received: Received): Answer => ({ text: FULL.slice(prefillOf(received).length) });

describe("a text whose provider breaks off is gone on with by the next target", () => {
  const first = new Map<UpstreamFormat, Upstream>();
  const next = new Map<Next, Upstream>();
  let router: InProcessRouter;

  before(async () => {
    for (const format of UPSTREAM_FORMATS) first.set(format, await startUpstream(format));
    for (const name of NEXTS) next.set(name, await startUpstream(NEXT[name].format));
    const rules = UPSTREAM_FORMATS.flatMap((from) =>
      NEXTS.map(
        (to) => `[[routers]]\ntype = "prefix"\nmodel_prefix = "${from}-${to}/"\nprovider = "${from}-1"
fallbacks = [{ provider = "${to}-2", model = "${NEXT[to].model}" }]`,
      ),
    );
    router = await startInProcess(
      [
        "[failover]\ncontinue_stream = true\nretry_share = 1.0\n[breaker]\nenabled = false",
        ...[...first].map(
          ([name, { url }]) => `[[providers]]\nname = "${name}-1"\nformat = "${name}"\nbase_url = "${url}"`,
        ),
        ...[...next].map(
          ([name, { url }]) => `[[providers]]\nname = "${name}-2"\n${NEXT[name].toml}\nbase_url = "${url}"`,
        ),
        ...rules,
        `[[routers]]\ntype = "fallback"`,
      ].join("\n\n"),
    );
  });

  after(async () => {
    await router.close();
    for (const upstream of [...first.values(), ...next.values()]) await upstream.close();
  });

  function ask(client: ClientFormat, model: string, more: JsonObject = {}): Promise<Heard> {
    const usage =
      client.startsWith("openai") && client !== "openai-responses" ? { stream_options: { include_usage: true } } : {};
    return ASK[client](router.url, { model, ...PLAIN[client], ...usage, ...more }, true);
  }

  for (const client of CLIENT_FORMATS) {
    for (const from of UPSTREAM_FORMATS) {
      test(`${client}, from ${from}: the text is whole, told as one answer, and both are accounted for`, async () => {
        const ways = Object.entries(broken(from));
        for (const [turn, to] of NEXTS.entries()) {
          const [how, answer] = ways[(turn + CLIENT_FORMATS.indexOf(client)) % ways.length] ?? ["", {}];
          const what = `${from} → ${to}, ${how}`;
          first.get(from)?.answer(answer);
          next.get(to)?.answer(rest);
          const seen = router.completes().length;
          const heard = await ask(client, `${from}-${to}/m`);
          deepEqual([heard.error, heard.text], [undefined, FULL], what);
          const complete = (await router.completed(seen + 1))[seen];
          const { outcome, response, passthrough, usage, attempts = [] } = complete ?? {};
          deepEqual([outcome, response?.content, passthrough, usage?.reported], ["ok", FULL, false, false], what);
          const [one, other] = attempts;
          deepEqual(
            other?.continued,
            {
              from: { provider: `${from}-1`, model: `${from}-${to}/m` },
              to: { provider: `${to}-2`, model: NEXT[to].model },
              offset: HALF.length,
            },
            what,
          );
          for (const side of ["input_tokens", "output_tokens"] as const)
            equal(usage?.[side], (one?.usage?.[side] ?? 0) + (other?.usage?.[side] ?? 0), what);
          if (heard.usage) equal(heard.usage.output, usage?.output_tokens, what);
        }
      });
    }
  }

  test("its own bytes cut anywhere: nothing is lost and nothing comes twice, in whole events", async () => {
    for (const format of UPSTREAM_FORMATS) {
      const bytes = Buffer.from(begun(format).join(""));
      let joined = 0;
      for (let at = bytes.length; at > bytes.length / 2; at -= 17) {
        const chunks = [bytes.subarray(0, at - 40), bytes.subarray(at - 40, at)];
        first.get(format)?.answer(rawly(format, chunks));
        // Cut before its first content it is asked for all of it.
        next.get("ollama")?.answer((received) => (goesOn(received) ? rest(received) : { text: FULL }));
        const heard = await ask(format, `${format}-ollama/m`);
        // Too little of it: an error, and no text told again.
        if (heard.error) ok(HALF.startsWith(heard.text) || heard.text === "", `${format} at ${at}`);
        else equal(heard.text, FULL, `${format} at ${at}`);
        if (!heard.error) joined++;
      }
      ok(joined > 5, `${format}: ${joined}`);
    }
  });

  test("the one that goes on breaks off too: a third is asked; and when none is left, it is an error", async () => {
    first.get("gemini")?.answer({ text: HALF, stream: { cut: "end" } });
    next.get("anthropic")?.answer((received) => ({ ...rest(received), stream: { cut: "reset" } }));
    for (const client of CLIENT_FORMATS) {
      const seen = router.completes().length;
      const heard = await ask(client, "gemini-anthropic/m");
      ok(heard.error ?? heard.raw.includes("error"), client);
      const complete = (await router.completed(seen + 1))[seen];
      deepEqual([complete?.outcome, complete?.response?.content], ["cut", FULL], client);
    }
  });

  test("one that refuses to go on, or starts to think: an error, and nothing of it in the text", async () => {
    first.get("openai")?.answer({ text: HALF, stream: { cut: "end" } });
    for (const answer of [
      { error: { status: 400, message: "no prefill here" } },
      { thinking: { text: "hm" }, text: "Anew" },
    ]) {
      next.get("ollama")?.answer(answer);
      const seen = router.completes().length;
      const heard = await ask("anthropic", "openai-ollama/m");
      match(heard.raw, /event: error/);
      ok(!heard.raw.includes("Anew"));
      const complete = (await router.completed(seen + 1))[seen];
      deepEqual(
        [complete?.response?.content, complete?.outcome, complete?.provider, complete?.attempts.length],
        [HALF, "cut", "openai-1", 2],
      );
      ok((complete?.usage?.output_tokens ?? 0) > 0);
    }
  });

  test("a call, structured output or too short a text is not gone on with", async () => {
    const toolCalls = [{ id: "c1", name: "f", args: "{}" }];
    const cut = { cut: "end" } as const;
    const format = { type: "json_object" };
    for (const [answer, more] of [
      [{ text: HALF, toolCalls, stream: cut }, {}],
      [{ text: HALF, stream: cut }, { response_format: format }],
      [{ text: "Short", stream: cut }, {}],
      [{ text: HALF, thinking: { text: "hm" }, stream: cut }, {}],
    ] as const) {
      first.get("openai")?.answer({ ...answer });
      next.get("ollama")?.answer(rest);
      const heard = await ask("openai", "openai-ollama/m", more);
      ok(heard.error, JSON.stringify(answer));
      equal(next.get("ollama")?.requests.length, 0);
    }
  });
});
