import { deepEqual, equal, fail, match, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { ASK } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat, type Heard } from "../support/clients/heard.ts";
import { type Fleet, modelFor, PROVIDER_FORMATS, type ProviderFormat, startFleet } from "../support/fleet.ts";
import { readSeen } from "../support/seen/read.ts";
import type { Script, Upstream } from "../support/upstream/upstream.ts";
import { type Feature, finishWord, type Pair, PLAIN } from "./feature.ts";

/** Which provider speaks each client's own API. */
const HOME: Record<ClientFormat, ProviderFormat> = {
  openai: "openai",
  "openai-responses": "openai-responses",
  anthropic: "anthropic",
  ollama: "ollama",
  "openai-completions": "openai",
  "ollama-generate": "ollama",
  gemini: "gemini",
};

/** Runs each feature over every client that can ask for it, every provider, whole and streamed, through one router. */
export function runMatrix(title: string, features: Feature[]): void {
  describe(title, () => {
    let fleet: Fleet;
    before(async () => {
      fleet = await startFleet();
    });
    after(() => fleet.close());
    for (const feature of features) {
      describe(feature.name, () => {
        for (const pair of pairsOf(feature)) {
          const mode = pair.stream ? "stream" : "whole";
          test(`${pair.client} -> ${pair.provider}, ${mode}`, () => check(fleet, feature, pair));
        }
      });
    }
  });
}

function pairsOf(feature: Feature): Pair[] {
  const pairs: Pair[] = [];
  for (const client of CLIENT_FORMATS) {
    if (!feature.ask[client]) continue;
    for (const provider of PROVIDER_FORMATS) {
      if (provider === "simulated" && !feature.simulated) continue;
      const same = HOME[client] === provider;
      if (feature.only !== "stream") pairs.push({ client, provider, stream: false, same });
      if (feature.only !== "whole") pairs.push({ client, provider, stream: true, same });
    }
  }
  return pairs;
}

async function check(fleet: Fleet, feature: Feature, pair: Pair): Promise<void> {
  const body = { model: modelFor(pair.provider).asked, ...PLAIN[pair.client], ...feature.ask[pair.client] };
  const answer = feature.answer ?? { text: "hello" };
  fleet.answer(answer);
  const heard = await ASK[pair.client](fleet.router.url, body, pair.stream);
  try {
    const refusal = feature.refused?.(pair);
    if (refusal) {
      equal(heard.status, 400);
      match(heard.raw, refusal);
      return;
    }
    if (feature.heard) feature.heard(heard, pair);
    else expectAnswer(heard, pair, pair.provider === "simulated" ? undefined : textOf(answer));
    if (heard.status === 200) checkLosses(heard, feature.losses?.(pair) ?? {});
    if (pair.provider !== "simulated") checkUpstream(fleet.upstreams[pair.provider], feature, pair, body);
  } catch (error) {
    const upstream = pair.provider === "simulated" ? undefined : fleet.upstreams[pair.provider].requests.at(-1);
    const lines = [`client got ${heard.status} ${heard.raw}`, `upstream got ${upstream?.raw.toString()}`];
    if (heard.status >= 500 && typeof feature.answer === "object" && !feature.answer.error)
      lines.push(`router said ${fleet.router.logs().slice(-2000)}`);
    if (error instanceof Error) error.message += `\n${lines.join("\n")}`;
    throw error;
  }
}

function textOf(script: Script): string | undefined {
  return typeof script === "function" ? undefined : script.text;
}

/** A good answer with this text (any text, when it is not known), ended as the client's API says it. */
export function expectAnswer(heard: Heard, pair: Pair, text: string | undefined): void {
  equal(heard.error?.message, undefined);
  equal(heard.status, 200);
  if (text === undefined) ok(heard.text.length > 0, "the answer has no text");
  else equal(heard.text, text);
  match(heard.finish ?? "", finishWord(pair.client, "stop"));
}

function checkUpstream(upstream: Upstream, feature: Feature, pair: Pair, body: JsonObject): void {
  const request = upstream.last();
  equal(upstream.requests.length, 1, "asked more than once");
  if (pair.same) {
    const { stream: _, ...sent } = request.body;
    const { stream: __, model: ___, ...asked } = body;
    const { model, ...fields } = sent;
    // Google's SDK adds an empty one.
    if (pair.client === "gemini") deepEqual(fields, { generationConfig: {}, ...asked });
    else deepEqual(fields, asked);
    const sentModel = modelFor(pair.provider).sent;
    if (pair.client === "gemini") ok(request.path.startsWith(`/models/${sentModel}:`), request.path);
    else equal(model, sentModel);
    return;
  }
  const seen = readSeen(upstream.format, request.body, request.path);
  deepEqual(seen.unknown, [], "the provider's API does not know");
  equal(seen.model, modelFor(pair.provider).sent);
  equal(seen.stream, pair.stream);
  feature.seen?.(seen, pair);
}

function checkLosses(heard: Heard, { must = [], may = [] }: { must?: RegExp[]; may?: RegExp[] }): void {
  const header = heard.headers.get("x-router-losses") ?? "";
  const entries = header.split(/[;,]\s*/).filter((entry) => entry !== "");
  for (const field of must) {
    if (!entries.some((entry) => field.test(entry))) fail(`X-Router-Losses does not name ${field}: "${header}"`);
  }
  for (const entry of entries) {
    if (![...must, ...may].some((field) => field.test(entry))) fail(`X-Router-Losses names ${entry}: "${header}"`);
  }
}
