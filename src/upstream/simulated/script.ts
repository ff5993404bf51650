import type { ReplyConfig } from "../../config/config.ts";
import type { FinishReason } from "../../core/event.ts";
import type { ChatRequest, Reasoning } from "../../core/request.ts";
import { minimalValue } from "./schema-value.ts";
import { type ToolOrder, toolOrders, toolsCalled } from "./tool-orders.ts";
import { lastPrompt, readTurn, reportOf, roundsSincePrompt, type Turn } from "./turn.ts";

/** A block of the answer, not yet cut into tokens. */
export type ScriptBlock =
  | { type: "reasoning" | "text" | "refusal"; text: string }
  | { type: "tool-call"; name: string; kind: "function" | "custom"; text: string };

/** What will be answered. */
export interface Script {
  blocks: ScriptBlock[];
  finish: { reason: FinishReason; stopSequence?: string };
  /** `error`: an error event half way. `cut`: it just ends half way. */
  ending: "end" | "error" | "cut";
  /** Answer with this status instead. */
  status?: number;
}

/** Longer prompts are not echoed whole: nobody reads it, and at 50 tokens/s nobody would wait for it. */
const ECHO_CHARS = 4000;

/** The same request gives the same script. docs/providers.md lists what a prompt can order. */
export function writeScript(request: ChatRequest, replies: readonly ReplyConfig[] = []): Script {
  const turn = readTurn(request);
  const reply = replyAmong(replies, request);
  const script = { ...answerTo(request, turn, reply), ending: endingOrdered(turn.text), ...statusOrdered(turn.text) };
  if (wantsReasoning(request.reasoning)) {
    const text = reply?.think ?? `The user wants an answer to: ${clipped(turn.lastText, 200)}`;
    script.blocks.unshift({ type: "reasoning", text });
  }
  return script;
}

function replyAmong(replies: readonly ReplyConfig[], request: ChatRequest): ReplyConfig | undefined {
  if (replies.length === 0) return undefined;
  const prompt = lastPrompt(request).toLowerCase();
  return replies.find(({ to }) => prompt.includes(to.toLowerCase()));
}

function answerTo(request: ChatRequest, turn: Turn, reply: ReplyConfig | undefined): Pick<Script, "blocks" | "finish"> {
  const calls = callsFor(request, turn, reply);
  if (calls.length > 0) {
    return {
      blocks: calls.map(({ tool, arguments: text }) => ({ type: "tool-call", name: tool.name, kind: tool.kind, text })),
      finish: { reason: "tool_calls" },
    };
  }
  if (/\bsimulate a refusal\b/i.test(turn.text)) {
    return { blocks: [{ type: "refusal", text: "I can't help with that." }], finish: { reason: "refusal" } };
  }
  return stopped(reply?.say ?? textFor(request, turn), request.sampling.stop ?? []);
}

/** Results are the end of it, unless the prompt orders more rounds. */
function callsFor(request: ChatRequest, turn: Turn, reply: ReplyConfig | undefined): ToolOrder[] {
  if (turn.results.length === 0) return reply?.call ? toolsCalled(request, reply.call) : toolOrders(request, turn.text);
  const prompt = lastPrompt(request);
  const rounds = /\bin (\d+) rounds\b/i.exec(prompt)?.[1];
  return rounds !== undefined && roundsSincePrompt(request) < Number(rounds) ? toolOrders(request, prompt) : [];
}

function textFor(request: ChatRequest, turn: Turn): string {
  const { output } = request;
  if (output?.kind === "json_schema") return JSON.stringify(minimalValue(output.schema));
  if (output?.kind === "json") return JSON.stringify({ simulated: true, said: clipped(turn.lastText, ECHO_CHARS) });
  if (turn.results.length > 0) return turn.results.map(reportOf).join("\n");
  const said = turn.lastText === "" ? "You said nothing." : `You said: ${clipped(turn.lastText, ECHO_CHARS)}`;
  const seen = turn.images === 0 ? "" : ` I see ${turn.images === 1 ? "an image" : `${turn.images} images`}.`;
  return `This is the router's simulated provider, not a model.${seen} ${said}`;
}

/** Cuts the text before the first stop sequence in it. */
function stopped(text: string, stops: readonly string[]): Pick<Script, "blocks" | "finish"> {
  let end = text.length;
  let met: string | undefined;
  for (const stop of stops) {
    const at = stop === "" ? -1 : text.indexOf(stop);
    if (at === -1 || at >= end) continue;
    end = at;
    met = stop;
  }
  return {
    blocks: [{ type: "text", text: text.slice(0, end) }],
    finish: met === undefined ? { reason: "stop" } : { reason: "stop_sequence", stopSequence: met },
  };
}

function wantsReasoning(reasoning: Reasoning | undefined): boolean {
  if (reasoning === undefined || reasoning.mode === "off") return false;
  if (reasoning.effort !== undefined) return reasoning.effort !== "none";
  return reasoning.mode !== undefined || (reasoning.budgetTokens ?? 0) > 0;
}

function endingOrdered(text: string): Script["ending"] {
  if (/\bsimulate an error midway\b/i.test(text)) return "error";
  return /\bsimulate a cut\b/i.test(text) ? "cut" : "end";
}

function statusOrdered(text: string): { status?: number } {
  const status = /\bsimulate status ([45]\d\d)\b/i.exec(text)?.[1];
  return status === undefined ? {} : { status: Number(status) };
}

function clipped(text: string, chars: number): string {
  if (text.length <= chars) return text;
  // Not between the halves of a surrogate pair.
  const end = text.charCodeAt(chars - 1) >> 10 === 0x36 ? chars - 1 : chars;
  return `${text.slice(0, end)}…`;
}
