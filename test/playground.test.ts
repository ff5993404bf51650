import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Asked } from "../web/src/views/playground/ask.ts";
import { curlOf } from "../web/src/views/playground/curl.ts";
import type { Block } from "../web/src/views/playground/formats/format.ts";
import { FORMATS } from "../web/src/views/playground/formats/index.ts";
import { type Answer, Session } from "../web/src/views/playground/session.ts";
import { SAMPLE_TOOLS, toolsOf } from "../web/src/views/playground/tools.ts";
import { type InProcessRouter, startInProcess } from "./support/in-process.ts";
import { until } from "./support/until.ts";

const CONFIG = `
[[providers]]
name = "quick"
format = "simulated"

[[providers]]
name = "slow"
format = "simulated"
tokens_per_s = 20

[[routers]]
type = "prefix"
model_prefix = "slow"
provider = "slow"

[[routers]]
type = "fallback"
providers = ["quick"]
`;

describe("the playground asks a real router", () => {
  let router: InProcessRouter;
  before(async () => {
    router = await startInProcess(CONFIG);
  });
  after(() => router.close());

  function newSession(): Session {
    const post = ({ path, body }: Asked, signal: AbortSignal) =>
      fetch(router.url + path, { method: "POST", headers: { "content-type": "application/json" }, body, signal });
    return new Session({ post, schedule: (draw) => draw() });
  }

  async function answered(session: Session, lane = 0): Promise<Answer> {
    await until(() => !session.view().isBusy, "the answer");
    return lastAnswer(session, lane);
  }

  function lastAnswer(session: Session, lane = 0): Answer {
    const last = session.view().lanes[lane]?.entries.at(-1);
    assert.ok(last?.role === "answer", `the last entry of lane ${lane} is ${last?.role}`);
    return last;
  }

  for (const { name } of FORMATS) {
    describe(`as a client of ${name}`, () => {
      test("text, thinking, tokens, and the way it took", async () => {
        const session = newSession();
        session.setLane(0, { model: "any", format: name });
        session.set({ thinking: "low", system: "be brief", maxTokens: "5000" });
        session.send("hello 🙂 <b>there</b>");
        const answer = await answered(session);
        assert.equal(answer.state, "done", answer.problem?.message ?? "");
        assert.deepEqual(
          answer.blocks.map(({ type }) => type),
          ["reasoning", "text"],
        );
        assert.match(said(answer.blocks, "reasoning"), /hello 🙂 <b>there<\/b>/);
        assert.match(said(answer.blocks, "text"), /not a model\. You said: hello 🙂 <b>there<\/b>$/);
        const complete = (await router.completed()).at(-1);
        assert.equal(answer.head?.exchange, complete?.id);
        assert.equal(answer.head?.provider, "quick");
        assert.equal(answer.inputTokens, complete?.usage?.input_tokens);
        assert.ok((answer.outputTokens ?? 0) > 0);
        assert.ok(answer.finish);
        assert.equal(complete?.system, "be brief");
      });

      test("a tool is called, and the conversation goes on with what it said", async () => {
        const session = newSession();
        session.setLane(0, { model: "any", format: name });
        session.set({ tools: SAMPLE_TOOLS, temperature: "0.5" });
        session.send('call tool get_weather {"city": "Paris"}');
        const { blocks, problem } = await answered(session);
        const [call] = blocks;
        assert.ok(call?.type === "call", problem?.message ?? JSON.stringify(blocks));
        assert.equal(call.name, "get_weather");
        assert.deepEqual(JSON.parse(call.arguments), { city: "Paris" });
        session.sendResults(0, [{ id: call.id, name: call.name, text: "rain, 9 °C" }]);
        const second = await answered(session);
        assert.equal(second.state, "done", second.problem?.message ?? "");
        assert.match(said(second.blocks, "text"), /rain, 9 °C/);
        session.send("and now?");
        assert.match(said((await answered(session)).blocks, "text"), /and now\?/);
      });

      test("errors are shown in full: instead of an answer, and half way", async () => {
        const session = newSession();
        session.setLane(0, { model: "any", format: name });
        session.send("simulate status 400");
        const refused = await answered(session);
        assert.equal(refused.state, "failed");
        assert.equal(refused.problem?.status, 400);
        assert.match(refused.problem?.message ?? "", /told to fail with 400/);
        assert.match(refused.problem?.body ?? "", /^\{/);
        session.clear();
        session.send("simulate an error midway");
        const broken = await answered(session);
        assert.equal(broken.state, "failed");
        assert.match(broken.problem?.message ?? "", /a simulated error/);
        assert.match(said(broken.blocks, "text"), /^This is/);
      });

      test("stop cancels the request at the router", async () => {
        const session = newSession();
        session.setLane(0, { model: "slow", format: name });
        const before = router.completes().length;
        session.send("a long story");
        await until(() => lastAnswer(session).state === "saying", "the first word");
        session.stop();
        const answer = await answered(session);
        assert.equal(answer.state, "stopped");
        const complete = (await router.completed(before + 1)).at(-1);
        assert.equal(complete?.outcome, "client-gone");
        assert.equal(complete?.id, answer.head?.exchange);
      });
    });
  }

  test("two lanes are asked the same, each with its own model and API", async () => {
    const session = newSession();
    session.setLane(0, { model: "one" });
    session.compare(true);
    session.setLane(1, { model: "two", format: "anthropic" });
    session.send("hello");
    await answered(session);
    assert.deepEqual(
      [0, 1].map((lane) => lastAnswer(session, lane).head?.model),
      ["one", "two"],
    );
    assert.equal(lastAnswer(session, 1).asked.path, "/v1/messages");
    session.compare(false);
    assert.equal(session.view().lanes.length, 1);
  });

  test("clearing stops what is under way and forgets it", async () => {
    const session = newSession();
    session.setLane(0, { model: "slow" });
    session.send("a long story");
    session.clear();
    await until(() => !session.view().isBusy, "the end");
    assert.deepEqual(session.view().lanes[0]?.entries, []);
  });

  test("settings that cannot be sent are refused before anything is", () => {
    const session = newSession();
    session.set({ tools: "[" });
    assert.throws(() => session.send("hello"), /tools are no JSON/);
    session.set({ tools: "", temperature: "warm" });
    assert.throws(() => session.send("hello"), /temperature is no number: warm/);
    assert.deepEqual(session.view().lanes[0]?.entries, []);
  });
});

test("tools are taken in the words of every API", () => {
  const parameters = { type: "object", properties: { x: { type: "string" } } };
  const tool = { name: "t", description: "d", parameters };
  const { parameters: _parameters, ...named } = tool;
  for (const said of [
    tool,
    [tool],
    { type: "function", function: tool },
    { ...named, input_schema: parameters },
    { functionDeclarations: [tool] },
  ])
    assert.deepEqual(toolsOf(JSON.stringify(said)), [tool]);
  assert.throws(() => toolsOf("{}"), /no name/);
});

test("a request as curl sends it: quotes kept, the key named and not shown", () => {
  const asked = { path: "/v1/chat/completions", body: JSON.stringify({ text: "it's $HOME" }) };
  assert.equal(
    curlOf("http://localhost:8090", asked, true),
    `curl -N 'http://localhost:8090/v1/chat/completions' -H 'content-type: application/json' -H "authorization: Bearer $ROUTER_API_KEY" -d '{"text":"it'\\''s $HOME"}'`,
  );
});

function said(blocks: readonly Block[], type: "text" | "reasoning"): string {
  return blocks.map((block) => (block.type === type ? block.text : "")).join("");
}
