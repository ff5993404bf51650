import { equal, ok } from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type JsonObject, objectsOf } from "../../src/core/json.ts";
import { callsOf, DIALOGUE_CLIENTS, DIALOGUES, type Dialogue, type DialogueClient } from "../support/dialogue.ts";
import { exchange } from "../support/exchange.ts";
import { type Fleet, modelFor, startFleetWithOpenAI } from "../support/fleet.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../support/upstream/answer.ts";
import type { Received, Script, Upstream } from "../support/upstream/upstream.ts";
import { PNG } from "./features/media.ts";
import { expectPrefix, sentPrompt, withoutMarks } from "./prefix.ts";
import { pathOf } from "./requests.ts";

/** Keys in an order no sorting gives, and words that are special in one API or the other. */
const SCHEMA: JsonObject = {
  type: "object",
  properties: {
    zeta: { type: "string", description: "Last of the alphabet" },
    alpha: { type: ["integer", "null"], minimum: 1, exclusiveMaximum: 9 },
    "10": { enum: ["b", "a"] },
  },
  required: ["zeta", "alpha"],
  additionalProperties: false,
};
const TOOLS = [
  { name: "clock", description: "Tells the time.", schema: SCHEMA },
  { name: `mcp__${"a-very-long-server-name".repeat(3)}__and_tool_1`, description: "Does.", schema: { type: "object" } },
  { name: "a", description: "", schema: { type: "object", properties: {} } },
];
const ARGS = '{"zeta":"z","alpha":{"y":[2,1],"b":null},"mid":1.5}';
const THINKING = { text: "hm, hm", state: "c2lnbmVk" };

/** The long name as this provider knows it. */
function longName({ raw }: Received): string {
  return /"(mcp__[^"]*)"/.exec(raw.toString())?.[1] ?? "not declared";
}

/** What the provider answers, turn by turn: parallel calls with odd ids, thinking, text alone, one call more. */
const ANSWERS: Script[] = [
  {
    thinking: THINKING,
    text: "Let me look.",
    toolCalls: [
      { id: "functions.clock:0", name: "clock", args: ARGS },
      { id: `call_${"x".repeat(80)}`, name: "clock", args: '{"zeta":"ä/\\u00e9"}' },
    ],
  },
  { thinking: THINKING, text: 'It is "noon".\n\n' },
  (request) => ({ toolCalls: [{ id: "toolu_01", name: longName(request), args: "" }] }),
  { text: "done" },
];

interface Sent {
  status: number;
  answer: JsonObject;
  request: Received;
}

async function send(
  fleet: Fleet,
  client: DialogueClient,
  { upstream, model }: { upstream: Upstream; model: string },
  body: JsonObject,
  answer: Script,
): Promise<Sent> {
  upstream.answer(answer);
  const got = await exchange(fleet.router.url + pathOf(client, model, false), { body: JSON.stringify(body) });
  equal(got.status, 200, got.body.toString());
  return { status: got.status, answer: JSON.parse(got.body.toString()), request: upstream.last() };
}

/** The client's next step after an answer: results, one of them a picture, and now and then a word of the user. */
function goOn(client: DialogueClient, dialogue: Dialogue, answer: JsonObject, turn: number): void {
  dialogue.answered(answer);
  const calls = callsOf(client, answer);
  const outputs = calls.map(({ id, name }, at) => ({ id, name, text: `12:0${at}`, ...(at === 1 && { png: PNG }) }));
  if (outputs.length > 0) dialogue.results(outputs);
  if (outputs.length === 0 || turn === 0) dialogue.user(`and now ${turn}?`, turn === 1 ? PNG : undefined);
}

/** All requests of one conversation as the provider got them. */
async function converse(fleet: Fleet, client: DialogueClient, upstream: Upstream, model: string): Promise<Received[]> {
  const dialogue = DIALOGUES[client]("You are an agent.", TOOLS);
  dialogue.user("what time is it?");
  const requests: Received[] = [];
  for (const [turn, answer] of ANSWERS.entries()) {
    const sent = await send(fleet, client, { upstream, model }, dialogue.body(model), answer);
    requests.push(sent.request);
    goOn(client, dialogue, sent.answer, turn);
  }
  return requests;
}

function expectPrefixes(format: UpstreamFormat, bodies: JsonObject[]): void {
  for (const [at, body] of bodies.entries()) {
    const next = bodies[at + 1];
    if (next) expectPrefix(sentPrompt(format, body), sentPrompt(format, next));
  }
}

