import { hash } from "node:crypto";
import type { ExchangeRow } from "../api/exchanges.ts";
import { asArray, asObject, asString, type JsonObject, objectsOf } from "../core/json.ts";
import type { Loss } from "../core/loss.ts";
import { reportedUsage, type Usage } from "../core/usage.ts";
import type { Pricing } from "../cost/pricing.ts";
import { usageIn } from "../store/index/record-row.ts";
import type { Fleet } from "../upstream/provider.ts";
import { type Before, ConversationWorlds, type TurnEffect } from "./conversations.ts";
import { type Effect, type Side, samePlace } from "./effect.ts";
import { lossesOf } from "./losses.ts";
import { MeasuredUntil } from "./measured.ts";
import type { Logged } from "./reading/read-log.ts";
import type { Moved, Place } from "./redecide/recorded-facts.ts";
import type { Redecided, Redecider } from "./redecide/redecide.ts";

/** The other world: what decides, and what it costs there. */
export interface ReplayParts {
  redecider: Redecider;
  /** All providers of the config. */
  fleet: Fleet;
  pricing: Pick<Pricing, "costOf">;
}

/** Makes the decisions of a log again, one after the other, and says what follows from each. Nothing is sent. */
export class Replay {
  readonly #parts: ReplayParts;
  readonly #measured = new MeasuredUntil();
  readonly #worlds = new ConversationWorlds();

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  get conversations(): number {
    return this.#worlds.count;
  }

  /** To be asked in the order of the log. Undefined: nothing was decided, a plugin answered or the request was no good. */
  effectOf({ record, row }: Logged): Effect | undefined {
    const decided = decidedThen(record, row);
    if (decided === "nothing") return undefined;
    const conversation = conversationIn(record, row);
    const again = this.#redecided({ record, row }, decided, this.#worlds.before(conversation, row.started_ms));
    if (again === undefined) return undefined;
    const moved = !samePlace(decided, again.place);
    const answered = decided && (placeOf(row.provider, row.sent_model) ?? decided);
    const now = moved ? again.place : answered;
    const usage = row.usage ? usageOf(row.usage) : undefined;
    const turn = this.#worlds.turn({ conversation, was: answered, now, usage, wallMs: row.started_ms });
    return {
      row,
      conversation,
      moved,
      sameConfig: sameConfig(record, this.#parts.redecider.digest),
      unsure: again.unsure,
      was: this.#sideWas(record, row, answered, turn),
      now: this.#sideNow(record, row, { ...again, place: now }, moved, turn),
      refusal: again.refusal?.message,
    };
  }

  #redecided({ record, row }: Logged, decided: Place | undefined, before: Before | undefined): Redecided | undefined {
    const { redecider, fleet } = this.#parts;
    const isSame = sameConfig(record, redecider.digest) === true;
    const lossesAt = lossesOf(record, fleet);
    const again = redecider.redecide(record, {
      moved: movedIn(before),
      measured: isSame ? undefined : this.#measured.numbersFor(row),
      // What lost nothing is not on the record.
      losses: isSame ? undefined : (place) => (samePlace(place, decided) ? [] : lossesAt(place)),
    });
    this.#measured.add(row);
    return again;
  }

