import { allRoutes } from "../support/all-routes.ts";
import { rawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import type { Field } from "./attacks.ts";

export const CHAT = JSON.stringify({ model: "m", messages: [{ role: "user", content: "spend" }] });
/** A provider that would spend the owner's money, and the page. */
export const SPENDING = `[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"`;

export interface RawAsk {
  /** Method and target; else a chat. */
  line?: string;
  /** As they stand, `host` among them. */
  headers: readonly string[];
  body?: string;
}

/** Writes the request as it stands. The head of the answer; empty when the connection is closed without one. */
export async function askRaw(
  url: string,
  { line = "POST /v1/chat/completions", headers, body }: RawAsk,
): Promise<string> {
  const sent = body ?? (line.startsWith("POST") ? CHAT : "");
  const length = sent === "" ? [] : [`content-length: ${Buffer.byteLength(sent)}`];
  const head = [`${line} HTTP/1.1`, ...headers, ...length].join("\r\n");
  const client = await rawClient(url, `${head}\r\n\r\n${sent}`);
  await until(() => client.closed() || client.heard().includes("\r\n\r\n"), `an answer to ${line}`);
  client.socket.destroy();
  const heard = client.heard();
  return heard.slice(0, Math.max(heard.indexOf("\r\n\r\n"), 0));
}

export const statusOf = (head: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0);

/** Asks for a chat. What was got: an answer, or that the provider was asked. */
export async function spends({ router, upstream }: Field, ask: RawAsk): Promise<string | undefined> {
  upstream.answer({ text: "spent" });
  const head = await askRaw(router.url, ask);
  if (upstream.requests.length > 0) return "the provider was asked";
  return statusOf(head) === 200 ? head : undefined;
}

/** Asks each route that is not for everybody, and names those that gave another status. */
export async function otherThan(
  wanted: number,
  { router }: Field,
  headers: readonly string[],
  among = (route: ReturnType<typeof allRoutes>[number]) => route.open !== true,
): Promise<string | undefined> {
  const found = await Promise.all(
    allRoutes()
      .filter(among)
      .map(async ({ method, path }) => {
        const line = `${method} ${path.replace("*", "simulated")}`;
        const status = statusOf(await askRaw(router.url, { line, headers }));
        return status === wanted ? [] : [`${line}: ${status}`];
      }),
  );
  return found.flat().join(", ") || undefined;
}
