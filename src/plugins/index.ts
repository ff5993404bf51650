import { cacheMarks } from "./cache-marks/cache-marks.ts";
import type { PluginKind } from "./define.ts";
import { maxTokens } from "./max-tokens/max-tokens.ts";
import { paretoRouter } from "./pareto-router/pareto-router.ts";
import { pdf } from "./pdf/pdf.ts";
import { redact } from "./redact/redact.ts";
import { responseHealing } from "./response-healing/response-healing.ts";
import { systemPrompt } from "./system-prompt/system-prompt.ts";
import { web } from "./web/web.ts";

/** Every built-in plugin, one folder each, in the order in which those the config enables run. */
export const PLUGIN_KINDS: readonly PluginKind[] = [
  systemPrompt,
  pdf,
  // Before whatever it has to be undone for: placeholders become words again before anybody reads the answer.
  redact,
  web,
  maxTokens,
  cacheMarks,
  paretoRouter,
  responseHealing,
];
