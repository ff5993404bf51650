import type { Dialect } from "../core/part.ts";

export interface Address {
  /** `scheme://host:port` */
  origin: string;
  /** In front of the dialect's own path; never ends in a slash. */
  basePath: string;
}

/**
 * Splits a base URL, and forgives the two ways people write it: Ollama's root with a `/v1` it does not want, Anthropic's with
 * or without the `/v1` its SDKs add themselves.
 */
export function addressOf(baseUrl: string, dialect: Dialect): Address {
  const url = new URL(baseUrl);
  const path = url.pathname.replace(/\/+$/, "");
  return { origin: url.origin, basePath: basePathFor(dialect, path) };
}

function basePathFor(dialect: Dialect, path: string): string {
  switch (dialect) {
    case "ollama":
      return withoutVersion(path);
    case "anthropic":
      return `${withoutVersion(path)}/v1`;
    default:
      return path;
  }
}

function withoutVersion(path: string): string {
  return path.endsWith("/v1") ? path.slice(0, -"/v1".length) : path;
}
