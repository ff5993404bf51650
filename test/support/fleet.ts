import { type RunningRouter, startRouter } from "./router.ts";
import { UPSTREAM_FORMATS, type UpstreamFormat } from "./upstream/answer.ts";
import { startUpstream, type Upstream } from "./upstream/upstream.ts";

export const PROVIDER_FORMATS = [...UPSTREAM_FORMATS, "simulated"] as const;
export type ProviderFormat = (typeof PROVIDER_FORMATS)[number];

/** A router with one provider of each format, each behind its own model prefix. */
export interface Fleet {
  router: RunningRouter;
  upstreams: Record<UpstreamFormat, Upstream>;
  /** Every upstream answers so from now on, and forgets what it was asked. */
  answer: Upstream["answer"];
  close(): Promise<void>;
}

/** The model a client asks for to reach a provider, and the one the provider is then asked for. */
export function modelFor(format: ProviderFormat): { asked: string; sent: string } {
  return { asked: `to-${format}/m`, sent: `model-of-${format}` };
}

/** Each request is sent once, whatever came of those before: most tests are about what comes of one answer. */
export async function startFleet(
  options: { server?: string; more?: string; env?: Record<string, string> } = {},
): Promise<Fleet> {
  const upstreams = {
    openai: await startUpstream("openai"),
    "openai-responses": await startUpstream("openai-responses"),
    anthropic: await startUpstream("anthropic"),
    gemini: await startUpstream("gemini"),
    ollama: await startUpstream("ollama"),
  };
  const all = Object.values(upstreams);
  const closeUpstreams = async (): Promise<void> => void (await Promise.all(all.map((upstream) => upstream.close())));
  try {
    const config = [
      `[server]\nport = 0\n${options.server ?? ""}`,
      "[failover]\nmax_attempts = 1\n\n[breaker]\nenabled = false",
      ...all.map(providerToml),
      `[[providers]]\nname = "p-simulated"\nformat = "simulated"\nttft_ms = 0\ntokens_per_s = 100000`,
      options.more ?? "",
      ...PROVIDER_FORMATS.map(ruleToml),
    ].join("\n\n");
    const router = await startRouter(config, { UPSTREAM_KEY: "upstream-key", ...options.env });
    return {
      router,
      upstreams,
      answer(script) {
        for (const upstream of all) upstream.answer(script);
      },
      async close() {
        await router.close();
        await closeUpstreams();
      },
    };
  } catch (error) {
    await closeUpstreams();
    throw error;
  }
}

/** One more provider, `real`: the preset of OpenAI itself, for the models called `gpt-…`. */
export async function startFleetWithOpenAI(): Promise<Fleet & { real: Upstream }> {
  const real = await startUpstream("openai");
  const more = [
    `[[providers]]\nname = "real"\npreset = "openai"\nbase_url = "${real.url}"\napi_key_env = "UPSTREAM_KEY"`,
    '[[routers]]\ntype = "prefix"\nmodel_prefix = "gpt-"\nprovider = "real"',
  ].join("\n\n");
  const fleet = await startFleet({ more });
  return {
    ...fleet,
    real,
    async close() {
      await fleet.close();
      await real.close();
    },
  };
}

function providerToml(upstream: Upstream): string {
  const { format, url } = upstream;
  return `[[providers]]\nname = "p-${format}"\nformat = "${format}"\nbase_url = "${url}"\napi_key_env = "UPSTREAM_KEY"`;
}

function ruleToml(format: ProviderFormat): string {
  const { asked, sent } = modelFor(format);
  return [
    "[[routers]]",
    'type = "prefix"',
    `model_prefix = "${asked.slice(0, asked.indexOf("/") + 1)}"`,
    `provider = "p-${format}"`,
    `rewrite_model = "${sent}"`,
  ].join("\n");
}
