import type { Clock, Random } from "../../core/clock.ts";
import type { EmbeddingRequest, EmbeddingResult } from "../../core/embedding.ts";
import { estimateTextTokens } from "../../core/estimate/estimate.ts";
import type { ChatRequest } from "../../core/request.ts";
import type { Provider } from "../provider.ts";
import type { AnswerSink, UpstreamCall, UpstreamRequest } from "../transport.ts";
import { simulatedAnswer } from "./answer.ts";
import { simulatedEmbedding } from "./embedding.ts";
import { play, type Recording } from "./play.ts";
import { jsonRecording, recordingOf } from "./recording.ts";
import { seededRandom } from "./seeded-random.ts";
import { type SimulatedSettings, simulatedModels, simulatedSettings } from "./settings.ts";

/** The built-in provider: answers inside the process what `HttpClient.send` would have sent out. */
export class SimulatedServer {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #states = new WeakMap<Provider, { settings: SimulatedSettings; random: Random }>();

  constructor(options: { clock: Clock; random: Random }) {
    this.#clock = options.clock;
    this.#random = options.random;
  }

  send(provider: Provider, request: UpstreamRequest, sink: AnswerSink): UpstreamCall {
    return play(this.#answer(provider, request), sink, this.#clock);
  }

  #answer(provider: Provider, request: UpstreamRequest): Recording {
    const { settings, random } = this.#state(provider);
    const body = request.body?.toString() ?? "";
    switch (`${request.method} ${request.path}`) {
      case "POST /simulate": {
        // Written by the dialect's own half a moment ago, in this process.
        const call: ChatRequest = JSON.parse(body);
        return recordingOf(simulatedAnswer(call, settings, random));
      }
      case "POST /embed": {
        const call: EmbeddingRequest = JSON.parse(body);
        return jsonRecording(200, embed(call), settings.ttftMs);
      }
      case "GET /models":
        return jsonRecording(200, { models: simulatedModels(settings).map(({ id }) => ({ id })) });
      default:
        return jsonRecording(404, { error: { message: `the simulated provider has no ${request.path}` } });
    }
  }

  /** A seed makes a provider's failures repeat from its first request on, whatever the others draw. */
  #state(provider: Provider): { settings: SimulatedSettings; random: Random } {
    let state = this.#states.get(provider);
    if (state === undefined) {
      const settings = simulatedSettings(provider.config);
      state = { settings, random: settings.seed === undefined ? this.#random : seededRandom(settings.seed) };
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
