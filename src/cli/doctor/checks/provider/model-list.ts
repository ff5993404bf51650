import { discoverModels, type RequestJson } from "../../../../upstream/discover-models.ts";
import { modelInfo, type Provider, upstreamModel } from "../../../../upstream/provider.ts";
import { JsonFailure } from "../../../../upstream/transports.ts";
import { counted, type Finding, failed, ok, warning } from "../../finding.ts";
import { remedyFor, wordsOf } from "../../remedies.ts";
import { behindMs } from "../machine/clock.ts";
import type { ProviderLook, ProviderTools } from "./tools.ts";

/** Asks for the provider's models, which tells whether it takes the key as well. False: there is no use in asking it more. */
export async function modelList(look: ProviderLook, tools: ProviderTools): Promise<boolean> {
  const { provider, findings } = look;
  const startedMs = performance.now();
  let status: number | undefined;
  const request: RequestJson = async (to, question) => {
    const askedMs = Date.now();
    const { signal, timeoutMs } = tools;
    const answer = await tools.transports.requestJson(to, { ...question, signal, timeoutMs });
    status ??= answer.status;
    const behind = behindMs(answer.headers["date"], askedMs, Date.now());
    const { name, nearby } = provider;
    if (behind !== undefined && look.readings.length === 0)
      look.readings.push({ provider: name, behindMs: behind, nearby });
    return answer;
  };
  try {
    const models = await discoverModels(provider, request, new Map());
    provider.models = new Map(models.map((model) => [model.id, model]));
    findings.push(listed(provider, models.length, performance.now() - startedMs));
    return true;
  } catch (error) {
    const { finding, goesOn } = unlisted(provider, error, status);
    findings.push(finding);
    return goesOn;
  }
}

function listed({ half }: Provider, count: number, ms: number): Finding {
  if (count > 0) return ok("models", `lists ${counted(count, "model")}`, ms);
  const pull = half.dialect === "ollama" ? "ollama pull qwen3" : "load a model there";
  return warning("models", "it lists no model", pull);
}

function unlisted(
  provider: Provider,
  error: unknown,
  status: number | undefined,
): { finding: Finding; goesOn: boolean } {
  if (error instanceof JsonFailure) {
    const { failure } = error;
    const finding = failed("models", wordsOf(failure), remedyFor(failure, provider, "that model"));
    return { finding, goesOn: false };
  }
  if (status === 401 || status === 403) {
    const failure = { kind: "credential", message: "the provider refuses the key", upstreamStatus: status } as const;
    return { finding: failed("key", wordsOf(failure), keyRemedy(provider)), goesOn: false };
  }
  const why = error instanceof Error ? error.message : String(error);
  const todo = "discover rules find nothing there; models named in aliases and rules are asked all the same";
  return { finding: warning("models", `it does not list its models: ${why}`, todo), goesOn: true };
}

function keyRemedy(provider: Provider): string {
  const hasKey = Object.keys(provider.headers).length > 0;
  if (!hasKey) return "it wants a key: name its environment variable with api_key_env";
  return remedyFor({ kind: "credential", message: "" }, provider, "");
}

/** Names in the config that the provider does not list: a slip, or a model it has no more. */
export function unlistedNames(provider: Provider, { chain }: Pick<ProviderTools, "chain">): Finding[] {
  if (provider.models.size === 0 || provider.half.dialect === "simulated") return [];
  const isListed = (model: string) => modelInfo(provider, model) !== undefined;
  const aliases = [...provider.aliases].filter(([alias]) => !isListed(alias));
  const named = chain.rules.flatMap((rule, index) => {
    const sent = (rule.rewrites ?? []).filter(({ providers }) => providers.includes(provider.name));
    const then = (rule.fallbacks ?? []).filter((fallback) => fallback.provider === provider.name);
    const models = new Set([...sent, ...then].flatMap(({ model }) => model ?? []));
    return [...models]
      .filter((model) => !provider.aliases.has(model) && !isListed(model))
      .map((model) => ({ index, model }));
  });
  const todo = "correct the name, or have that model made available there";
  return [
    ...aliases.map(([alias]) =>
      warning("names", `the alias ${alias} means ${upstreamModel(provider, alias)}, which it does not list`, todo),
    ),
    ...named.map(({ index, model }) =>
      warning("names", `rule ${index + 1} sends ${model}, which it does not list`, todo),
    ),
  ];
}