  #sideWas(record: JsonObject, row: ExchangeRow, place: Place | undefined, { switchedWas }: TurnEffect): Side {
    return {
      place,
      rule: row.rule ?? undefined,
      usd: place === undefined ? 0 : (row.cost.usd ?? undefined),
      nearby: place && this.#parts.fleet.get(place.provider)?.nearby,
      cachedTokens: row.usage?.cached_read_tokens ?? 0,
      switched: switchedWas,
      losses: lossesIn(record),
    };
  }

  #sideNow(
    record: JsonObject,
    row: ExchangeRow,
    again: Pick<Redecided, "place" | "rule">,
    moved: boolean,
    turn: TurnEffect,
  ): Side {
    const { place, rule } = again;
    return {
      place,
      rule,
      usd: this.#usdNow(record, row, place, moved, turn),
      nearby: place && this.#parts.fleet.get(place.provider)?.nearby,
      cachedTokens: place === undefined ? 0 : turn.cache.read,
      switched: turn.switchedNow,
      losses: place === undefined ? [] : moved ? lossesOf(record, this.#parts.fleet)(place) : lossesIn(record),
    };
  }

  /** What stays costs what its tokens cost by the prices of now; without a word about tokens, what it cost then. */
  #usdNow(
    record: JsonObject,
    row: ExchangeRow,
    place: Place | undefined,
    moved: boolean,
    { cache }: TurnEffect,
  ): number | undefined {
    if (place === undefined) return 0;
    const { usage } = row;
    if (usage === null) return moved ? undefined : (row.cost.usd ?? undefined);
    const { read: cachedRead, written: cacheWrite } = cache;
    const own = this.#usdOf(place, { ...usageOf(usage), cachedRead, cacheWrite }, row.ts_ms);
    if (moved) return own;
    // Attempts that lost a race, or began what another went on with, are paid for too.
    let sum = own;
    for (const attempt of objectsOf(record["attempts"])) {
      const used = usageIn(asObject(attempt["usage"]));
      const at = placeOf(asString(attempt["provider"]), asString(attempt["model"]));
      if (!used || !at || sum === undefined) continue;
      const besides = this.#usdOf(at, usageOf(used), row.ts_ms);
      sum = besides === undefined ? undefined : sum + besides;
    }
    return sum;
  }

  #usdOf({ provider: name, model }: Place, usage: Usage, wallMs: number): number | undefined {
    const provider = this.#parts.fleet.get(name);
    return provider && (this.#parts.pricing.costOf(provider, model, usage, wallMs).usd ?? undefined);
  }
}

/** Undefined: the conversation is where it was, or its place is not known. */
function movedIn(before: Before | undefined): Moved | undefined {
  const { was, now } = before ?? {};
  if (!was || !now || samePlace(was, now)) return undefined;
  return { from: was, to: { provider: now.provider, model: now.model } };
}

function sameConfig(record: JsonObject, digest: string): boolean | undefined {
  const config = asString(asObject(record["routing"])?.["config"]);
  return config === undefined ? undefined : config === digest;
}

/** Where the request was sent first; undefined: refused; `nothing`: rules had no say. */
function decidedThen(
  record: JsonObject,
  { provider, outcome, sent_model }: ExchangeRow,
): Place | undefined | "nothing" {
  if (provider === "plugin") return "nothing";
  const [first] = objectsOf(record["attempts"]);
  const asked = placeOf(asString(first?.["provider"]), asString(first?.["model"]));
  if (asked) return asked;
  if (provider !== null) return placeOf(provider, sent_model) ?? "nothing";
  return REFUSALS.has(outcome) ? undefined : "nothing";
}

/** Errors of the router that say where a request may go. */
const REFUSALS = new Set(["no_provider", "not_translatable"]);

function placeOf(provider: string | null | undefined, model: string | null | undefined): Place | undefined {
  return provider && model ? { provider, model } : undefined;
}

/** Of a first message and a system prompt so much tells conversations apart. */
const HEAD_CHARS = 2_000;

/** As the router named it; else by what names are made of (src/conversation/conversation-key.ts), as far as it is logged. */
function conversationIn(record: JsonObject, { session }: ExchangeRow): string | undefined {
  const named = asString(asObject(record["routing"])?.["conversation"]);
  if (named !== undefined) return named;
  const first = objectsOf(record["messages"]).find(({ role }) => role === "user");
  const begin = JSON.stringify(objectsOf(first?.["content"]).map(({ text }) => asString(text)?.slice(0, HEAD_CHARS)));
  if (session !== null) return hash("sha1", `${session}\n${begin}`);
  const system = asString(record["system"])?.slice(0, HEAD_CHARS) ?? "";
  return begin === "[]" || begin === "[null]" ? undefined : hash("sha1", `${begin}\n${system}`);
}

function lossesIn(record: JsonObject): Loss[] {
  return objectsOf(asArray(record["losses"])).flatMap(({ field, treatment, class: kind }) => {
    const isClass = kind === "silent" || kind === "report" || kind === "reject";
    return typeof field === "string" && typeof treatment === "string" && isClass
      ? [{ field, treatment, class: kind }]
      : [];
  });
}

/** As it was logged. How long a cache was written for is not. */
function usageOf(logged: NonNullable<ExchangeRow["usage"]>): Usage {
  const { input_tokens, output_tokens, cached_read_tokens, cache_write_tokens, reasoning_tokens, reported } = logged;
  const usage = reportedUsage({
    input: input_tokens,
    output: output_tokens,
    cachedRead: cached_read_tokens,
    cacheWrite: cache_write_tokens,
    reasoning: reasoning_tokens,
  });
  return { ...usage, reported };
}
