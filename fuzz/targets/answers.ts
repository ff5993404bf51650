import { deepEqual } from "node:assert/strict";
import type { ChatEvent } from "../../src/core/event.ts";
import { type Json, tryParseJson } from "../../src/core/json.ts";
import type { Dialect } from "../../src/core/part.ts";
import { emptyRequest } from "../../src/core/request.ts";
import { reduceEvents } from "../../src/core/response.ts";
import { AnswerGrammar } from "../../src/pipeline/stages/answer-grammar.ts";
import { readModels as anthropicModels } from "../../src/wire/anthropic/models.ts";
import type { ProviderHalf } from "../../src/wire/format.ts";
import { readModelPage } from "../../src/wire/gemini/listed-models.ts";
import { capabilitiesOf, readShow, readTags } from "../../src/wire/ollama/models.ts";
import { readModels as openaiModels } from "../../src/wire/openai/models.ts";
import { passthroughHalf } from "../../src/wire/registry.ts";
import { ALL_SCRIPTS, SCRIPTS } from "../../test/streams/scripts.ts";
import { CLIENT_HALVES, writtenFor } from "../../test/streams/translate.ts";
import { answerContext } from "../../test/support/answers.ts";
import { checkStream } from "../../test/support/check-stream.ts";
import type { ClientFormat } from "../../test/support/clients/heard.ts";
import { slices } from "../../test/support/streams.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "../../test/support/upstream/answer.ts";
import { chatDialect } from "../../test/support/upstream/upstream.ts";
import type { Target } from "../engine/target.ts";
import { isOwnError, unlessRefused } from "./documented.ts";

/** Whom the answers of older endpoints come from. */
const SIBLINGS: [Dialect, UpstreamFormat][] = [
  ["openai-completions", "openai"],
  ["ollama-generate", "ollama"],
];
const READERS: [name: Dialect, server: UpstreamFormat][] = [
  ...UPSTREAM_FORMATS.map((format): [Dialect, UpstreamFormat] => [format, format]),
  ...SIBLINGS,
];
const CLIENTS = Object.keys(CLIENT_HALVES) as ClientFormat[];

function halfOf(server: Dialect, client: Dialect): ProviderHalf {
  const half = passthroughHalf(server, client);
  if (!half) throw new Error(`nobody reads ${client}`);
  return half;
}

/** Answers of providers, whole: and what every client then hears. */
const WHOLE = READERS.map(
  ([name, server]): Target => ({
    name: `answer-${name}`,
    words: [`wire/{${server},${name}}/**/*.ts`, "wire/*.ts", "core/failure.ts"],
    *seeds() {
      for (const answer of Object.values(SCRIPTS))
        yield JSON.stringify(chatDialect(server).whole(answer, { model: "m", serial: 1, body: {} }));
      yield JSON.stringify(chatDialect(server).error({ status: 429, message: "too many" }));
      for (const text of OWN_SEEDS[name] ?? []) yield text;
    },
    run(input) {
      const half = halfOf(server, name);
      const text = input.toString("utf8");
      const body = tryParseJson(text);
      for (const status of [200, 400, 429, 503]) half.readError(status, body, text.slice(0, 2048));
      if (body === undefined) return;
      const events = unlessRefused(input, () => half.readResponse(body), isOwnError);
      if (!events) return;
      checkEvents(events, true);
      if (events.at(-1)?.type === "end")
        unlessRefused(
          input,
          () => tellWhole(events),
          () => false,
        );
    },
  }),
);

/** Likewise, as they are streamed. */
const STREAMED = READERS.map(
  ([name, server]): Target => ({
    name: `stream-${name}`,
    words: [`wire/{${server},${name}}/**/*.ts`, "wire/*.ts", "wire/bytes/*.ts", "core/failure.ts"],
    *seeds() {
      for (const { format, bytes } of ALL_SCRIPTS) if (format === server) yield bytes;
      for (const text of OWN_SEEDS[name] ?? [])
        yield server === "ollama" ? `${text}\n` : `data: ${text}\n\ndata: [DONE]\n\n`;
    },
    run(input) {
      const half = halfOf(server, name);
      const events = eventsOf(half, input, [1 << 20]);
      deepEqual(eventsOf(half, input, [1 + ((input[0] ?? 0) % 7), 64]), events, "other slices are other events");
      // Of what never began nothing is streamed on: the client gets an error with a status.
      if (events.some(({ type }) => type === "start")) for (const client of CLIENTS) tellStream(client, events);
    },
  }),
);

