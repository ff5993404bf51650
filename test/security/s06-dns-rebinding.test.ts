import { rawClient } from "../support/raw-client.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// A page makes its own name resolve to 127.0.0.1: to the browser the router is then the page's own origin, and everything may be
// read. Ollama (CVE-2024-28224) and the MCP SDKs (CVE-2025-66414) could be reached so. Only the name in `Host` tells.

const CONFIG = `[[providers]]
name = "up"
format = "openai"
base_url = "UPSTREAM"
[[routers]]
type = "fallback"`;
const BODY = JSON.stringify({ model: "m", messages: [{ role: "user", content: "spend" }] });

/** Undefined: neither answered nor sent to the provider. */
async function calledBy(host: string, { router, upstream }: Field): Promise<string | undefined> {
  upstream.answer({ text: "spent" });
  const head = `POST /v1/chat/completions HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: ${BODY.length}\r\nconnection: close\r\n\r\n`;
  const client = await rawClient(router.url, head + BODY);
  const answer = await client.ended();
  if (upstream.requests.length > 0) return "the provider was asked";
  return / 200 /.test(answer.slice(0, 20)) ? answer : undefined;
}

const guard = { file: "server/page-guard.ts", from: "!this.#knows(hostName(host))", to: "false" };

const named = (name: string): Attack => ({
  name: `Host: ${name}`,
  guard,
  run: (field) => calledBy(`host: ${name}\r\n`, field),
});

attacks("S6: a name that was made to resolve to this machine", { config: CONFIG }, [
  ...["evil.test", "127.0.0.1.evil.test", "localhost.evil.test", "evil.test:8090", "evil.internal", "x.local"].map(
    named,
  ),
]);
