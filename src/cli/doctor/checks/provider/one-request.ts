import { type ChatRequest, emptyRequest } from "../../../../core/request.ts";
import { upstreamModel } from "../../../../upstream/provider.ts";
import { failed, ok, skipped } from "../../finding.ts";
import { remedyFor, wordsOf } from "../../remedies.ts";
import { modelsToTry } from "./choose-model.ts";
import { ask, type ProviderLook, type ProviderTools } from "./tools.ts";

/** OpenAI's Responses refuse fewer; and models that think say nothing in one. */
const MOST_TOKENS = 16;

/** The smallest request there is, on the way every client's goes: what it proves is that this provider answers. */
export async function oneRequest(look: ProviderLook, tools: ProviderTools): Promise<void> {
  const { provider, findings } = look;
  if (!tools.mayAsk) {
    findings.push(skipped("request", "not asked: --no-requests"));
    return;
  }
  const models = modelsToTry(provider, tools);
  if (models.length === 0) {
    const todo = "name one with --model, or in the provider's models";
    findings.push(failed("request", "no model is known that it could be asked for", todo));
    return;
  }
  for (const [at, model] of models.entries()) {
    const { failure, response, ms } = await ask(provider, oneWord(model), tools);
    const sent = upstreamModel(provider, model);
    if (!failure) {
      look.model = model;
      const { usage } = response;
      const tokens = usage ? `${usage.input} + ${usage.output} tokens` : "it does not say how many tokens";
      findings.push(ok("request", `${sent} answered, ${tokens}`, ms));
      return;
    }
    // A list may name what only some accounts may use, or what is no chat model.
    const mayBeAnother = failure.kind === "not-found" || failure.kind === "caller";
    if (mayBeAnother && at + 1 < models.length) continue;
    findings.push(failed("request", `${sent}: ${wordsOf(failure)}`, remedyFor(failure, provider, sent)));
    return;
  }
}

function oneWord(model: string): ChatRequest {
  return {
    ...emptyRequest("openai", model),
    messages: [{ role: "user", parts: [{ type: "text", text: "Reply with the one word: ok" }] }],
    maxOutputTokens: MOST_TOKENS,
  };
}
