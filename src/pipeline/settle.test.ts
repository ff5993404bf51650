import { equal } from "node:assert/strict";
import { test } from "node:test";
import { inProcess, oneProvider } from "../../test/support/in-process.ts";
import { post, rawClient } from "../../test/support/raw-client.ts";

const SLOW = "ttft_ms = 1\ntokens_per_s = 20";

test("an answer whose client left counts what was said, not only what the provider had told by then", async (t) => {
  const toml = oneProvider("simulated", "").replace('base_url = ""', SLOW);
  const router = await inProcess(t, toml);
  const ask = { model: "m", stream: true, messages: [{ role: "user", content: "one two three four five six seven" }] };
  const client = await rawClient(router.url, post("/v1/chat/completions", JSON.stringify(ask)));
  // The third piece of text.
  await client.hears(/(?:"content":"[^"]+"[\s\S]*){3}/);
  client.socket.destroy();
  const [complete] = await router.completed();
  equal(complete?.outcome, "client-gone");
  equal(complete?.usage?.reported, false);
  equal((complete?.usage?.output_tokens ?? 0) > 0, true, "output tokens");
});
