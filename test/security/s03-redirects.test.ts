import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { after } from "node:test";
import { exchange } from "../support/exchange.ts";
import { addressOf } from "../support/upstream/upstream.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// A provider (or whoever answers in its place) sends the router on to another server, and key and prompt go along: Ollama's token
// (CVE-2025-51471); `fetch` itself hands `x-api-key`, `x-goog-api-key` and `api-key` on. No redirect is followed here, so there is
// no guard to take out: the weakened router follows. Every format and the record of it: test/fault, row 26.

const KEY = "provider-key-4711";
/** Sends every POST on, whatever API it is for. */
const answers = { status: 307, location: "" };
const provider = createServer((request, response) => {
  request.resume();
  if (request.method === "POST")
    response.writeHead(answers.status, { location: answers.location, "content-length": 0 });
  else response.writeHead(404);
  response.end();
}).listen(0, "127.0.0.1");
await once(provider, "listening");
after(() => {
  provider.closeAllConnections();
  provider.close();
});

const FORMATS = ["openai", "openai-responses", "anthropic", "gemini", "ollama"] as const;
const CONFIG = [
  "[failover]\nmax_attempts = 1\n[breaker]\nenabled = false",
  ...FORMATS.map(
    (format) => `[[providers]]
name = "${format}"
format = "${format}"
base_url = "http://127.0.0.1:${addressOf(provider.address()).port}"
api_key_env = "KEY"
headers = { api-key = "${KEY}", cookie = "session=${KEY}", x-subscription-token = "${KEY}" }
[[routers]]
type = "prefix"
model_prefix = "${format}/"
provider = "${format}"`,
  ),
].join("\n");

const follows = [
  { file: "upstream/client.ts", from: "this.#request = request;", to: "this.sent = this.#request = request;" },
  {
    file: "upstream/client.ts",
    from: "this.#timers.answering(nowMs);",
    to: `this.#timers.answering(nowMs);
    if (status >= 300 && status < 400) {
      this.#connection.pause();
      const [head, body] = String(this.sent.head).split("\\r\\n\\r\\n");
      const lines = head.split("\\r\\n").slice(1).filter((line) => !/^(host|connection|content-length):/.test(line));
      const sent = Object.fromEntries(lines.map((line) => line.split(": ")));
      const over = () => this.broken({ kind: "malformed", message: "followed" });
      return void fetch(headers.location, { method: status < 307 ? "GET" : this.sent.method, headers: sent, ...(status >= 307 && { body }) }).then(over, over);
    }`,
  },
];

/** What of a request arrives at the server it was sent on to; undefined: nothing. */
async function sentOn(status: number, format: string, { router }: Field): Promise<string | undefined> {
  const came: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    came.push(request.headers);
    response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  answers.status = status;
  answers.location = `http://127.0.0.1:${addressOf(server.address()).port}/v1/chat/completions`;
  const body = JSON.stringify({ model: `${format}/m`, messages: [{ role: "user", content: "hi" }] });
  const answer = await exchange(`${router.url}/v1/chat/completions`, { body });
  server.closeAllConnections();
  server.close();
  const told = [JSON.stringify(came), JSON.stringify(answer.headers), answer.body.toString()].join("\n");
  if (came.length === 0 && !told.includes(KEY)) return undefined;
  return `${came.length} requests${told.includes(KEY) ? ", with the key" : ""}`;
}

const redirect = (status: number, format: string): Attack => ({
  name: `${status}, ${format}'s key`,
  guard: follows,
  run: (field) => sentOn(status, format, field),
});

attacks("S3: credentials across a redirect", { config: CONFIG, env: { KEY } }, [
  ...[301, 302, 303, 307, 308].flatMap((status) => FORMATS.map((format) => redirect(status, format))),
]);
