import type { Api } from "../asks.ts";

/** A process under measurement. */
export interface Running {
  readonly url: string;
  readonly pid: number;
}

/** What stands between client and provider. The provider always speaks OpenAI's API. */
export interface Contender {
  readonly name: string;
  /** The APIs that its clients may speak; the yardstick and nginx are given OpenAI's instead, since they do not look. */
  readonly takes: readonly Api[];
  /** Which further headers each request needs. */
  headers?(upstreamUrl: string): Readonly<Record<string, string>>;
  /** Rejects with a sentence that says why it is not there. */
  start(upstreamUrl: string): Promise<Running>;
}
