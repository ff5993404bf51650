import { estimateTokens } from "../../core/estimate/estimate.ts";
import type { JsonObject } from "../../core/json.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { AnswerContext } from "../../wire/format.ts";
import type { Exchange } from "../exchange.ts";
import type { Source } from "../source.ts";

/** What writers of answers may ask of an exchange. Worked out when asked: a stream passed through asks for nothing. */
export class ExchangeContext implements AnswerContext {
  readonly #exchange: Exchange;
  readonly #source: Source | undefined;
  readonly #quiet: boolean;

  /** `source`: undefined where nobody was asked. `quiet`: the answer is written to be remembered; what it loses was told when the client's was written. */
  constructor(exchange: Exchange, source: Source | undefined, { quiet = false } = {}) {
    this.#exchange = exchange;
    this.#source = source;
    this.#quiet = quiet;
  }

  get request(): ChatRequest {
    return this.#exchange.request;
  }

  get body(): JsonObject {
    return this.#exchange.incoming.prompt.body;
  }

  get id(): string {
    return this.#exchange.id;
  }

  get createdMs(): number {
    return this.#exchange.startedWallMs;
  }

  get estimatedInput(): number {
    return estimateTokens(this.#exchange.request, this.#source?.target?.provider.half.dialect);
  }

  lost(field: string, treatment: string): void {
    if (!this.#quiet) this.#source?.losses.push({ field, treatment, class: "report" });
  }

  elapsedMs(): number {
    return this.#exchange.elapsedMs();
  }
}
