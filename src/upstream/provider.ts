import type { ProviderConfig } from "../config/config.ts";
import type { ModelInfo } from "../core/model.ts";
import type { ProviderHalf, Quirks } from "../wire/format.ts";
import type { Timeouts } from "./timeouts.ts";
import type { Way } from "./way.ts";

/** A provider the router can send to: its settings, resolved, and what is known of it while it runs. */
export interface Provider {
  readonly name: string;
  readonly config: ProviderConfig;
  readonly half: ProviderHalf;
  readonly quirks: Quirks;
  /** `scheme://host:port`, and the path in front of the dialect's own (`/v1`). */
  readonly origin: string;
  readonly basePath: string;
  /** Absent: connections are made directly, and certificates are those Node trusts. */
  readonly way?: Way;
  /** A digest of API and address: what was measured there still holds for a provider of this name and place. */
  readonly place: string;
  readonly timeout: Timeouts;
  /** On this machine or the owner's own network, or a server for models of one's own. */
  readonly nearby: boolean;
  /** Headers of every request: the key, then the configured ones. Never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Alias → the name the provider takes. */
  readonly aliases: ReadonlyMap<string, string>;
  /** What it reported at the last discovery, by name. Empty until it did. */
  models: ReadonlyMap<string, ModelInfo>;
  /** When discovery last succeeded, monotonic ms; undefined: never. */
  discoveredAt: number | undefined;
}

/** The name to send for what the client or a rule called the model. */
export function upstreamModel(provider: Provider, model: string): string {
  return provider.aliases.get(model) ?? model;
}

/** What is known of a model there. Ollama's `name` means `name:latest`. */
export function modelInfo(provider: Provider, model: string): ModelInfo | undefined {
  const id = upstreamModel(provider, model);
  return provider.models.get(id) ?? (id.includes(":") ? undefined : provider.models.get(`${id}:latest`));
}

/** A provider's words without our key, which some repeat when they refuse it. Anything shorter is no secret. */
export function withoutKeys(provider: Provider, text: string): string {
  let clean = text;
  for (const secret of secretsOf(provider)) clean = clean.replaceAll(secret, "[key]");
  return clean;
}

/** True when the bytes hold our key. */
export function repeatsKey(provider: Provider, bytes: Buffer): boolean {
  return secretsOf(provider).some((secret) => bytes.includes(secret));
}

function secretsOf(provider: Provider): string[] {
  const values = Object.values(provider.headers).map((value) => value.replace(/^Bearer /, ""));
  return values.filter((value) => value.length >= 8);
}

/** The providers by name, in the order of the config. */
export class Fleet {
  readonly #byName: ReadonlyMap<string, Provider>;
  /** Defined in the config, but left out for want of their key. */
  readonly skipped: ReadonlySet<string>;

  constructor(providers: readonly Provider[], skipped: ReadonlySet<string> = new Set()) {
    this.#byName = new Map(providers.map((provider) => [provider.name, provider]));
    this.skipped = skipped;
  }

  get(name: string): Provider | undefined {
    return this.#byName.get(name);
  }

  all(): Provider[] {
    return [...this.#byName.values()];
  }

  /** The named ones that are there, in the order named; all of them when no name is given. */
  among(names: readonly string[] | undefined): Provider[] {
    if (names === undefined || names.length === 0) return this.all();
    return names.flatMap((name) => this.#byName.get(name) ?? []);
  }
}
