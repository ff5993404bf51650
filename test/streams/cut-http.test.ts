import { equal, notEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PLAIN } from "../conformance/feature.ts";
import { ASK } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat } from "../support/clients/heard.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { UPSTREAM_FORMATS, type UpstreamDialect, type UpstreamFormat } from "../support/upstream/answer.ts";
import { generate } from "../support/upstream/ollama.ts";
import { completions } from "../support/upstream/openai.ts";
import { chatDialect } from "../support/upstream/upstream.ts";
import { scriptOf } from "./scripts.ts";

const ANSWER = {
  text: "one moment, grüße 🎉",
  toolCalls: [{ id: "call_1", name: "look", args: '{"at":"a b","deep":true}' }],
};

// What cut.test.ts shows in the process for every byte, here over the wire for some: the official SDKs must raise.
describe("a provider whose stream is cut, over HTTP", () => {
  let fleet: Fleet;
  before(async () => {
    fleet = await startFleet();
  });
  after(() => fleet.close());
  for (const client of CLIENT_FORMATS) {
    for (const provider of UPSTREAM_FORMATS) {
      test(`${client} -> ${provider}`, () => checkCuts(fleet, client, provider));
    }
  }
});

/** The older endpoints are answered by their own servers as such. */
function dialectFor(client: ClientFormat, provider: UpstreamFormat): UpstreamDialect {
  if (client === "openai-completions" && provider === "openai") return completions;
  if (client === "ollama-generate" && provider === "ollama") return generate;
  return chatDialect(provider);
}

async function checkCuts(fleet: Fleet, client: ClientFormat, provider: UpstreamFormat): Promise<void> {
  const { bytes, wholeFrom } = scriptOf(dialectFor(client, provider), "", ANSWER);
  const headers = { "content-type": chatDialect(provider).streamType };
  const body = { ...PLAIN[client], model: modelFor(provider).asked };
  for (const cut of [0, 1, wholeFrom >> 2, wholeFrom >> 1, wholeFrom - 60, wholeFrom - 1]) {
    fleet.upstreams[provider].answer({ raw: { headers, chunks: [bytes.subarray(0, cut)] } });
    const heard = await ASK[client](fleet.router.url, body, true);
    ok(heard.error, `cut at ${cut} of ${wholeFrom}, and taken for an answer: ${heard.raw}`);
  }
  fleet.upstreams[provider].answer({ raw: { headers, chunks: [bytes] } });
  const heard = await ASK[client](fleet.router.url, body, true);
  equal(heard.error, undefined, "the whole one is an answer");
  notEqual(heard.text, "");
}
