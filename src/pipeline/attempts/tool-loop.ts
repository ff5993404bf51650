import type { Timer } from "../../core/clock.ts";
import type { ChatEvent } from "../../core/event.ts";
import type { Failure } from "../../core/failure.ts";
import { type Json, tryParseJson } from "../../core/json.ts";
import type { Part, ToolCallPart, ToolResultPart } from "../../core/part.ts";
import type { ChatRequest } from "../../core/request.ts";
import { ResponseBuilder } from "../../core/response.ts";
import { addUsage, type Usage } from "../../core/usage.ts";
import type { RouterTool, RouterToolResult } from "../../plugins/plugin.ts";
import type { UpstreamCall } from "../../upstream/transport.ts";
import type { Headers } from "../../wire/format.ts";
import type { AnswerReceiver, RawError } from "../answer/answer-reader.ts";
import type { Attempt } from "./attempt.ts";

/** After so many its model has to answer with what it knows. */
const MAX_ROUNDS = 8;

/** How the loop asks its target again. */
export interface Rounds {
  tools: readonly RouterTool[];
  /** As the target got it. */
  request: ChatRequest;
  /** What is answered goes to the loop. */
  ask(request: ChatRequest, loop: ToolLoop): void;
  /** Runs it when the attempt's time is over; undefined: that never is. */
  late(run: () => void): Timer | undefined;
  crashed(error: unknown): void;
}

interface Result {
  call: ToolCallPart;
  text: string;
  isError: boolean;
  shown?: RouterToolResult["shown"];
}

/**
 * Stands between a target and the client when the target's model may call tools that the router runs: their calls are kept from
 * the client, run, and answered by asking the target again. To the client all rounds are one answer.
 */
export class ToolLoop implements AnswerReceiver {
  readonly #attempt: Attempt;
  readonly #receiver: AnswerReceiver;
  readonly #rounds: Rounds;
  #request: ChatRequest;
  #round = 1;
  /** Of this round, as its model gave it. */
  #answer = new ResponseBuilder();
  /** Its indices of blocks → the client's; undefined: kept from the client. */
  readonly #indices = new Map<number, number | undefined>();
  #next = 0;
  #spent: Usage | undefined;
  #finish: Extract<ChatEvent, { type: "finish" }> | undefined;

  constructor(attempt: Attempt, receiver: AnswerReceiver, rounds: Rounds) {
    this.#attempt = attempt;
    this.#receiver = receiver;
    this.#rounds = rounds;
    this.#request = rounds.request;
  }

  get live(): boolean {
    return this.#receiver.live;
  }

