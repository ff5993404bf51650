import { type ProviderConfig, providerSchema } from "../../src/config/config.ts";
import type { ModelInfo } from "../../src/core/model.ts";
import type { Dialect } from "../../src/core/part.ts";
import type { Provider } from "../../src/upstream/provider.ts";
import type { ProviderHalf } from "../../src/wire/format.ts";
import { RESPONSES_SUPPORT } from "../../src/wire/openai-responses/support.ts";

/** A provider for tests that never send anything: its half speaks no dialect. */
export function testProvider(
  config: Partial<ProviderConfig> & { name: string },
  more: { models?: readonly ModelInfo[]; aliases?: Readonly<Record<string, string>>; dialect?: Dialect } = {},
): Provider {
  return {
    name: config.name,
    config: { ...providerSchema.parse({ name: config.name }), ...config },
    half: muteHalf(more.dialect ?? "openai"),
    quirks: {},
    origin: "http://127.0.0.1:1",
    basePath: "/v1",
    place: "00000000",
    timeout: { connect_ms: 0, first_byte_ms: 0, idle_ms: 0, total_ms: 0 },
    nearby: true,
    headers: {},
    aliases: new Map(Object.entries(more.aliases ?? {})),
    models: new Map((more.models ?? []).map((model) => [model.id, model])),
    discoveredAt: undefined,
  };
}

/** A half that only says which dialect it is of. */
export function muteHalf(dialect: Dialect): ProviderHalf {
  const refuse = (): never => {
    throw new Error("this test's provider speaks no dialect");
  };
  return {
    dialect,
    support: RESPONSES_SUPPORT,
    path: () => "/",
    writeRequest: refuse,
    headers: () => ({}),
    readResponse: refuse,
    readStream: refuse,
    readError: refuse,
  };
}
