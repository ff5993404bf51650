import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { JsonObject } from "../../src/core/json.ts";
import { CHAT_CLIENTS, finishWord, PLAIN } from "../conformance/feature.ts";
import { ASK, ASK_UNCHECKED } from "../support/clients/ask.ts";
import { CLIENT_FORMATS, type ClientFormat, type Heard } from "../support/clients/heard.ts";
import { type Fleet, modelFor, startFleet } from "../support/fleet.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import { allRecordings, type Recording } from "./recordings.ts";
import { type Said, saidBy } from "./said.ts";

/** Replays the recordings of some formats through one router; a test that passes and says so when there are none. */
export function replayAll(title: string, wanted: (recording: Recording) => boolean): void {
  const recordings = allRecordings()?.filter(wanted);
  if (!recordings) {
    test(`${title}: left out`, (context) =>
      context.diagnostic("no ../shared/recordings beside the checkout: left out"));
    return;
  }
  describe(title, () => {
    let fleet: Fleet;
    before(async () => {
      fleet = await startFleet();
    });
    after(() => fleet.close());
    test("there are recordings", () => notEqual(recordings.length, 0));
    for (const recording of recordings) {
      const upstream = upstreamOf(recording);
      if (!upstream) continue;
      const kind = recording.stream ? "streamed" : "whole";
      const own = clientOf(recording);
      if (own) test(`${recording.name}, ${kind}, by its own API`, () => checkSame(fleet, upstream, own, recording));
      if (recording.format !== upstream) continue;
      for (const client of CHAT_CLIENTS) {
        if (client === upstream) continue;
        test(`${recording.name}, ${kind}, by ${client}`, () => checkOther(fleet, upstream, recording, client));
      }
    }
  });
}

function upstreamOf({ format }: Recording): UpstreamFormat | undefined {
  if (format === "openai-completions") return "openai";
  return UPSTREAM_FORMATS.find((candidate) => candidate === format);
}

function clientOf({ format }: Recording): ClientFormat | undefined {
  return CLIENT_FORMATS.find((candidate) => candidate === format);
}

/** Asks a server for the recorded answer, as a client of this API. */
async function ask(fleet: Fleet, client: ClientFormat, upstream: UpstreamFormat, recording: Recording): Promise<Heard> {
  play(fleet, upstream, recording);
  const body = bodyOf(client, upstream, recording);
  const heard = await ASK[client](fleet.router.url, body, recording.stream);
  return heard;
}

function bodyOf(client: ClientFormat, upstream: UpstreamFormat, { stream }: Recording): JsonObject {
  const usage = stream && client === "openai" ? { stream_options: { include_usage: true } } : {};
  return { model: modelFor(upstream).asked, ...PLAIN[client], ...usage };
}

function play(fleet: Fleet, upstream: UpstreamFormat, { bytes, status, stream }: Recording): void {
  const type = stream ? "text/event-stream" : "application/json";
  fleet.upstreams[upstream].answer({ raw: { status, headers: { "content-type": type }, chunks: [bytes] } });
}

/** The official SDK makes the same of the recording and of what the router passes on. */
async function checkSame(
  fleet: Fleet,
  upstream: UpstreamFormat,
  client: ClientFormat,
  recording: Recording,
): Promise<void> {
  const body = bodyOf(client, upstream, recording);
  play(fleet, upstream, recording);
  const base = fleet.upstreams[upstream].url.replace(/\/v1(?:beta)?$/, "");
  const direct = await ASK_UNCHECKED[client](base, { ...body, model: modelFor(upstream).sent }, recording.stream);
  const routed = await ASK_UNCHECKED[client](fleet.router.url, body, recording.stream);
  // An error before any content is an error answer of the router: another target could still have been asked.
  if (direct.status === 200 && direct.error && direct.text === "")
    return ok(routed.error, "an error looks like an answer");
  const { headers: _, ...plain } = direct;
  const { headers: __, ...through } = routed;
  deepEqual(through, plain);
}

async function checkOther(
  fleet: Fleet,
  upstream: UpstreamFormat,
  recording: Recording,
  client: ClientFormat,
): Promise<void> {
  const heard = await ask(fleet, client, upstream, recording);
  try {
    if (recording.status !== 200) return checkError(heard, client, recording);
    expectSaid(heard, client, saidBy(recording));
  } catch (error) {
    if (error instanceof Error) error.message += `\nthe client got ${heard.status} ${heard.raw.slice(0, 3000)}`;
    throw error;
  }
}

function checkError(heard: Heard, client: ClientFormat, { status, values }: Recording): void {
  const message = values.map((value) => JSON.stringify(value)).join("");
  // Anthropic says by 402 what OpenAI says by this code.
  const unpaid = client === "anthropic" && message.includes('"code":"insufficient_quota"');
  equal(heard.status, unpaid ? 402 : status);
  const words = /"message":"((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? "no message";
  ok(heard.raw.includes(words), `not in the provider's words: ${words}`);
}

function expectSaid(heard: Heard, client: ClientFormat, said: Said): void {
  if (said.finish === "error") return ok(heard.error, "a failed answer looks like one");
  equal(heard.error?.message, undefined);
  equal(heard.status, 200);
  // A client that has words for a refusal may be told why in them.
  const explained = heard.refusal !== "" && heard.refusal === said.explanation;
  equal(heard.text + (explained ? "" : heard.refusal), said.text + said.refusal);
  equal(heard.thinking, said.thinking);
  deepEqual(
    heard.toolCalls.map(callOf),
    said.calls.map((call) => saidCall(call, client)),
  );
  for (const [at, call] of heard.toolCalls.entries()) expectId(call.id, said.calls[at]?.id ?? "");
  expectSources(heard, client, said);
  match(heard.finish ?? "none", finishWord(client, said.finish));
  if (!said.usage) return;
  const { input, output, cachedRead } = said.usage;
  deepEqual([heard.usage?.input, heard.usage?.output, heard.usage?.cachedRead], [input, output, cachedRead]);
}

/** Arguments by what they mean: an API with objects writes them its own way. */
function callOf(call: { name: string; args: string }): unknown[] {
  try {
    return [call.name, JSON.parse(call.args || "{}")];
  } catch {
    return [call.name, call.args];
  }
}

function expectSources(heard: Heard, client: ClientFormat, said: Said): void {
  const [told, wanted] = [heard, said].map(({ citations }) => citations.map(({ url }) => url));
  if (client === "ollama") return deepEqual(told, []);
  if (client !== "gemini") return deepEqual(told, wanted);
  // There a source stands once, however often it is cited, and what a search found stands among them.
  deepEqual(
    wanted?.filter((url) => !told?.includes(url)),
    [],
  );
}

/** Free text goes as one field to clients without such calls. */
function saidCall(call: Said["calls"][number], client: ClientFormat): unknown[] {
  const wrapped = call.custom && !client.startsWith("openai");
  return callOf(wrapped ? { name: call.name, args: JSON.stringify({ input: call.args }) } : call);
}

/** An id is the provider's own, unless the client's API would not take it. */
function expectId(heard: string, said: string): void {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(said)) equal(heard, said);
  else notEqual(heard, "");
}
