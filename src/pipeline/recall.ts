import { z } from "zod";
import type { Conversations } from "../conversation/conversations.ts";
import type { JsonObject } from "../core/json.ts";
import { NO_USAGE, type Usage } from "../core/usage.ts";
import type { Resilience } from "../resilience/resilience.ts";
import type { Fleet } from "../upstream/provider.ts";

/** Also a time in ms. */
const count = z.number().nonnegative();

/** Of a record, as far as it tells how targets are. `CompleteEvent` has more. */
const recordSchema = z.object({
  ts_ms: count,
  requested_model: z.string(),
  duration_ms: count,
  outcome: z.string(),
  stream: z.boolean(),
  time_to_first_token_ms: count.nullable(),
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      cached_read_tokens: count,
      cache_write_tokens: count,
      reasoning_tokens: count,
      reported: z.boolean(),
    })
    .nullable(),
  attempts: z.array(
    z.object({
      provider: z.string(),
      model: z.string(),
      place: z.string().optional(),
      outcome: z.string(),
      at_ms: count,
      ms: count,
      queued_ms: count.default(0),
      continued: z.unknown().optional(),
    }),
  ),
  routing: z.object({ conversation: z.string().optional() }).optional(),
});
type Logged = z.output<typeof recordSchema>;
type LoggedAttempt = Logged["attempts"][number];

/** By which prompts are told to be short or long; the exact size is not logged. */
const BYTES_PER_TOKEN = 4;

export interface RecallParts {
  resilience: Resilience;
  conversations: Conversations;
  /** Of the config now: what is not in it, or somewhere else by now, is not recalled. */
  fleet: Fleet;
  /** Wall clock, ms. */
  nowMs: number;
}

/** Measures of a logged exchange what was measured of it when it happened. False: it is no record of such. */
export function recall(record: JsonObject, parts: RecallParts): boolean {
  const { data: logged } = recordSchema.safeParse(record);
  if (!logged) return false;
  const { resilience, fleet } = parts;
  const known = logged.attempts.filter(
    ({ provider, place }) => place !== undefined && fleet.get(provider)?.place === place,
  );
  for (const attempt of known) {
    resilience.errors.observe(attempt.provider, attempt.model, attempt.outcome, agoOf(logged, attempt, parts));
  }
  const answered = logged.attempts.at(-1);
  if (logged.outcome !== "ok" || !answered || !known.includes(answered) || answered.outcome !== "ok") return true;
  recallAnswer(logged, answered, parts);
  recallConversation(logged, answered, parts);
  return true;
}

/** How long ago it was over. */
function agoOf({ ts_ms, duration_ms }: Logged, { at_ms, ms }: LoggedAttempt, { nowMs }: RecallParts): number {
  return Math.max(0, nowMs - (ts_ms - duration_ms + at_ms + ms));
}

function recallAnswer(logged: Logged, answered: LoggedAttempt, parts: RecallParts): void {
  // Of an answer that several made it is not known who took how long.
  if (answered.continued !== undefined) return;
  const { typical, latencies, speeds, answers } = parts.resilience;
  const { usage, stream, time_to_first_token_ms: firstMs, duration_ms: wholeMs } = logged;
  const { provider, model, at_ms, ms, queued_ms } = answered;
  const agoMs = agoOf(logged, answered, parts);
  const bytes = (usage?.input_tokens ?? 0) * BYTES_PER_TOKEN;
  if (usage) answers.observe("", logged.requested_model, usage.output_tokens, bytes, agoMs);
  if (!stream) return typical.whole.observe(provider, model, ms - queued_ms, bytes, agoMs);
  if (firstMs === null) return;
  const waitedMs = Math.max(0, firstMs - at_ms - queued_ms);
  latencies.observe(provider, model, waitedMs, agoMs);
  typical.firstToken.observe(provider, model, waitedMs, bytes, agoMs);
  const seen = (usage?.output_tokens ?? 0) - (usage?.reasoning_tokens ?? 0);
  const speed = speeds.observe(provider, model, seen, wholeMs - firstMs, agoMs);
  if (speed !== undefined) typical.speed.observe(provider, model, speed, bytes, agoMs);
}

function recallConversation(logged: Logged, { provider, model }: LoggedAttempt, { conversations }: RecallParts): void {
  const conversation = logged.routing?.conversation;
  const usage = usageOf(logged);
  if (conversation === undefined || !usage) return;
  const startedMs = logged.ts_ms - logged.duration_ms;
  conversations.affinity.remember(conversation, { provider, model }, usage, startedMs);
}

function usageOf({ usage }: Logged): Usage | undefined {
  if (!usage) return undefined;
  const { input_tokens: input, output_tokens: output, reported } = usage;
  const { cached_read_tokens: cachedRead, cache_write_tokens: cacheWrite, reasoning_tokens: reasoning } = usage;
  return { ...NO_USAGE, input, output, cachedRead, cacheWrite, reasoning, reported };
}
