import type { Random } from "../core/clock.ts";
import { estimateTokens } from "../core/estimate/estimate.ts";
import type { ChatRequest } from "../core/request.ts";
import type { ClientFacts } from "../core/stage-tools.ts";
import type { TargetNumbers } from "../routing/numbers.ts";
import type { Affinity, Need, RoutingRequest } from "../routing/rule.ts";

interface Known {
  /** As the client sent it. */
  model: string;
  tags: ReadonlySet<string>;
  needs?: readonly Need[];
  client: ClientFacts | undefined;
  /** The prompt, to be measured if a rule asks for its length. */
  prompt: () => ChatRequest;
  /** ms since 1970. */
  wallMs: number;
  random: Random;
  affinity?: Affinity | undefined;
}

/** What rules may look at. */
export class RoutingFacts implements RoutingRequest {
  readonly model: string;
  readonly tags: ReadonlySet<string>;
  readonly needs: readonly Need[];
  readonly client: ClientFacts | undefined;
  readonly wallMs: number;
  prefer?: NonNullable<RoutingRequest["prefer"]>;
  numbers?: TargetNumbers;
  explore?: number;
  readonly random: Random;
  readonly affinity: Affinity | undefined;
  readonly #prompt: () => ChatRequest;
  #inputTokens: number | undefined;

  constructor({ model, tags, needs = [], client, prompt, wallMs, random, affinity }: Known) {
    this.model = model;
    this.tags = tags;
    this.needs = needs;
    this.client = client;
    this.wallMs = wallMs;
    this.random = random;
    this.#prompt = prompt;
    this.affinity = affinity;
  }

  get inputTokens(): number {
    this.#inputTokens ??= estimateTokens(this.#prompt());
    return this.#inputTokens;
  }
}
