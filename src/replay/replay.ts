import { asObject, asString, objectsOf } from "../core/json.ts";
import type { Loss } from "../core/loss.ts";
import type { Usage } from "../core/usage.ts";
import type { Pricing } from "../cost/pricing.ts";
import { usageIn } from "../store/index/record-row.ts";
import type { Fleet } from "../upstream/provider.ts";
import { type Before, ConversationWorlds, type TurnEffect } from "./conversations.ts";
import { type Effect, type Side, samePlace } from "./effect.ts";
import { conversationIn, decidedIn, isUnder, lossesIn, placeOf, usageOf } from "./logged.ts";
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

/** One exchange while it is decided again. */
interface Case extends Logged {
  /** Where it was sent first; undefined: it was refused. */
  decided: Place | undefined;
  /** The decision was made under this very config; undefined: the record does not say. */
  sameConfig: boolean | undefined;
  /** What a place would lose of it. */
  lossesAt(place: Place): readonly Loss[];
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
    const { redecider, fleet } = this.#parts;
    const decided = decidedIn(record, row);
    if (decided === "nothing") return undefined;
    const sameConfig = isUnder(redecider.digest, record);
    const one: Case = { record, row, decided, sameConfig, lossesAt: lossesOf(record, fleet) };
    const conversation = conversationIn(record, row);
    const again = this.#redecided(one, this.#worlds.before(conversation, row.started_ms));
    if (again === undefined) return undefined;
    const moved = !samePlace(decided, again.place);
    const was = decided && (placeOf(row.provider, row.sent_model) ?? decided);
    const now = moved ? again.place : was;
    const usage = row.usage ? usageOf(row.usage) : undefined;
    const turn = this.#worlds.turn({ conversation, was, now, usage, wallMs: row.started_ms });
    return {
      row,
      moved,
      sameConfig,
      unsure: again.unsure,
      was: {
        ...this.#at(was, row.rule ?? undefined),
        usd: was === undefined ? 0 : (row.cost.usd ?? undefined),
        cachedTokens: row.usage?.cached_read_tokens ?? 0,
        switched: turn.switchedWas,
        losses: lossesIn(record),
      },
      now: {
        ...this.#at(now, again.rule),
        usd: this.#usdNow(one, now, moved, turn),
        cachedTokens: now === undefined ? 0 : turn.cache.read,
        switched: turn.switchedNow,
        losses: now === undefined ? [] : moved ? one.lossesAt(now) : lossesIn(record),
      },
      refusal: again.refusal?.message,
    };
  }

  #redecided({ record, row, decided, sameConfig, lossesAt }: Case, before: Before | undefined): Redecided | undefined {
    const again = this.#parts.redecider.redecide(record, {
      moved: movedIn(before),
      measured: sameConfig ? undefined : this.#measured.numbersFor(row),
      // What lost nothing is not on the record.
      losses: sameConfig ? undefined : (place) => (samePlace(place, decided) ? [] : lossesAt(place)),
    });
    this.#measured.add(row);
    return again;
  }

  #at(place: Place | undefined, rule: string | undefined): Pick<Side, "place" | "rule" | "nearby"> {
    return { place, rule, nearby: place && this.#parts.fleet.get(place.provider)?.nearby };
  }

  /** What stays costs what its tokens cost by the prices of now; without a word about tokens, what it cost then. */
  #usdNow({ record, row }: Case, place: Place | undefined, moved: boolean, { cache }: TurnEffect): number | undefined {
    if (place === undefined) return 0;
    const { usage } = row;
    if (usage === null) return moved ? undefined : (row.cost.usd ?? undefined);
    const used = { ...usageOf(usage), cachedRead: cache.read, cacheWrite: cache.written };
    const attempts = moved ? [] : objectsOf(record["attempts"]);
    const isJoined = attempts.some((attempt) => asObject(attempt["continued"]) !== undefined);
    // Of an answer that several made together each one's tokens are with its attempt.
    const bills = isJoined ? [] : [this.#usdOf(place, used, row.ts_ms)];
    for (const attempt of attempts) {
      const own = usageIn(asObject(attempt["usage"]));
      const at = placeOf(asString(attempt["provider"]), asString(attempt["model"]));
      if (own && at) bills.push(this.#usdOf(at, usageOf(own), row.ts_ms));
    }
    return bills.reduce((sum, usd) => (sum === undefined || usd === undefined ? undefined : sum + usd), 0);
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