const OWN_SEEDS: Partial<Record<Dialect, string[]>> = {
  "openai-completions": [
    '{"id":"c","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":"hi","logprobs":{"tokens":["hi"],"token_logprobs":[-1],"top_logprobs":[{"hi":-1}],"text_offset":[0]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}',
  ],
  "ollama-generate": [
    '{"model":"m","created_at":"2026-01-01T00:00:00Z","response":"hi","thinking":"hm","done":true,"done_reason":"stop","context":[1],"prompt_eval_count":1,"eval_count":1}',
  ],
};

/** As the pipeline reads them: what cannot be read is an error. */
function eventsOf(half: ProviderHalf, input: Buffer, sizes: readonly number[]): ChatEvent[] {
  const reader = half.readStream();
  const events: ChatEvent[] = [];
  const read = unlessRefused(
    input,
    () => {
      for (const slice of slices(input, sizes)) reader.push(slice, events);
      reader.end(events);
      return true;
    },
    isOwnError,
  );
  checkEvents(events, read === true);
  if (!read) events.push({ type: "error", failure: { kind: "malformed", message: "it cannot be read" } });
  return events;
}

/** That they keep the grammar. `isWhole`: an end has to be there. */
function checkEvents(events: readonly ChatEvent[], isWhole: boolean): void {
  const grammar = new AnswerGrammar();
  for (const event of events) grammar.checked(event);
  const first = events.find(({ type }) => type !== "ping" && type !== "usage")?.type;
  if (first !== undefined && first !== "start" && first !== "error") throw new Error(`it begins with ${first}`);
  const last = events.at(-1)?.type;
  if (isWhole && last !== "end" && last !== "error") throw new Error(`no end: the last event is ${last}`);
}

function tellWhole(events: readonly ChatEvent[]): void {
  const response = reduceEvents(events).response();
  for (const client of Object.values(CLIENT_HALVES)) {
    const context = answerContext({ request: emptyRequest(client.dialect, "m") });
    const written: Json = JSON.parse(JSON.stringify(client.writeResponse(response, context)));
    const server = SIBLINGS.find(([name]) => name === client.dialect)?.[1] ?? client.dialect;
    // What it hears is an answer of its API: its own reader takes it.
    checkEvents(halfOf(server, client.dialect).readResponse(written), true);
  }
}

function tellStream(client: ClientFormat, events: readonly ChatEvent[]): void {
  try {
    checkStream(client, writtenFor(client, events));
  } catch (error) {
    throw new Error(`for ${client}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

const MODELS: Target = {
  name: "models",
  words: ["wire/*/*models*.ts", "core/model.ts"],
  seeds: () => [
    '{"object":"list","data":[{"id":"m","object":"model","created":1,"owned_by":"x","context_length":4096,"pricing":{"prompt":"0.1"}}]}',
    '{"data":[{"type":"model","id":"m","display_name":"M","created_at":"2026-01-01T00:00:00Z","max_tokens":8}],"has_more":false}',
    '{"models":[{"name":"models/m","displayName":"M","inputTokenLimit":9,"supportedGenerationMethods":["generateContent"]}],"nextPageToken":"x"}',
    '{"models":[{"name":"m:latest","model":"m","modified_at":"2026-01-01T00:00:00Z","size":1,"details":{"family":"x","parameter_size":"8B"}}]}',
    '{"capabilities":["completion","vision","tools"],"details":{"family":"x"},"model_info":{"x.context_length":4096,"general.architecture":"x"}}',
  ],
  run(input) {
    const body = tryParseJson(input.toString("utf8"));
    if (body === undefined) return;
    const readers = [
      openaiModels,
      anthropicModels,
      readModelPage,
      readTags,
      readShow,
      (json: Json) => capabilitiesOf(json, "m"),
    ];
    for (const reader of readers) unlessRefused(input, () => reader(body), isOwnError);
  },
};

export const ANSWERS: readonly Target[] = [...WHOLE, ...STREAMED, MODELS];
