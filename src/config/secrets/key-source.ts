/** Where a key is: the name of an environment variable, or `file:PATH`, or `exec:COMMAND`. Never the key. */
export type KeySource = string;

export const SOURCE_KINDS = ["env", "file", "exec"] as const;

/** Of a pair of keys like `api_key_env` and `api_key_from`, one of which is given. */
export function sourceOf(variable: string | undefined, from: string | undefined): KeySource | undefined {
  return from?.startsWith("env:") ? from.slice("env:".length) : (from ?? variable);
}

/** It has to be fetched, and stands in the environment under its own name then: no variable can have a name like it. */
export function isFetched(source: KeySource): boolean {
  return source.startsWith("file:") || source.startsWith("exec:");
}

/** For people. Of a command its program alone: arguments may be secrets. */
export function shownSource(source: KeySource): string {
  const [program = "", ...rest] = source.split(" ");
  return source.startsWith("exec:") && rest.length > 0 ? `${program} …` : source;
}

/** `the environment variable X is not set`, or what amounts to that elsewhere. */
export function lacksKey(source: KeySource): string {
  return isFetched(source) ? `${shownSource(source)} gave no key` : `the environment variable ${source} is not set`;
}