  head(headers: Headers): void {
    if (this.#round === 1) this.#receiver.head(headers);
  }

  events(events: readonly ChatEvent[]): void {
    const out: ChatEvent[] = [];
    for (const event of events) {
      if (event.type !== "error") this.#answer.add(event);
      this.#take(event, out);
    }
    const goesOn = this.#answer.closed && this.#goesOn();
    if (this.#answer.closed && !goesOn) this.#close(out);
    if (out.length > 0) this.#receiver.events(out, undefined);
    if (goesOn) void this.#run(goesOn).catch((error: unknown) => this.#rounds.crashed(error));
  }

  whole(events: readonly ChatEvent[]): void {
    this.events(events);
  }

  failed(failure: Failure, raw: RawError | undefined): void {
    // The client may have something of the rounds before: then it is told inside its stream.
    if (this.#round === 1) this.#receiver.failed(failure, raw);
    else this.#receiver.events([{ type: "error", failure }], undefined);
  }

  crashed(error: unknown): void {
    this.#receiver.crashed(error);
  }

  #take(event: ChatEvent, out: ChatEvent[]): void {
    switch (event.type) {
      case "start":
        if (this.#round === 1) out.push(event);
        return;
      case "block-start": {
        const isOwn = event.block.type === "tool-call" && this.#toolOf(event.block.name) !== undefined;
        const index = isOwn ? undefined : this.#next++;
        this.#indices.set(event.index, index);
        if (index !== undefined) out.push({ ...event, index });
        return;
      }
      case "opaque": {
        out.push({ ...event, index: this.#next++ });
        return;
      }
      case "finish":
        this.#finish = event;
        return;
      // Told at the end, of all rounds together.
      case "usage":
      case "end":
        return;
      case "ping":
      case "error":
        out.push(event);
        return;
      default: {
        const index = this.#indices.get(event.index);
        if (index !== undefined) out.push({ ...event, index });
      }
    }
  }

  #toolOf(name: string): RouterTool | undefined {
    return this.#rounds.tools.find(({ tool }) => tool.name === name);
  }

  /** The calls to run, when the answer waits for nothing else. */
  #goesOn(): ToolCallPart[] | undefined {
    const calls = this.#answer.response().parts.filter((part) => part.type === "tool-call");
    const own = calls.filter(({ name }) => this.#toolOf(name));
    if (own.length === 0 || this.#round > MAX_ROUNDS) return undefined;
    if (own.length === calls.length) return own;
    // The client has to run its own first, and its API has no place for what we would find meanwhile.
    for (const { name } of own)
      this.#attempt.losses.push({
        field: `tool call ${name}`,
        treatment: "not run, beside calls of the client's tools",
        class: "report",
      });
    return undefined;
  }

  #close(out: ChatEvent[]): void {
    const { usage } = this.#answer;
    const spent = this.#spent && usage ? addUsage(this.#spent, usage) : (usage ?? this.#spent);
    if (this.#finish) out.push(this.#isAlone() ? { ...this.#finish, reason: "stop" } : this.#finish);
    if (spent) out.push({ type: "usage", usage: spent });
    out.push({ type: "end" });
  }

  /** It stopped for a call that nobody sees. */
  #isAlone(): boolean {
    if (this.#finish?.reason !== "tool_calls") return false;
    return this.#answer.response().parts.every((part) => part.type !== "tool-call" || this.#toolOf(part.name));
  }

  async #run(calls: readonly ToolCallPart[]): Promise<void> {
    const gone = new AbortController();
    this.#attempt.call = whileRunning(gone, this.#attempt.call);
    const { parts, usage } = this.#answer.response();
    if (usage) this.#spends(usage);
    const timer = this.#rounds.late(() => {
      gone.abort();
      const message = "the tools that the router runs took longer than its time";
      this.#receiver.events([{ type: "error", failure: { kind: "timeout", message } }], undefined);
    });
    gone.signal.addEventListener("abort", () => timer?.cancel());
    const results = await Promise.all(calls.map((call) => this.#result(call, gone.signal)));
    timer?.cancel();
    if (gone.signal.aborted) return;
    this.#show(results);
    this.#request = nextRequest(this.#request, parts, results, this.#round < MAX_ROUNDS);
    this.#round++;
    this.#answer = new ResponseBuilder();
    this.#indices.clear();
    this.#finish = undefined;
    this.#rounds.ask(this.#request, this);
  }

  /** For whoever counts when no round comes to its end any more. */
  #spends(usage: Usage): void {
    const spent = this.#spent ? addUsage(this.#spent, usage) : usage;
    this.#spent = spent;
    this.#attempt.ofRounds = spent;
    if (!this.#attempt.joiner) this.#attempt.answer.usage = spent;
  }

  async #result(call: ToolCallPart, signal: AbortSignal): Promise<Result> {
    const args: Json | undefined = tryParseJson(call.arguments === "" ? "{}" : call.arguments);
    try {
      const { text, shown } = (await this.#toolOf(call.name)?.run(args, signal)) ?? { text: "" };
      return { call, text, isError: false, ...(shown && { shown }) };
    } catch (error) {
      return { call, text: error instanceof Error ? error.message : String(error), isError: true };
    }
  }

  #show(results: readonly Result[]): void {
    const shown = results.flatMap(({ shown: part }): ChatEvent[] =>
      part ? [{ type: "opaque", index: this.#next++, part }] : [],
    );
    if (shown.length > 0) this.#receiver.events(shown, undefined);
  }
}

/** The conversation as its model knows it, with what it said and what came of its calls. */
function nextRequest(
  request: ChatRequest,
  said: readonly Part[],
  results: readonly Result[],
  mayCall: boolean,
): ChatRequest {
  const parts = results.map(
    ({ call, text, isError }): ToolResultPart => ({
      type: "tool-result",
      callId: call.id,
      name: call.name,
      parts: [{ type: "text", text }],
      isError,
    }),
  );
  const { toolChoice, ...rest } = request;
  // Whoever had to call a tool has done so; asked to again it would never answer.
  const isForced = toolChoice?.mode === "required" || toolChoice?.mode === "tool";
  const choice = mayCall ? (isForced ? undefined : toolChoice) : ({ mode: "none" } as const);
  return {
    ...rest,
    ...(choice && { toolChoice: choice }),
    messages: [...request.messages, { role: "assistant", parts: [...said] }, { role: "tool", parts }],
  };
}

/** What stops an attempt while no request is under way. */
function whileRunning(gone: AbortController, before: UpstreamCall | undefined): UpstreamCall {
  const nothing = () => undefined;
  return { timing: before?.timing ?? {}, abort: () => gone.abort(), finish: nothing, pause: nothing, resume: nothing };
}
