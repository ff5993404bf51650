import type { Random } from "../../core/clock.ts";
import type { Part, ToolCallPart } from "../../core/part.ts";
import { type ChatRequest, emptyRequest, type Message } from "../../core/request.ts";
import type { Conversation, Example } from "../../upstream/simulated/examples/example.ts";
import { CALLERS, type Caller } from "./callers.ts";

/** One request of the demo's stream. */
export interface PlannedRequest {
  readonly caller: Caller;
  /** Of one session only one is under way at a time. */
  readonly session: string;
  readonly request: ChatRequest;
  /** Its client leaves so long after asking, in ms. */
  readonly leavesAfterMs?: number;
}

/** The same draws give the same requests in the same order; it never ends. */
export function* planRequests(random: Random): Generator<PlannedRequest, never> {
  const open: OpenConversation[] = [];
  for (let turn = 0; ; turn++) {
    const due = open.findIndex(({ dueAt }) => dueAt <= turn);
    const going = open.splice(due, due === -1 ? 0 : 1)[0] ?? begin(turn, random);
    const [messages, ...steps] = going.steps;
    // Its user reads the answer meanwhile.
    if (steps.length > 0) open.push({ ...going, steps, dueAt: turn + 2 + Math.floor(random() * 5) });
    const isLeaving = steps.length === 0 && going.caller.settings.stream === true && random() < LEAVING_SHARE;
    yield {
      caller: going.caller,
      session: going.session,
      request: requestOf(going, messages ?? []),
      ...(isLeaving && { leavesAfterMs: 300 + Math.floor(random() * 900) }),
    };
  }
}

const LEAVING_SHARE = 0.06;

interface OpenConversation {
  readonly caller: Caller;
  readonly session: string;
  /** What is sent each time: all that was said so far. */
  readonly steps: readonly Message[][];
  /** When it goes on, in requests since the beginning. */
  readonly dueAt: number;
}

/** Each caller once, so that the first seconds show all of them; then by weight. */
function begin(turn: number, random: Random): OpenConversation {
  const caller = CALLERS[turn] ?? pick(BY_WEIGHT, random);
  const session = hex(random) + hex(random);
  const conversation = pick(caller.conversations, random);
  return { caller, session, steps: stepsOf(conversation, caller, session), dueAt: turn };
}

const BY_WEIGHT = CALLERS.flatMap((caller) => Array.from({ length: caller.weight }, () => caller));

function stepsOf(conversation: Conversation, caller: Caller, session: string): Message[][] {
  const said: Message[] = [];
  const steps: Message[][] = [];
  for (const [index, example] of conversation.entries()) {
    said.push({ role: "user", parts: [...pictureOf(caller), { type: "text", text: example.to }] });
    steps.push([...said]);
    const calls = callsOf(example, caller, `${session}_${index}`);
    if (calls.length > 0) {
      said.push({ role: "assistant", parts: calls }, { role: "tool", parts: resultsOf(example, calls) });
      steps.push([...said]);
    }
    said.push({ role: "assistant", parts: [{ type: "text", text: example.say }] });
  }
  return steps;
}

function callsOf({ call = {} }: Example, { settings }: Caller, id: string): ToolCallPart[] {
  const known = Object.entries(call).filter(([name]) =>
    settings.tools?.some((tool) => tool.kind === "function" && tool.name === name),
  );
  return known.map(([name, input], at) => ({
    type: "tool-call",
    id: `call_${id}_${at}`,
    name,
    arguments: JSON.stringify(input),
    kind: "function",
  }));
}

function resultsOf({ results = {} }: Example, calls: readonly ToolCallPart[]): Part[] {
  return calls.map(({ id, name }) => ({
    type: "tool-result",
    callId: id,
    name,
    parts: [{ type: "text", text: results[name] ?? "done" }],
    isError: false,
  }));
}

function requestOf({ caller, session }: OpenConversation, messages: Message[]): ChatRequest {
  const { dialect, model, system, settings } = caller;
  return {
    ...emptyRequest(dialect, model),
    ...(system !== undefined && { system: [{ type: "text", text: system }] }),
    ...settings,
    messages,
    identity: { session },
  };
}

/** One yellow dot. */
const PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5fhPwAHBAL/qxLoGQAAAABJRU5ErkJggg==";

function pictureOf({ picture }: Caller): Part[] {
  return picture ? [{ type: "image", source: { kind: "base64", mediaType: "image/png", data: PICTURE } }] : [];
}

function pick<T>(list: readonly T[], random: Random): T {
  const one = list[Math.floor(random() * list.length)];
  if (one === undefined) throw new Error("there is nothing to choose from");
  return one;
}

function hex(random: Random): string {
  return Math.floor(random() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, "0");
}
