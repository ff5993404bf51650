import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import { describe, test } from "node:test";
import { exchange } from "../../../test/support/exchange.ts";
import { inProcess, oneProvider } from "../../../test/support/in-process.ts";
import { post, rawClient } from "../../../test/support/raw-client.ts";
import { httpAnswer, type TcpScript, tcpUpstream } from "../../../test/support/tcp-upstream.ts";
import { until } from "../../../test/support/until.ts";
import { startUpstream, type Upstream } from "../../../test/support/upstream/upstream.ts";

interface Test {
  after(run: () => Promise<void>): void;
}

async function over(t: Test, format: "openai" | "ollama" | "anthropic") {
  const upstream = await startUpstream(format);
  t.after(() => upstream.close());
  const router = await inProcess(t, oneProvider(format, upstream.url));
  return { upstream, ask: asking(router.url) };
}

function asking(url: string) {
  return async (path: string, body: object) => {
    const got = await exchange(url + path, { body: JSON.stringify(body) });
    return { status: got.status, headers: got.headers, body: JSON.parse(got.body.toString()) };
  };
}

function embeddingRequest(upstream: Upstream): Record<string, unknown> {
  const asked = upstream.others.filter(({ path }) => path.includes("embed"));
  equal(asked.length, 1);
  return asked[0]?.body ?? {};
}

describe("embeddings", () => {
  for (const format of ["openai", "ollama"] as const) {
    test(`OpenAI's client over ${format}: numbers and base64`, async (t) => {
      const { ask, upstream } = await over(t, format);
      const { status, body, headers } = await ask("/v1/embeddings", { model: "e", input: ["a", "b"] });
      equal(status, 200, JSON.stringify(body));
      deepEqual(
        body.data.map(({ embedding }: { embedding: number[] }) => embedding.length),
        [2, 2],
      );
      deepEqual([headers["x-router-provider"], headers["x-router-model"]], ["p", "e"]);
      deepEqual(embeddingRequest(upstream)["input"], ["a", "b"]);
      const encoded = await ask("/v1/embeddings", { model: "e", input: "a", encoding_format: "base64" });
      const bytes = Buffer.from(encoded.body.data[0].embedding, "base64");
      equal(bytes.length, 2 * 4);
      ok(Math.abs(bytes.readFloatLE(0) - body.data[0].embedding[0]) < 1e-6);
    });

    test(`Ollama's client over ${format}: both of its endpoints`, async (t) => {
      const { ask } = await over(t, format);
      const many = await ask("/api/embed", { model: "e", input: ["a", "b"] });
      deepEqual([many.status, many.body.embeddings.length], [200, 2]);
      const one = await ask("/api/embeddings", { model: "e", prompt: "a" });
      deepEqual([one.status, one.body.embedding.length], [200, 2]);
    });
  }

  test("over the simulated provider, the same text gives the same vector", async (t) => {
    const router = await inProcess(
      t,
      `[[providers]]\nname = "sim"\nformat = "simulated"\n[[routers]]\ntype = "fallback"`,
    );
    const ask = asking(router.url);
    const first = await ask("/v1/embeddings", { model: "e", input: ["a", "b"] });
    const second = await ask("/api/embed", { model: "e", input: "a" });
    deepEqual(first.body.data[0].embedding, second.body.embeddings[0]);
    notDeepEqual(first.body.data[0].embedding, first.body.data[1].embedding);
  });

  test("a provider without embeddings: 501, naming it; no rule: 400", async (t) => {
    const { ask, upstream } = await over(t, "anthropic");
    const { status, body } = await ask("/v1/embeddings", { model: "e", input: "a" });
    equal(status, 501);
    match(body.error.message, /provider 'p' \(anthropic\) has no embeddings/);
    equal(upstream.requests.length, 0);
    const router = await inProcess(t, `[[providers]]\nname = "sim"\nformat = "simulated"`);
    equal((await asking(router.url)("/v1/embeddings", { model: "e", input: "a" })).status, 400);
  });

  async function broken(t: Test, script: TcpScript) {
    const upstream = await tcpUpstream(t, script);
    const router = await inProcess(t, oneProvider("openai", `${upstream.origin}/v1`, "timeout.first_byte_ms = 0"));
    return { upstream, router, ask: asking(router.url) };
  }

  test("a provider's errors keep their meaning; what makes no sense is 502", async (t) => {
    for (const [status, text, expected] of [
      [400, '{"error":{"message":"too many inputs"}}', 400],
      [404, '{"error":"no such model"}', 404],
      [500, "<html>", 502],
      [200, "<html>", 502],
      [200, '{"data":"odd"}', 502],
    ] as const) {
      const { ask } = await broken(t, (socket) => socket.write(httpAnswer(status, "application/json", text)));
      const got = await ask("/v1/embeddings", { model: "e", input: "a" });
      equal(got.status, expected, text);
      match(got.body.error.message, /^provider 'p'/);
    }
  });

  test("a timer of 0 is none: a provider may take its time", async (t) => {
    const answer = JSON.stringify({ data: [{ index: 0, embedding: [1, 2] }], model: "e" });
    const { ask } = await broken(t, (socket) => {
      setTimeout(() => socket.write(httpAnswer(200, "application/json", answer)), 100);
    });
    equal((await ask("/v1/embeddings", { model: "e", input: "a" })).status, 200);
  });

  test("a client that leaves closes the provider's connection", async (t) => {
    const { upstream, router } = await broken(t, () => undefined);
    const client = await rawClient(router.url, post("/v1/embeddings", '{"model":"e","input":"a"}'));
    await until(() => upstream.requests.length === 1, "the provider to be asked");
    client.socket.destroy();
    await until(() => upstream.cut === 1, "the provider's connection to close");
    ok(!router.log.some((line) => line.startsWith("error")));
  });
});
