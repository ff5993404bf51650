import type { Field } from "./attacks.ts";

/** Whatever is asked for goes to `Field.upstream`. */
export const ONE_PROVIDER = `[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"
`;

export interface Asked {
  path: string;
  json: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

/** A small request of each API the router speaks. */
export const CHATS = [
  { path: "/v1/chat/completions", json: '{"model":"m","messages":[{"role":"user","content":"hi"}]}' },
  { path: "/v1/messages", json: '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}' },
  { path: "/v1/responses", json: '{"model":"m","input":"hi"}' },
  { path: "/v1beta/models/m:generateContent", json: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}' },
  { path: "/api/chat", json: '{"model":"m","stream":false,"messages":[{"role":"user","content":"hi"}]}' },
] as const;

export function post({ router }: Field, { path, json, headers }: Asked): Promise<Response> {
  const all = { "content-type": "application/json", ...headers };
  return fetch(router.url + path, { method: "POST", headers: all, body: json });
}

/** Undefined: refused as the client's fault, and not sent to the provider. */
export async function ask(field: Field, asked: Asked): Promise<string | undefined> {
  field.upstream.answer({ text: "spent" });
  const { status } = await post(field, asked);
  if (field.upstream.requests.length > 0) return "the provider was asked";
  return status >= 400 && status < 500 ? undefined : `status ${status}`;
}
