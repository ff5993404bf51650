import { equal, match } from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { rootCertificates } from "node:tls";
import { SELF_SIGNED, TEST_KEY } from "./support/certificates.ts";
import { rawClient } from "./support/raw-client.ts";
import { type RunningRouter, startRouter } from "./support/router.ts";
import { until } from "./support/until.ts";

// What of [server] and of certificates a reload changes: docs/reliability.md § Start, reload, stop.

const CONFIG = `[[providers]]
name = "sim"
format = "simulated"
ttft_ms = 0
[[providers]]
name = "slow"
format = "simulated"
ttft_ms = 600000
[[routers]]
type = "prefix"
model_prefix = "slow"
provider = "slow"
[[routers]]
type = "prefix"
model_prefix = "m"
provider = "sim"
`;

async function reloaded(router: RunningRouter, server: string): Promise<void> {
  const version = 1 + router.logs().split("config version").length;
  writeFileSync(join(router.folder, "config.toml"), `[server]\nport = 0\n${server}\n${CONFIG}`);
  await until(() => router.logs().includes(`config version ${version}:`), `config version ${version}`);
}

/** The status, on a connection of its own; 0: it was closed without a word. */
async function statusOf(router: RunningRouter, head: string, body = ""): Promise<number> {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const client = await rawClient(
    router.url,
    `${head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${length}\r\n\r\n${body}`,
  );
  await until(() => client.closed() || /^HTTP\/1\.1 \d+/.test(client.heard()), "an answer");
  client.socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(client.heard())?.[1] ?? 0);
}

const CHAT = "POST /v1/chat/completions";
const chat = (model: string, content: string, messages = 1) =>
  JSON.stringify({ model, messages: Array.from({ length: messages }, () => ({ role: "user", content })) });

test("limits of [server] hold from the reload on, and are lifted by one", async (t) => {
  const router = await startRouter(`[server]\nport = 0\n${CONFIG}`);
  t.after(() => router.close());
  const longHead = () => statusOf(router, `GET /v1/models?${"x".repeat(8 * 1024)}`);
  const largeBody = () => statusOf(router, CHAT, chat("m", "x".repeat(2 << 20)));
  const manyItems = () => statusOf(router, CHAT, chat("m", "hi", 200));
  const all = async () => [await longHead(), await largeBody(), await manyItems()].join();
  equal(await all(), "200,200,200");
  await reloaded(router, "max_header_kb = 4\nmax_body_mb = 1\nmax_body_items = 100\nheader_s = 1");
  equal(await all(), "431,413,413");
  const slow = await rawClient(router.url, "GET /health HTTP/1.1\r\n");
  match(await slow.hears("HTTP/1.1"), /^HTTP\/1\.1 408 /);
  slow.socket.destroy();
  await reloaded(router, "");
  equal(await all(), "200,200,200");
});

test("so does the number of connections", async (t) => {
  const router = await startRouter(`[server]\nport = 0\n${CONFIG}`);
  t.after(() => router.close());
  const body = chat("slow", "hi");
  const head = `${CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n`;
  const busy = await rawClient(router.url, head + body);
  equal(await statusOf(router, "GET /health"), 200);
  await reloaded(router, "max_connections = 1");
  equal(await statusOf(router, "GET /health"), 0);
  await reloaded(router, "max_connections = 2");
  equal(await statusOf(router, "GET /health"), 200);
  busy.socket.destroy();
});

const COMPLETION = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
});

test("another authority in a ca_file counts once the config is read again: who it vouched for before is not asked any more", async (t) => {
  const upstream = createServer({ key: TEST_KEY, cert: SELF_SIGNED }, (_req, res) => {
    res.writeHead(200, { "content-type": "application/json" }).end(COMPLETION);
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  t.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const address = upstream.address();
  const port = typeof address === "object" ? address?.port : 0;
  const provider = `[[providers]]\nname = "own"\nformat = "openai"\nbase_url = "https://127.0.0.1:${port}/v1"\nca_file = "ca.pem"`;
  const config = `[server]\nport = 0\n[failover]\nmax_attempts = 1\n[breaker]\nenabled = false\n${provider}\n[[routers]]\ntype = "fallback"\n`;
  const router = await startRouter(config, {}, { files: { "ca.pem": SELF_SIGNED } });
  t.after(() => router.close());
  const isAnswered = async () => (await statusOf(router, CHAT, chat("m", "hi"))) === 200;
  const again = async (version: number, authority: string) => {
    writeFileSync(join(router.folder, "ca.pem"), authority);
    router.signal("SIGHUP");
    await until(() => router.logs().includes(`config version ${version}:`), `config version ${version}`);
  };
  equal(await isAnswered(), true);
  await again(2, rootCertificates[0] ?? "");
  equal(await isAnswered(), false);
  await again(3, SELF_SIGNED);
  equal(await isAnswered(), true);
});
