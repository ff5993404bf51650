import { deepEqual, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import type { JsonObject } from "../src/core/json.ts";
import { FEATURES, type Feature } from "../src/core/loss.ts";
import { anthropicClient } from "../src/wire/anthropic/client.ts";
import type { ClientHalf } from "../src/wire/format.ts";
import { geminiClient } from "../src/wire/gemini/client.ts";
import { CLIENT_FEATURES } from "../src/wire/loss/client-features.ts";
import { ollamaClient } from "../src/wire/ollama/client.ts";
import { ollamaGenerateClient } from "../src/wire/ollama-generate/client.ts";
import { openaiClient } from "../src/wire/openai/client.ts";
import { openaiCompletionsClient } from "../src/wire/openai-completions/client.ts";
import { responsesClient } from "../src/wire/openai-responses/client.ts";
import { PLAIN } from "./conformance/feature.ts";
import { CLIENT_FORMATS } from "./support/clients/heard.ts";
import { FEATURE_EXAMPLES } from "./support/feature-examples.ts";
import { PRESENT } from "./support/feature-presence.ts";

const CLIENTS: ClientHalf[] = [
  openaiClient,
  openaiCompletionsClient,
  responsesClient,
  anthropicClient,
  geminiClient,
  ollamaClient,
  ollamaGenerateClient,
];

/** Whether a request with these fields holds the feature once it is read; a refusal is a no. */
function holds({ dialect, readRequest }: ClientHalf, feature: Feature, fields: JsonObject): boolean {
  const format = CLIENT_FORMATS.find((name) => name === dialect);
  ok(format, dialect);
  try {
    return PRESENT[feature](
      readRequest({ model: "m", ...PLAIN[format], ...fields }, {}, { model: "m", stream: false }),
    );
  } catch {
    return false;
  }
}

describe("what each client API can say, as docs/translation-pairs.md shows it", () => {
  for (const client of CLIENTS) {
    const examples = FEATURE_EXAMPLES[client.dialect] ?? {};
    const can = Object.keys(CLIENT_FEATURES[client.dialect] ?? {});

    test(`${client.dialect}: what is in the table is read from a request that says it, and from no other`, () => {
      deepEqual(Object.keys(examples).sort(), can.toSorted(), "an example for each entry");
      for (const feature of FEATURES) {
        const example = examples[feature];
        if (example) ok(holds(client, feature, example), `${feature} was not read`);
        ok(!holds(client, feature, {}), `${feature} in a plain request`);
      }
    });

    test(`${client.dialect}: what is not in the table is not read from other APIs' words either`, () => {
      for (const feature of FEATURES) {
        if (examples[feature]) continue;
        for (const [other, theirs] of Object.entries(FEATURE_EXAMPLES)) {
          const fields = theirs[feature];
          if (fields) ok(!holds(client, feature, fields), `${feature}, as ${other} says it`);
        }
      }
    });
  }
});
