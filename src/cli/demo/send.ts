import type { JsonObject } from "../../core/json.ts";
import { Losses } from "../../core/loss.ts";
import { Agent, request as httpRequest } from "../../core/node-http.ts";
import type { Dialect } from "../../core/part.ts";
import { addressOf } from "../../upstream/address.ts";
import type { ProviderHalf } from "../../wire/format.ts";
import { PROVIDER_HALVES } from "../../wire/registry.ts";
import type { PlannedRequest } from "./plan.ts";

/** Where each API begins at a router. */
const BASES: Partial<Readonly<Record<Dialect, string>>> = {
  openai: "/v1",
  "openai-responses": "/v1",
  anthropic: "/v1",
  gemini: "/v1beta",
  ollama: "",
};

/** Asks a router as a client would: over HTTP, in each client's own API. */
export class Sender {
  readonly #base: string;
  // Its own, so that no proxy of the environment hears of it.
  readonly #agent = new Agent({ keepAlive: true });
  readonly #over = new AbortController();

  /** `base`: of the router, `http://127.0.0.1:8090`. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Resolves when the answer is over, however it ended. */
  send({ caller, session, request, leavesAfterMs }: PlannedRequest): Promise<void> {
    const half = halfOf(caller.dialect);
    const { origin, basePath } = addressOf(`${this.#base}${BASES[caller.dialect] ?? ""}`, caller.dialect);
    const url = `${origin}${basePath}${half.path(request.model, request.stream)}`;
    const headers = {
      ...half.headers(request, {}),
      "content-type": "application/json",
      "user-agent": caller.userAgent,
      ...(caller.sessionHeader !== undefined && { [caller.sessionHeader]: session }),
    };
    const signals = [this.#over.signal, ...(leavesAfterMs === undefined ? [] : [AbortSignal.timeout(leavesAfterMs)])];
    return new Promise((resolve) => {
      const options = { method: "POST", agent: this.#agent, headers, signal: AbortSignal.any(signals) };
      const asked = httpRequest(url, options, (answer) => {
        answer.on("error", () => resolve());
        answer.on("close", () => resolve());
        answer.resume();
      });
      // The router's events tell what became of it; a client that left has nothing to tell.
      asked.on("error", () => resolve());
      asked.end(JSON.stringify(bodyOf(half, request)));
    });
  }

  /** Leaves all that is under way. */
  close(): void {
    this.#over.abort();
    this.#agent.destroy();
  }
}

function bodyOf(half: ProviderHalf, request: PlannedRequest["request"]): JsonObject {
  return half.writeRequest(request, { model: request.model, quirks: {} }, new Losses(half.support));
}

function halfOf(dialect: Dialect): ProviderHalf {
  const half = PROVIDER_HALVES.get(dialect);
  if (half === undefined) throw new Error(`the demo has no client that speaks ${dialect}`);
  return half;
}
