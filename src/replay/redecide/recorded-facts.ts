import { hash } from "node:crypto";
import type { Random } from "../../core/clock.ts";
import type { ModelInfo } from "../../core/model.ts";
import type { Dialect } from "../../core/part.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import type { ClientFacts } from "../../core/stage-tools.ts";
import type { LoggedTarget } from "../../record/events.ts";
import type { TargetNumbers } from "../../routing/numbers.ts";
import type { Affinity, Need, RoutingRequest } from "../../routing/rule.ts";
import { type Provider, upstreamModel } from "../../upstream/provider.ts";
import type { Recorded } from "./recorded.ts";
import { targetIn } from "./recorded-numbers.ts";

/** A place by its names: a provider and the model as it is sent. */
export interface Place {
  readonly provider: string;
  readonly model: string;
}

/** Where a conversation is that is elsewhere than it was when its record was written; `to` undefined: nowhere. */
export interface Moved {
  readonly from: Place;
  readonly to: Place | undefined;
}

/** What rules may look at, from a record. What is not on it is taken from the rest of the event, and told to be unsure. */
export class RecordedFacts implements RoutingRequest {
  readonly model: string;
  readonly tags: ReadonlySet<string>;
  readonly needs: readonly Need[];
  readonly client: ClientFacts;
  readonly random: Random;
  numbers?: TargetNumbers;
  explore?: number;
  prefer?: NonNullable<RoutingRequest["prefer"]>;
  readonly affinity: Affinity | undefined;
  readonly #recorded: Recorded;
  readonly #unsure: Set<string>;

  constructor(recorded: Recorded, unsure: Set<string>, moved: Moved | undefined) {
    const { routing } = recorded;
    this.#recorded = recorded;
    this.#unsure = unsure;
    this.model = routing?.model ?? recorded.requestedModel;
    this.tags = recorded.tags;
    this.needs = recorded.needs;
    this.client = new RecordedClient(recorded, unsure);
    this.random = seededRandom(routing?.seed ?? hash("sha256", recorded.id, "buffer").readUInt32BE(0));
    const prefer = routing?.prefer && movedTo(routing.prefer, moved);
    if (prefer) this.prefer = prefer;
    this.affinity = affinityIn(recorded, moved);
  }

  get inputTokens(): number | undefined {
    const { routing, usage } = this.#recorded;
    if (routing?.input_tokens !== undefined) return routing.input_tokens;
    this.#unsure.add("input tokens");
    return usage?.input;
  }

  get wallMs(): number {
    return this.#recorded.routing?.at_ms ?? this.#recorded.startedMs;
  }

  header(name: string): string | undefined {
    const headers = this.#recorded.routing?.headers;
    if (headers && Object.hasOwn(headers, name)) return headers[name] ?? undefined;
    this.#unsure.add(`header ${name}`);
    return undefined;
  }

  modelInfo(provider: Provider, model: string): ModelInfo | undefined {
    const info = targetIn(this.#recorded, provider, model)?.info;
    if (info === undefined) this.#unsure.add(`models of ${provider.name}`);
    return info ? infoOf(upstreamModel(provider, model), info) : undefined;
  }
}

function infoOf(id: string, { capabilities, context }: NonNullable<LoggedTarget["info"]>): ModelInfo {
  return {
    id,
    ...(capabilities && { capabilities: new Set(capabilities) }),
    ...(context !== undefined && { contextLength: context }),
  };
}

function affinityIn({ routing }: Recorded, moved: Moved | undefined): Affinity | undefined {
  const logged = routing?.affinity && movedTo(routing.affinity, moved);
  if (!logged) return undefined;
  const { provider, model, cached_tokens: cachedTokens, output_tokens: outputTokens, sticky } = logged;
  return { provider, model, cachedTokens, outputTokens, sticky };
}

/** What was said of a place that its conversation has left is said of where that is now. */
function movedTo<T extends Place>(said: T, moved: Moved | undefined): T | undefined {
  if (!moved || said.provider !== moved.from.provider || said.model !== moved.from.model) return said;
  return moved.to && { ...said, ...moved.to };
}

class RecordedClient implements ClientFacts {
  readonly dialect: Dialect;
  readonly agent: string | undefined;
  readonly stream: boolean;
  readonly #recorded: Recorded;
  readonly #unsure: Set<string>;

  constructor(recorded: Recorded, unsure: Set<string>) {
    // The router wrote it, from its own.
    this.dialect = recorded.dialect as Dialect;
    this.agent = recorded.agent;
    this.stream = recorded.stream;
    this.#recorded = recorded;
    this.#unsure = unsure;
  }

  get key(): string | undefined {
    const { key } = this.#recorded;
    if (key === undefined) this.#unsure.add("key");
    return key ?? undefined;
  }

  /** For modules: those that conditions asked for. */
  get headers(): ClientFacts["headers"] {
    const headers = this.#recorded.routing?.headers ?? {};
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value ?? undefined]));
  }

  get conversation(): string {
    const { routing, session, id } = this.#recorded;
    if (routing?.conversation !== undefined) return routing.conversation;
    this.#unsure.add("conversation");
    return session ?? id;
  }
}
