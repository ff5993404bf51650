import { equal } from "node:assert/strict";
import { shapeOf } from "../../src/conversation/prompt-shape.ts";
import { estimateTokens } from "../../src/core/estimate/estimate.ts";
import { Losses } from "../../src/core/loss.ts";
import type { Dialect } from "../../src/core/part.ts";
import type { ChatRequest } from "../../src/core/request.ts";
import { loggedMessages, previewOf } from "../../src/record/content.ts";
import { contentOf } from "../../src/record/content-policy.ts";
import { needsOf } from "../../src/routing/capability.ts";
import type { ClientHalf, PathModel, ProviderHalf } from "../../src/wire/format.ts";
import { PROVIDER_HALVES, translatingHalf } from "../../src/wire/registry.ts";
import { PLAIN } from "../../test/conformance/feature.ts";
import { CONTENT } from "../../test/conformance/features/content.ts";
import { MESSAGES } from "../../test/conformance/features/messages.ts";
import { OUTPUT } from "../../test/conformance/features/output.ts";
import { REASONING } from "../../test/conformance/features/reasoning.ts";
import { SAMPLING } from "../../test/conformance/features/sampling.ts";
import { TOOL_RESULTS } from "../../test/conformance/features/tool-results.ts";
import { HOSTED_TOOLS, TOOLS } from "../../test/conformance/features/tools.ts";
import { CLIENT_HALVES } from "../../test/streams/translate.ts";
import type { ClientFormat } from "../../test/support/clients/heard.ts";
import { FEATURE_EXAMPLES } from "../../test/support/feature-examples.ts";
import type { Target } from "../engine/target.ts";
import { bodyOf, isBadRequest, unlessRefused } from "./documented.ts";

const FEATURES = [CONTENT, MESSAGES, OUTPUT, REASONING, SAMPLING, TOOL_RESULTS, TOOLS, HOSTED_TOOLS].flat();
const HALVES: ReadonlyMap<Dialect, ProviderHalf> = PROVIDER_HALVES;
const CONTENTS = [contentOf("full"), contentOf("redacted"), contentOf("none")];
const MODELS = ["gpt-5.2", "claude-sonnet-5", "gemini-3-pro", "o3"];

/** Requests of clients, and what becomes of them on the way to every kind of provider. */
export const REQUESTS: readonly Target[] = Object.entries(CLIENT_HALVES).map(([format, client]) => ({
  name: `request-${format}`,
  words: [
    `wire/${format}/**/*.ts`,
    "wire/*.ts",
    "wire/{media,tools,loss}/**/*.ts",
    ...(format.startsWith("ollama") ? ["wire/ollama/**/*.ts"] : []),
  ],
  seeds: () => seedsOf(format as ClientFormat),
  run: (input) => read(client, format === "gemini" ? { model: "m", stream: true } : undefined, input),
}));

export function* seedsOf(format: ClientFormat): Generator<string> {
  const plain = { model: "m", stream: true, ...PLAIN[format] };
  yield JSON.stringify(plain);
  for (const { ask } of FEATURES) if (ask[format]) yield JSON.stringify({ ...plain, ...ask[format] });
  for (const example of Object.values(FEATURE_EXAMPLES[format] ?? {})) yield JSON.stringify({ ...plain, ...example });
}

function read(client: ClientHalf, path: PathModel | undefined, input: Buffer): void {
  const body = bodyOf(input)?.body;
  if (!body) return;
  const request = unlessRefused(input, () => client.readRequest(body, {}, path), isBadRequest);
  unlessRefused(input, () => client.answerAtOnce?.(body, 0), isBadRequest);
  unlessRefused(
    input,
    () => shapeOf(body),
    () => false,
  );
  if (request)
    unlessRefused(
      input,
      () => useRequest(request),
      () => false,
    );
}

/** What the pipeline does with it. */
function useRequest(request: ChatRequest): void {
  needsOf(request);
  for (const content of CONTENTS) JSON.stringify([loggedMessages(request, content), previewOf(request, content)]);
  const tokens = estimateTokens(request);
  if (!(Number.isFinite(tokens) && tokens >= 0)) throw new Error(`estimated at ${tokens} tokens`);
  for (const half of HALVES.values()) {
    const writing = translatingHalf(half, request);
    for (const model of MODELS)
      equal(written(writing, request, model), written(writing, request, model), "the bytes differ");
  }
}

function written(half: ProviderHalf, request: ChatRequest, model: string): string {
  const target = { model, quirks: {} };
  half.mustRewrite?.(request, model);
  half.continues?.(request, target);
  half.headers(request, {});
  return JSON.stringify(half.writeRequest(request, target, new Losses(half.support)));
}