describe("prompt caches: each turn's prompt begins with the one before", () => {
  let fleet: Awaited<ReturnType<typeof startFleetWithOpenAI>>;
  before(async () => {
    fleet = await startFleetWithOpenAI();
  });
  after(() => fleet.close());

  for (const client of DIALOGUE_CLIENTS) {
    for (const provider of UPSTREAM_FORMATS) {
      test(`${client} -> ${provider}`, async () => {
        const upstream = fleet.upstreams[provider];
        const requests = await converse(fleet, client, upstream, modelFor(provider).asked);
        expectPrefixes(
          provider,
          requests.map((request) => request.body),
        );
        const again = await converse(fleet, client, upstream, modelFor(provider).asked);
        again.forEach((request, at) => {
          equal(bytesOf(request), requests[at] && bytesOf(requests[at]), "the same conversation gave other bytes");
        });
        if (client === provider) expectSameBytes(requests);
      });
    }
    test(`${client} -> OpenAI itself`, async () => {
      expectPrefixes(
        "openai",
        (await converse(fleet, client, fleet.real, "gpt-9")).map((request) => request.body),
      );
    });
  }

  const targets = UPSTREAM_FORMATS.map((format) => ({ name: String(format), format, model: modelFor(format).asked }));
  for (const { name, format, model } of [
    ...targets,
    { name: "OpenAI itself", format: "openai" as const, model: "gpt-9" },
  ]) {
    test(`Claude Code -> ${name}: its billing line, a late system message, cache marks that move`, async () => {
      const upstream = model === "gpt-9" ? fleet.real : fleet.upstreams[format];
      const bodies: JsonObject[] = [];
      for (let turn = 0; turn < 4; turn++) {
        const body = claudeCode(model, turn, format);
        const { request } = await send(fleet, "anthropic", { upstream, model }, body, { text: "ok" });
        bodies.push(request.body);
      }
      expectPrefixes(format, bodies.map(withoutMarks));
    });
  }
});

/** A request without the scripted provider's own ids, which count its answers. */
function bytesOf(request: Received): string {
  return request.raw.toString().replaceAll(/"(msg|rs|fc|chatcmpl)([_-])\d+/g, '"$1$2n');
}

/** Passed through: up to the end of its last message, the earlier request is the beginning of the later one. */
function expectSameBytes(requests: Received[]): void {
  for (const [at, { raw, body }] of requests.entries()) {
    const later = requests[at + 1]?.raw.toString();
    if (later === undefined) return;
    const last = JSON.stringify(objectsOf(body["messages"] ?? body["input"] ?? body["contents"]).at(-1));
    const text = raw.toString();
    const end = text.lastIndexOf(last) + last.length;
    ok(end > last.length, "the last message is not there as the client wrote it");
    equal(later.slice(0, end), text.slice(0, end));
  }
}

const MARK = { cache_control: { type: "ephemeral" } };

/** The request Claude Code makes at a turn: the mark is always on the last message, the billing line is never the same. */
function claudeCode(model: string, turn: number, format: UpstreamFormat): JsonObject {
  const text = (words: string, marked = false): JsonObject => ({ type: "text", text: words, ...(marked && MARK) });
  const messages: JsonObject[] = [
    { role: "user", content: [text("<system-reminder>a</system-reminder>"), text("one", turn === 0)] },
    { role: "system", content: "You may now use the tools.", output_config: { effort: "high" } },
  ];
  for (let at = 1; at <= turn; at++) {
    const id = `toolu_${at}`;
    messages.push({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "", signature: "c2ln" },
        text(`step ${at}`),
        { type: "tool_use", id, name: "Bash", input: { command: "ls", description: "d" } },
      ],
    });
    const content = [text("a\n"), text("b"), ...(at === 2 ? [image()] : [])];
    const result = { type: "tool_result", tool_use_id: id, content, ...(at === turn && MARK) };
    messages.push({ role: "user", content: at === 3 ? [result, text("go on")] : [result] });
  }
  const billing = text(`x-anthropic-billing-header: cc_version=2.1.${turn}; cch=${turn}f;`);
  return {
    model,
    max_tokens: 32_000,
    // Anthropic strips the line by its place: there it goes through as it is.
    system: [...(format === "anthropic" ? [] : [billing]), text("You are Claude Code.", true), text("Rules.", true)],
    messages,
    tools: [{ name: "Bash", description: "Runs.", input_schema: SCHEMA, ...MARK }],
    metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
    thinking: { type: "adaptive", display: "omitted" },
    output_config: { effort: "medium" },
  };
}

function image(): JsonObject {
  return { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } };
}
