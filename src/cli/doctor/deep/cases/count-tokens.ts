import { upstreamModel } from "../../../../upstream/provider.ts";
import { JsonFailure } from "../../../../upstream/transports.ts";
import { TOKEN_COUNTERS } from "../../../../wire/registry.ts";
import type { Finding } from "../../finding.ts";
import { type DeepCase, type DeepTarget, question } from "../deep-case.ts";

const NAME = "count";
const TODO = "the router estimates instead, and says so in X-Router-Token-Count";

/** Whether the provider counts the tokens of a prompt, which costs nothing. */
export const countTokens: DeepCase = { name: NAME, outlook: undefined, usualOutput: 0, run };

async function run({ provider, model, tools }: DeepTarget): Promise<Finding> {
  const { half, quirks } = provider;
  const counter = TOKEN_COUNTERS.get(half.dialect);
  if (!counter)
    return { check: NAME, state: "skipped", text: `its API (${half.dialect}) does not count: the router estimates` };
  const request = question(model, "How many tokens is this?");
  const sent = upstreamModel(provider, model);
  try {
    const { status, body } = await tools.transports.requestJson(provider, {
      method: "POST",
      path: counter.path(sent),
      headers: half.headers(request, {}),
      body: JSON.stringify(counter.writeRequest(request, { model: sent, quirks })),
      timeoutMs: tools.timeoutMs,
      signal: tools.signal,
    });
    const tokens = body === undefined ? undefined : counter.readResponse(body);
    if (status < 300 && tokens !== undefined) return { check: NAME, state: "ok", text: `counted ${tokens} tokens` };
    return { check: NAME, state: "warning", text: `it does not count (HTTP ${status})`, todo: TODO };
  } catch (error) {
    if (!(error instanceof JsonFailure)) throw error;
    return { check: NAME, state: "warning", text: `it does not count: ${error.message}`, todo: TODO };
  }
}
