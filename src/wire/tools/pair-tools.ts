import type { Losses } from "../../core/loss.ts";
import type { Part, ToolCallPart, ToolResultPart } from "../../core/part.ts";
import type { Message } from "../../core/request.ts";

const NO_RESULT = "(no result)";

/**
 * Messages in which the results of each turn's calls follow it directly, all of them, and no others: most APIs answer 400 to
 * anything else. Clients leave such histories behind when a user interrupts a tool or old turns are cut. A result that
 * stands further down is moved up, a missing one is made up, a result nobody called for becomes what the user says. The
 * same list when all is well.
 */
export function pairTools(messages: Message[], losses: Losses): Message[] {
  if (arePaired(messages)) return messages;
  return new Pairing(messages, losses).paired();
}

function arePaired(messages: readonly Message[]): boolean {
  return messages.every((message, at) => {
    const [asking, answering] = message.role === "tool" ? [messages[at - 1], message] : [message, messages[at + 1]];
    const calls = callsOf(asking).map((call) => call.id);
    const results = resultsOf(answering).map((result) => result.callId);
    if (calls.length === 0 || results.length === 0) return calls.length === results.length;
    return calls.sort().join("\n") === results.sort().join("\n");
  });
}

function callsOf(message: Message | undefined): ToolCallPart[] {
  return message?.role === "assistant" ? message.parts.filter((part) => part.type === "tool-call") : [];
}

function resultsOf(message: Message | undefined): ToolResultPart[] {
  return message?.role === "tool" ? message.parts.filter((part) => part.type === "tool-result") : [];
}

class Pairing {
  readonly #messages: readonly Message[];
  readonly #losses: Losses;
  /** Results by call, those not placed yet, in order. */
  readonly #waiting = new Map<string, ToolResultPart[]>();
  readonly #placed = new Set<Part>();

  constructor(messages: readonly Message[], losses: Losses) {
    this.#messages = messages;
    this.#losses = losses;
    for (const message of messages) {
      for (const result of resultsOf(message)) {
        const same = this.#waiting.get(result.callId);
        if (same) same.push(result);
        else this.#waiting.set(result.callId, [result]);
      }
    }
  }

  paired(): Message[] {
    // Calls first: a result may stand before the message that is to be asked about it.
    const answers = this.#messages.map((message) => callsOf(message).map((call) => this.#answer(call)));
    return this.#messages.flatMap((message, at) => {
      if (message.role === "tool") return this.#orphans(message);
      const results = answers[at] ?? [];
      return results.length === 0 ? [message] : [message, { role: "tool" as const, parts: results }];
    });
  }

  #answer(call: ToolCallPart): ToolResultPart {
    const found = this.#waiting.get(call.id)?.shift();
    if (found) {
      this.#placed.add(found);
      return found;
    }
    this.#losses.changed("messages", `tool call ${call.id} has no result: sent as "${NO_RESULT}"`);
    const parts: Part[] = [{ type: "text", text: NO_RESULT }];
    return { type: "tool-result", callId: call.id, name: call.name, parts, isError: false };
  }

  #orphans(message: Message): Message[] {
    const left = resultsOf(message).filter((result) => !this.#placed.has(result));
    for (const { callId } of left) {
      this.#losses.changed("messages", `result of unknown tool call ${callId} sent as user content`);
    }
    const parts = left.flatMap((result) => result.parts);
    return parts.length === 0 ? [] : [{ role: "user", parts }];
  }
}
