import type { Random } from "../../core/clock.ts";
import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { ModelInfo } from "../../core/model.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ClientFacts } from "../../core/stage-tools.ts";
import type { TargetNumbers } from "../../routing/numbers.ts";
import type { Affinity, Need, RoutingRequest } from "../../routing/rule.ts";
import type { Provider } from "../../upstream/provider.ts";
import { SeenTargets } from "./seen-targets.ts";

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

/** What rules asked for of a request; undefined: they did not. */
export interface Asked {
  wallMs: number | undefined;
  inputTokens: number | undefined;
  headers: ReadonlyMap<string, string | undefined> | undefined;
  /** Null: there is none. */
  affinity: Affinity | null | undefined;
  targets: SeenTargets | undefined;
}

/** What rules may look at. Worked out when it is asked for, and the same for as long as the request lasts. */
export class RoutingFacts implements RoutingRequest {
  readonly model: string;
  readonly tags: ReadonlySet<string>;
  readonly needs: readonly Need[];
  readonly client: ClientFacts | undefined;
  prefer?: NonNullable<RoutingRequest["prefer"]>;
  explore?: number;
  readonly random: Random;
  readonly #wallMs: number;
  readonly #prompt: () => ChatRequest;
  readonly #affinity: Affinity | undefined;
  #live: TargetNumbers | undefined;
  readonly #asked: Asked = {
    wallMs: undefined,
    inputTokens: undefined,
    headers: undefined,
    affinity: undefined,
    targets: undefined,
  };
  #headers: Map<string, string | undefined> | undefined;

  constructor({ model, tags, needs = [], client, prompt, wallMs, random, affinity }: Known) {
    this.model = model;
    this.tags = tags;
    this.needs = needs;
    this.client = client;
    this.random = random;
    this.#wallMs = wallMs;
    this.#prompt = prompt;
    this.#affinity = affinity;
  }

  /** What rules looked at so far. */
  get asked(): Readonly<Asked> {
    return this.#asked;
  }

  /** Set before anybody asks. What the config says needs no record. */
  set numbers(live: TargetNumbers) {
    this.#live = live;
  }

  get numbers(): TargetNumbers | undefined {
    return this.#live && this.#targets;
  }

  get wallMs(): number {
    this.#asked.wallMs = this.#wallMs;
    return this.#wallMs;
  }

  get affinity(): Affinity | undefined {
    this.#asked.affinity = this.#affinity ?? null;
    return this.#affinity;
  }

  get inputTokens(): number {
    this.#asked.inputTokens ??= estimateTokens(this.#prompt());
    return this.#asked.inputTokens;
  }

  header(name: string): string | undefined {
    const value = headerIn(this.client, name);
    this.#headers ??= new Map();
    this.#headers.set(name, value);
    this.#asked.headers = this.#headers;
    return value;
  }

  modelInfo(provider: Provider, model: string): ModelInfo | undefined {
    return this.#targets.modelInfo(provider, model);
  }

  get #targets(): SeenTargets {
    this.#asked.targets ??= new SeenTargets(this.#live);
    return this.#asked.targets;
  }
}

export function headerIn(client: ClientFacts | undefined, name: string): string | undefined {
  const headers = client?.headers;
  const value = headers && Object.hasOwn(headers, name) ? headers[name] : undefined;
  return Array.isArray(value) ? value.join(", ") : value;
}
