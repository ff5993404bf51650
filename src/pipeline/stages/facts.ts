import { conversationOf } from "../../conversation/conversation-key.ts";
import { CREDENTIALS, presented } from "../../conversation/owner.ts";
import { CLASS_OF } from "../../core/loss.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { ClientFacts, TargetFacts } from "../../core/stage-tools.ts";
import type { Target } from "../../routing/rule.ts";
import { modelInfo, upstreamModel } from "../../upstream/provider.ts";
import { agentIn } from "../../wire/agent.ts";
import type { Headers } from "../../wire/format.ts";

/** Who asks, and with which key: what the config calls it. */
interface Asking {
  readonly key: string | undefined;
  /** A key from the URL. */
  readonly queryKey?: string | undefined;
}

/** What plugins and classifiers may know of who asks; worked out when it is asked for. */
export class FactsOfClient implements ClientFacts {
  readonly #client: Asking;
  readonly #read: () => ChatRequest;
  readonly #all: Headers;
  #headers: ClientFacts["headers"] | undefined;
  /** Null: it does not say. */
  #agent: string | null | undefined;
  #conversation: string | undefined;

  /** `read`: the request as the client sent it; it is not kept, being large. */
  constructor(client: Asking, read: () => ChatRequest, headers: Headers) {
    this.#client = client;
    this.#read = read;
    this.#all = headers;
  }

  get stream(): boolean {
    return this.#read().stream;
  }

  get dialect(): ClientFacts["dialect"] {
    return this.#read().dialect;
  }

  get agent(): string | undefined {
    if (this.#agent === undefined) this.#agent = agentIn(this.#all) ?? null;
    return this.#agent ?? undefined;
  }

  get key(): string | undefined {
    return this.#client.key;
  }

  get headers(): ClientFacts["headers"] {
    this.#headers ??= Object.fromEntries(Object.entries(this.#all).filter(([name]) => !SECRET.has(name)));
    return this.#headers;
  }

  get conversation(): string {
    this.#conversation ??= conversationOf(presented(this.#all, this.#client.queryKey), this.#read());
    return this.#conversation;
  }

  /** Undefined: nobody asked for it yet. */
  get knownConversation(): string | undefined {
    return this.#conversation;
  }
}

const SECRET = new Set([...CREDENTIALS, "proxy-authorization", "cookie"]);

export function factsOf({ provider, model }: Target): TargetFacts {
  const { half, name, nearby, quirks } = provider;
  return {
    provider: name,
    dialect: half.dialect,
    model: upstreamModel(provider, model),
    nearby,
    get capabilities() {
      return modelInfo(provider, model)?.capabilities;
    },
    can: (feature) => {
      if (feature === "document_data" && quirks.noFiles) return false;
      return CLASS_OF[half.support[feature]] === undefined;
    },
  };
}
