import { equal } from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { exchange } from "../support/exchange.ts";
import { inProcess, oneProvider } from "../support/in-process.ts";
import { startUpstream } from "../support/upstream/upstream.ts";
import { type Attack, attacks, type Field } from "./attacks.ts";

// A few bytes that inflate to very many: Ollama (CVE-2024-12886), undici (CVE-2026-22036: encodings without number). The router asks
// for no compression; what a provider sends all the same may not grow to more than 250 times its size, and has one encoding.
// What this costs in memory: test/fault, row 15.

const CONFIG = `[failover]
max_attempts = 1
[breaker]
enabled = false
[[providers]]
name = "up"
format = "openai"
base_url = "{UPSTREAM}"
[[routers]]
type = "fallback"`;

const CONTENT = "a".repeat(8 * 1024 * 1024);
const ANSWER = Buffer.from(
  JSON.stringify({
    id: "c",
    object: "chat.completion",
    created: 1,
    model: "m",
    choices: [{ index: 0, message: { role: "assistant", content: CONTENT }, finish_reason: "stop" }],
  }),
);
const REQUEST = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });

/** How much of it comes out; undefined: it is refused. */
async function inflated(encoding: string, body: Buffer, { router, upstream }: Field): Promise<string | undefined> {
  const headers = { "content-type": "application/json", "content-encoding": encoding };
  upstream.answer({ raw: { headers, chunks: [body] } });
  const answer = await exchange(`${router.url}/v1/chat/completions`, { body: REQUEST });
  return answer.status === 200 ? `${body.length} bytes became ${answer.body.length}` : undefined;
}

const ratio = {
  file: "upstream/http/decoded-answer.ts",
  from: "this.#bytesOut > this.#bytesIn * MAX_RATIO",
  to: "false",
};
const one = { file: "upstream/http/decoded-answer.ts", from: "      return null;", to: '      return "gzip";' };

const bomb = (encoding: string, compress: (bytes: Buffer) => Buffer): Attack => ({
  name: `8 MB in a few KB of ${encoding}`,
  guard: ratio,
  run: (field) => inflated(encoding, compress(ANSWER), field),
});
const encodings = (count: number): Attack => ({
  name: `${count} encodings`,
  guard: [one, ratio],
  run: (field) => inflated(Array(count).fill("gzip").join(", "), gzipSync(ANSWER), field),
});

attacks("S16: answers that inflate", { config: CONFIG }, [
  bomb("gzip", gzipSync),
  bomb("deflate", deflateSync),
  bomb("br", brotliCompressSync),
  bomb("zstd", zstdCompressSync),
  encodings(2),
  encodings(200),
]);

// The other direction has nothing to take out: no request is ever decompressed.
test("a compressed request is refused as it is, not inflated", async (t) => {
  const upstream = await startUpstream("openai");
  t.after(() => upstream.close());
  const router = await inProcess(t, oneProvider("openai", upstream.url));
  for (const encoding of ["gzip", "gzip, gzip", Array(200).fill("gzip").join(", ")]) {
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const answer = await exchange(`${router.url}/v1/chat/completions`, { headers, body: gzipSync(REQUEST) });
    equal(answer.status, 415);
  }
  equal(upstream.requests.length, 0);
});
