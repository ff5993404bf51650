import type { Clock } from "../../core/clock.ts";
import { traceHeaders } from "../../core/trace-context.ts";
import type { UpstreamRequest } from "../../upstream/transport.ts";
import type { Transports } from "../../upstream/transports.ts";
import { AnswerReader, type AnswerReceiver } from "../answer/answer-reader.ts";
import { LiveStream } from "../answer/live-stream.ts";
import type { Exchange } from "../exchange.ts";
import { unadapted } from "../stages/adaptations.ts";
import type { Attempt } from "./attempt.ts";
import { type Prepared, type PrepareOptions, prepareRound } from "./prepare.ts";
import { ToolLoop } from "./tool-loop.ts";

export interface SendParts {
  exchange: Exchange;
  options: PrepareOptions;
  transports: Transports;
  clock: Clock;
  /** Monotonic; all attempts share it. */
  deadlineMs: number;
  /** Runs what comes out of a timer or a promise, unless all is over. */
  guarded(step: () => void): void;
}

/** Sends an attempt's request; its answer goes to `receiver`, by way of a loop where its model has tools that the router runs. */
export function send(attempt: Attempt, receiver: AnswerReceiver, request: UpstreamRequest, parts: SendParts): void {
  const { prepared } = attempt.choice;
  const { tools = [] } = prepared.adapted ?? {};
  listen(attempt, prepared, tools.length > 0 ? loopOf(attempt, receiver, parts) : receiver, request, parts);
}

/** What the target answers goes to `hears`. */
function listen(
  attempt: Attempt,
  prepared: Prepared,
  hears: AnswerReceiver,
  request: UpstreamRequest,
  { exchange, transports, clock }: SendParts,
): void {
  const { provider } = attempt.target;
  const traced = withTrace(request, exchange, attempt);
  const reader = new AnswerReader(provider, prepared, exchange.stream, hears, clock);
  const sink = exchange.raw?.listen(provider, traced, reader) ?? reader;
  const call = transports.send(provider, traced, sink);
  attempt.call = call;
  reader.call = call;
  if (attempt.receiver instanceof LiveStream) attempt.receiver.call = call;
}

/** The provider goes on with the trace under the attempt, whatever its client sent along. */
function withTrace(request: UpstreamRequest, { trace }: Exchange, { record }: Attempt): UpstreamRequest {
  if (!trace || record.span_id === undefined) return request;
  const { traceparent: _parent, tracestate: _state, ...others } = request.headers;
  return { ...request, headers: { ...others, ...traceHeaders(trace, record.span_id) } };
}

function loopOf(attempt: Attempt, receiver: AnswerReceiver, parts: SendParts): ToolLoop {
  const { target, prepared } = attempt.choice;
  const adapted = prepared.adapted ?? unadapted(parts.exchange.request);
  return new ToolLoop(attempt, receiver, {
    tools: adapted.tools,
    request: adapted.request,
    ask: (next, loop) =>
      parts.guarded(() => {
        const again = prepareRound(parts.exchange, target, { ...adapted, request: next }, parts.options);
        listen(attempt, again, loop, { ...again.request, ...timeLeft(attempt, parts) }, parts);
      }),
    late(run) {
      const { totalMs } = timeLeft(attempt, parts);
      return totalMs === undefined ? undefined : parts.clock.after(totalMs, () => parts.guarded(run));
    },
    crashed: (error) => receiver.crashed(error),
  });
}

/** All rounds share the time of one attempt. */
function timeLeft({ sentMs, target }: Attempt, { clock, deadlineMs }: SendParts): Pick<UpstreamRequest, "totalMs"> {
  const { total_ms } = target.provider.timeout;
  const nowMs = clock.nowMs();
  const endMs = Math.min(deadlineMs, total_ms > 0 ? (sentMs ?? nowMs) + total_ms : Number.POSITIVE_INFINITY);
  return endMs === Number.POSITIVE_INFINITY ? {} : { totalMs: Math.max(1, endMs - nowMs) };
}
