import { crc32, deflateSync } from "node:zlib";
import type { Answer, ScriptedCall, UpstreamFormat } from "../support/upstream/answer.ts";
import type { Received } from "../support/upstream/upstream.ts";
import type { Agent } from "./agents.ts";

/** A conversation the upstream leads, ending in a word it says only when all went well on the way. */
export interface Scenario {
  name: string;
  /** The agent is shown the picture. */
  picture?: boolean;
  /** Answers each request by what it holds. */
  script(agent: Agent, upstream: UpstreamFormat, work: string): (request: Received) => Answer;
}

export const FINAL = "the-final-word-4711";
const THOUGHT = "I had better look first.";
const STATE = "c2lnbmF0dXJlIG9mIHRoZSBzY3JpcHRlZCBtb2RlbA==";
export const PICTURE = "picture.png";

/** Calls without a tool to answer them are side calls: titles, summaries. */
function isMain(request: Received): boolean {
  return Array.isArray(request.body["tools"]) && request.body["tools"].length > 0;
}

function call(agent: Agent, id: string, word: string): ScriptedCall {
  // The output is not in the command, so that seeing it means the tool has run.
  return { id, name: agent.shell.tool, args: JSON.stringify(agent.shell.args(`printf '%s-%s' ${word} 4711`)) };
}

/** Calls first; once every one of these is in the request, the final word. */
function untilSeen(request: Received, wanted: string[], first: Answer): Answer {
  const text = request.raw.toString();
  if (!isMain(request)) return { text: "a title" };
  return wanted.every((word) => text.includes(word)) ? { text: FINAL } : first;
}

const SIGNING: ReadonlySet<UpstreamFormat> = new Set(["anthropic", "openai-responses", "gemini"]);

export const SCENARIOS: Scenario[] = [
  { name: "plain", script: () => (request) => (isMain(request) ? { text: FINAL } : { text: "a title" }) },
  {
    name: "one call",
    script: (agent) => (request) => untilSeen(request, ["one-4711"], { toolCalls: [call(agent, "call_a1", "one")] }),
  },
  {
    name: "two calls",
    script: (agent) => (request) =>
      untilSeen(request, ["one-4711", "two-4711"], {
        text: "Two things at once.",
        toolCalls: [call(agent, "call_b1", "one"), call(agent, "call_b2", "two")],
      }),
  },
  {
    name: "thinking",
    script: (agent, upstream) => (request) => {
      const first = { thinking: { text: THOUGHT, state: STATE }, toolCalls: [call(agent, "call_c1", "one")] };
      // What a provider signed has to come back to it word for word; for clients that cannot hold it the router does.
      const kept = SIGNING.has(upstream) && (agent.client === upstream || !agent.forgetsIds);
      return untilSeen(request, kept ? ["one-4711", STATE] : ["one-4711"], first);
    },
  },
  {
    name: "image",
    picture: true,
    script: (agent, _, work) => (request) => {
      if (agent.read === "attached") return untilSeen(request, ["iVBORw0KGgo"], { text: "there is no picture" });
      const args = JSON.stringify(agent.read.args(`${work}/${PICTURE}`));
      // Base64 of the signature every PNG begins with.
      return untilSeen(request, ["iVBORw0KGgo"], { toolCalls: [{ id: "call_d1", name: agent.read.tool, args }] });
    },
  },
];

/** A red square, large enough for agents that refuse tiny pictures. */
export function picture(side = 64): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3).map((_, at) => (at % 3 === 0 ? 255 : 0))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
