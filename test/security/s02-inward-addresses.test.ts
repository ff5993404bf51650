import { once } from "node:events";
import { createServer } from "node:net";
import { after } from "node:test";
import { exchange } from "../support/exchange.ts";
import { startSearchBackend } from "../support/search-backend.ts";
import { addressOf } from "../support/upstream/upstream.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// An address from outside is fetched, and leads into this machine or its network: new-api had to mend its filter three times
// (CVE-2025-62155, CVE-2026-42339, CVE-2026-33655). Only the web plugin reads pages. Some eighty spellings, redirects and names that
// resolve inwards: web-addresses.test.ts; here the most telling ones, and what holds them off when the connection is made.

const backend = await startSearchBackend({ after });
const CONFIG = `[plugins.web]
enabled = true
backend = "searxng"
base_url = "${backend.url}"
fetch_pages = 1
[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"`;

/** What a search found is read; undefined: nobody connected to the port on this machine. */
async function connected(host: string, { router, upstream }: Field): Promise<string | undefined> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket
      .on("error", () => undefined)
      .end("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\nsecret");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = addressOf(server.address());
  backend.answer([{ url: `http://${host}:${port}/`, title: "t", text: "quote" }]);
  upstream.answer({ text: "hello" });
  const question = { role: "user", content: `what is at ${port}?` };
  const body = JSON.stringify({ model: "m", plugins: [{ id: "web" }], messages: [question] });
  await exchange(`${router.url}/v1/chat/completions`, { body });
  server.close();
  return connections > 0 ? `${connections} connections to 127.0.0.1` : undefined;
}

const file = "upstream/web/web-client.ts";
const numbers = { file, from: "isIP(host) !== 0 && !isPublicAddress(host)", to: "false" };
const names = { file, from: "wrong || !first", to: "!first" };
const leadsTo = (host: string, guard: Attack["guard"]): Attack => ({
  name: host,
  guard,
  run: (field) => connected(host, field),
});

attacks("S2: addresses that lead inwards", { config: CONFIG }, [
  ...[
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
  ].map((host) => leadsTo(host, numbers)),
  ...["localhost", "LOCALHOST", "loc%61lhost"].map((host) => leadsTo(host, names)),
]);
