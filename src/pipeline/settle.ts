import type { ResponseClassifier } from "../classify/classifier.ts";
import { classifyResponse } from "../classify/run.ts";
import type { Conversations } from "../conversation/conversations.ts";
import type { Log } from "../core/log.ts";
import type { ChatResponse } from "../core/response.ts";
import { NO_USAGE, type Usage } from "../core/usage.ts";
import type { Resilience } from "../resilience/resilience.ts";
import type { Chain } from "../routing/chain.ts";
import { ExchangeContext } from "./answer/answer-context.ts";
import { LiveStream } from "./answer/live-stream.ts";
import { Attempt } from "./attempts/attempt.ts";
import { estimateUsage } from "./estimate-usage.ts";
import type { Exchange } from "./exchange.ts";

export interface SettleParts {
  chain: Chain;
  conversations: Conversations;
  resilience: Resilience;
  responseClassifiers: readonly ResponseClassifier[];
  log: Log;
}

/** What is done when an answer is known and its last bytes are about to go: the client may ask again at once. */
export function settle(exchange: Exchange, parts: SettleParts): void {
  const { source } = exchange;
  const response = source?.answer.response();
  if (!response) return;
  if (isUnasked(exchange, response)) return;
  exchange.usage = source?.joiner?.spent ?? usageOf(exchange, response);
  measureSpeed(exchange, response, exchange.usage, parts.resilience);
  measureAnswer(exchange, exchange.usage, parts.resilience);
  rememberReasoning(exchange, response, parts.conversations);
  rememberTarget(exchange, response, parts);
  if (exchange.storesAnswer) keepAnswer(exchange, { ...response, usage: exchange.usage }, parts.conversations);
  const { responseClassifiers, log } = parts;
  if (responseClassifiers.length === 0) return;
  const context = {
    get request() {
      return exchange.request;
    },
  };
  exchange.responseTags = classifyResponse(responseClassifiers, response, context, log);
}

/** As the provider reported it. Of an answer that was cut some know only what the prompt had: what was said is estimated. */
function usageOf(exchange: Exchange, response: ChatResponse): Usage {
  const { source } = exchange;
  const { usage } = response;
  if (usage && (source?.answer.finished || response.parts.length === 0)) return usage;
  // Only now: a prompt that was passed on was let go, and would be read again.
  const estimated = estimateUsage(exchange.request, response, source?.target?.provider.half.dialect);
  if (!usage) return estimated;
  const { output, reasoning } = estimated;
  return output > usage.output ? { ...usage, output, reasoning, reported: false } : usage;
}

/** The client left before anything was sent, or between two attempts: nothing was said that could be billed. */
function isUnasked({ source }: Exchange, { usage, parts }: ChatResponse): boolean {
  if (!(source instanceof Attempt) || usage || parts.length > 0) return false;
  return source.sentMs === undefined || source.record.error !== undefined;
}

/** Of streams alone. Thinking nobody saw came before the first one. */
function measureSpeed(
  exchange: Exchange,
  { parts }: ChatResponse,
  { output, reasoning }: Usage,
  { speeds, typical }: Resilience,
): void {
  const { source, firstTokenMs } = exchange;
  if (!(source instanceof Attempt) || !(source.receiver instanceof LiveStream) || source.joiner) return;
  if (firstTokenMs === undefined || source.answer.failure) return;
  const isSeen = parts.some((part) => part.type === "reasoning" && part.text !== "");
  const { provider, model } = source.record;
  const speed = speeds.observe(
    provider,
    model,
    isSeen ? output : output - reasoning,
    exchange.elapsedMs() - firstTokenMs,
  );
  if (speed !== undefined) typical.speed.observe(provider, model, speed, exchange.incoming.prompt.raw.length);
}

/** How long it is, for what the next one of this model will cost. */
function measureAnswer(
  { source, requestedModel, incoming }: Exchange,
  { output }: Usage,
  { answers }: Resilience,
): void {
  if (!(source instanceof Attempt) || source.joiner || !source.answer.closed || source.answer.failure) return;
  answers.observe("", requestedModel, output, incoming.prompt.raw.length);
}

function rememberReasoning(exchange: Exchange, response: ChatResponse, { reasoning }: Conversations): void {
  const { answer, target, sentModel } = exchange;
  if (
    !answer?.closed ||
    answer.failure ||
    response.omitted !== undefined ||
    !answer.sawToolCall ||
    !target ||
    sentModel === undefined
  )
    return;
  const { name, half, quirks } = target.provider;
  if (!answer.sawState && !quirks.replayReasoning) {
    // The request of a passthrough was let go, and would have to be read again.
    if (!exchange.passthrough) reasoning.supersede(exchange, exchange.request, response);
    return;
  }
  const how = {
    carried: exchange.passthrough,
    withText: quirks.replayReasoning === true || half.dialect === "openai",
  };
  const origin = { provider: name, model: sentModel };
  reasoning.remember(exchange, exchange.request, response, origin, how);
}

/** Where its conversation goes on from: also what a client left in the middle of was read, and is in a cache. */
function rememberTarget(exchange: Exchange, response: ChatResponse, { conversations, chain }: SettleParts): void {
  const { source, target, sentModel: model, client } = exchange;
  if (!target || model === undefined || source?.answer.failure || response.parts.length === 0) return;
  const origin = { provider: target.provider.name, model };
  exchange.answeredBy = origin;
  if (!chain.hasChoice) return;
  const { conversation } = client;
  const usage = usageOfLast(exchange);
  if (usage) conversations.affinity.remember(conversation, origin, usage, exchange.startedWallMs);
  if (source?.answer.sawToolCall) conversations.toolLoops.remember(exchange, conversation, response, origin);
}

/** Of the last request to the one that answers: several may have made the answer, or it was asked several times. */
function usageOfLast({ source, usage }: Exchange): Usage | undefined {
  if (source?.joiner) return source.joiner.heard;
  const before = source instanceof Attempt ? source.ofRounds : undefined;
  if (!usage || !before) return usage;
  const { input, output, reasoning } = usage;
  return {
    ...NO_USAGE,
    input: input - before.input,
    output: output - before.output,
    reasoning: reasoning - before.reasoning,
  };
}

function keepAnswer(exchange: Exchange, response: ChatResponse, { responses }: Conversations): void {
  const { source, target, sentModel, incoming } = exchange;
  if (!source?.answer.closed || source.answer.failure) return;
  if (exchange.passthrough && target && sentModel !== undefined) {
    responses.rememberKeeper(exchange, response.id, { provider: target.provider.name, model: sentModel });
  } else if (response.omitted === undefined) {
    const written = incoming.client.writeResponse(response, new ExchangeContext(exchange, source, { quiet: true }));
    responses.remember(exchange, incoming.prompt.body, written);
  }
}
