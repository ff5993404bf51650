import { anthropicBody, openaiBody } from "./bodies.ts";

/** APIs that the main tables compare; `sections/pairs.ts` has all of them. */
export type Api = "openai" | "anthropic";

export const KB2 = 2_048;
export const KB60 = 60_000;
export const MB1 = 1_000_000;

export function sizeName(bytes: number): string {
  return bytes >= MB1 ? `${bytes / MB1} MB` : `${Math.round(bytes / 1_000)} KB`;
}

/** A request that is sent again and again. */
export interface Ask {
  readonly path: string;
  readonly body: string;
  readonly stream: boolean;
}

const PATHS: Readonly<Record<Api, string>> = { openai: "/v1/chat/completions", anthropic: "/v1/messages" };

export function askOf(api: Api, bytes: number, stream: boolean): Ask {
  return { path: PATHS[api], body: (api === "openai" ? openaiBody : anthropicBody)(bytes, stream), stream };
}
