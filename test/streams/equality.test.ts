import { deepEqual, equal, notEqual } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { CHAT_CLIENTS, PLAIN } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import type { ClientFormat, Heard } from "../support/clients/heard.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { type Answer, UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { SCRIPTS } from "./scripts.ts";

const USAGE = { input: 100, output: 40, cachedRead: 60, cacheWrite: 10, reasoning: 15 };

/** The scripts, and one with everything an answer can have at once. */
const ANSWERS: Record<string, Answer> = {
  ...SCRIPTS,
  "everything at once": {
    thinking: { text: "let me see 🤔", state: "c2lnbmVk" },
    text: "It rains, says the paper: 你好.",
    citations: [{ url: "https://paper.test/rain", title: "The Paper", cited: "It rains" }],
    toolCalls: [
      { id: "call_1", name: "look", args: '{"zeta":"a b","alpha":[1,{"x":null}]}' },
      { id: "call_2", name: "now", args: "" },
    ],
    usage: USAGE,
  },
  "calls cut by the limit": { toolCalls: [{ id: "call_1", name: "look", args: "{}" }], finish: "length", usage: USAGE },
  "a stop sequence": { text: "up to here", finish: "stop_sequence", stopSequence: "END", usage: USAGE },
  "a long text": { text: "lorem ipsum dolor ".repeat(40), usage: USAGE },
};

describe("an answer says the same whole and streamed", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());
  for (const client of CHAT_CLIENTS) {
    for (const provider of UPSTREAM_FORMATS) {
      test(`${client} -> ${provider}`, () => checkPair(fleet, client, provider));
    }
  }
});

async function checkPair(fleet: Fleet, client: ClientFormat, provider: UpstreamFormat): Promise<void> {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    if (answer.stream?.error !== undefined) continue;
    fleet.answer(answer);
    const whole = await ask(fleet, client, provider, false);
    const streamed = await ask(fleet, client, provider, true);
    equal(whole.error, undefined, name);
    notEqual(JSON.stringify(said(whole)), JSON.stringify(NOTHING), `${name}: nothing was heard`);
    deepEqual(said(streamed), said(whole), `${name}:\n${whole.raw}\n${streamed.raw}`);
  }
}

function ask(fleet: Fleet, client: ClientFormat, provider: UpstreamFormat, stream: boolean): Promise<Heard> {
  const usage = client === "openai" && stream ? { stream_options: { include_usage: true } } : {};
  const body: JsonObject = { ...PLAIN[client], model: modelFor(provider).asked, ...usage };
  return ASK[client](fleet.router.url, body, stream);
}

const NOTHING = { text: "", thinking: "", refusal: "", toolCalls: [], citations: [] };

/** All the SDK decoded, but for what belongs to the exchange and not to the answer. */
function said(heard: Heard): unknown {
  const { status: _, headers: __, raw: ___, bytes: ____, broken: _____, ...answer } = heard;
  return { ...answer, toolCalls: answer.toolCalls.map((call) => ({ ...call, args: JSON.parse(call.args || "{}") })) };
}
