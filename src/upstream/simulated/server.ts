import type { Clock, Random } from "../../core/clock.ts";
import type { EmbeddingRequest, EmbeddingResult } from "../../core/embedding.ts";
import { estimateTextTokens } from "../../core/estimate/estimate.ts";
import type { ChatRequest } from "../../core/request.ts";
import { seededRandom } from "../../core/seeded-random.ts";
import type { Provider } from "../provider.ts";
import type { AnswerSink, UpstreamCall, UpstreamRequest } from "../transport.ts";
import { simulatedAnswer } from "./answer.ts";
import { simulatedEmbedding } from "./embedding.ts";
import { play, type Recording } from "./play.ts";
import { type CacheUse, SimulatedPromptCache } from "./prompt-cache.ts";
import { jsonRecording, recordingOf } from "./recording.ts";
import { isDown, type SimulatedSettings, simulatedModels, simulatedSettings } from "./settings.ts";

interface State {
  settings: SimulatedSettings;
  random: Random;
  /** When it was first asked: outages count from there. */
  sinceMs: number;
  cache: SimulatedPromptCache;
}

/** Of a server that is not there behind its proxy. */
const DOWN = { errorRate: 1, errors: [502] };

/** The built-in provider: answers inside the process what `HttpClient.send` would have sent out. */
export class SimulatedServer {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #states = new WeakMap<Provider, State>();

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  send(provider: Provider, request: UpstreamRequest, sink: AnswerSink): UpstreamCall {
    return play(this.#answer(provider, request), sink, this.#clock);
  }

  #answer(provider: Provider, request: UpstreamRequest): Recording {
    const state = this.#state(provider);
    const { settings, random, sinceMs } = state;
    const isOut = isDown(settings, this.#clock.nowMs() - sinceMs);
    const body = request.body?.toString() ?? "";
    switch (`${request.method} ${request.path}`) {
      case "POST /simulate": {
        // Written by the dialect's own half a moment ago, in this process.
        const call: ChatRequest = JSON.parse(body);
        const now = isOut ? { ...settings, ...DOWN } : settings;
        return recordingOf(simulatedAnswer(call, now, random, (tokens) => this.#useCache(state, call, tokens)));
      }
      case "POST /embed": {
        if (isOut) return jsonRecording(502, { error: { message: "the simulated provider is down" } });
        const call: EmbeddingRequest = JSON.parse(body);
        return jsonRecording(200, embed(call), settings.ttftMs);
      }
      case "GET /models":
        return jsonRecording(200, { models: simulatedModels(settings).map(({ id }) => ({ id })) });
      default:
        return jsonRecording(404, { error: { message: `the simulated provider has no ${request.path}` } });
    }
  }

  #useCache({ settings, cache }: State, call: ChatRequest, tokens: number): CacheUse {
    const told = settings.promptCache;
    if (!told) return { read: 0, written: 0 };
    const { read, written } = cache.use(call, tokens, this.#clock.nowMs());
    return { read: told.reads ? read : 0, written: told.writes ? written : 0 };
  }

  /** A seed makes a provider's failures repeat from its first request on, whatever the others draw. */
  #state(provider: Provider): State {
    let state = this.#states.get(provider);
    if (state === undefined) {
      const settings = simulatedSettings(provider.config);
      const random = settings.seed === undefined ? this.#random : seededRandom(settings.seed);
      state = { settings, random, sinceMs: this.#clock.nowMs(), cache: new SimulatedPromptCache() };
      this.#states.set(provider, state);
    }
    return state;
  }
}

function embed(request: EmbeddingRequest): EmbeddingResult {
  const texts = request.input.map((text) => (typeof text === "string" ? text : text.join(" ")));
  return {
    model: request.model,
    vectors: texts.map((text) => simulatedEmbedding(text, request.dimensions)),
    inputTokens: texts.reduce((sum, text) => sum + estimateTextTokens(text), 0),
  };
}
