import assert from "node:assert/strict";
import { test } from "node:test";
import { inProcess } from "./support/in-process.ts";

const provider = (name: string, more: string) => `[[providers]]\nname = "${name}"\nformat = "simulated"\n${more}\n`;
/** Typed in the wrong way round. */
const FLEET = `${provider("slow", "latency_ms = 1\nttft_ms = 60")}${provider("quick", "latency_ms = 900")}
[[routers]]
type = "latency"
`;

async function ask(url: string, stream: boolean): Promise<string | null> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hello" }] }),
  });
  await response.text();
  return response.headers.get("x-router-provider");
}

for (const stream of [true, false]) {
  test(`what is seen wins over what is typed in, ${stream ? "streamed" : "whole"}`, async (t) => {
    // It explores always, so that the quick one is seen too.
    const router = await inProcess(t, `[routing]\nexplore = 1\n${FLEET}`, { random: () => 0 });
    const told = async (): Promise<string> => {
      const body = JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hello" }] });
      const run = JSON.parse(await (await fetch(`${router.url}/router/route`, { method: "POST", body })).text());
      return run.verdicts[0].compared
        .map((one: { provider: string; note: string }) => `${one.provider}: ${one.note}`)
        .join();
    };
    assert.match(await told(), /^slow: 1 ms \(configured\),quick: 900 ms \(configured\)$/);
    for (let turn = 0; turn < 5; turn++) assert.equal(await ask(router.url, stream), "slow");
    for (let turn = 0; turn < 5; turn++) assert.equal(await ask(router.url, stream), "quick");
    const explored = (await router.completed(10)).filter(
      ({ decision }) => decision[0]?.["reason"] === "to see how it does",
    );
    assert.equal(explored.length, 5);
    // What was worked out holds for a second.
    const until = Date.now() + 5_000;
    while (!/^quick: [\d.]+ ms \(measured, \d+ answers\)/.test(await told()))
      assert.ok(Date.now() < until, await told());
  });
}

test("one that fails is worth less to fallback, and its rate is told", async (t) => {
  const fleet = `${provider("good", "quality = 90\nerror_rate = 1")}${provider("fair", "quality = 60")}
[breaker]
enabled = false
[failover]
max_attempts = 2
retry_share = 1
[[routers]]
type = "fallback"
`;
  const router = await inProcess(t, fleet);
  for (let turn = 0; turn < 20; turn++) assert.equal(await ask(router.url, false), "fair");
  const events = await router.completed(20);
  assert.ok(events.every(({ attempts }) => attempts[0]?.provider === "good"));
  await ask(router.url, false);
  const last = (await router.completed(21)).at(-1);
  assert.deepEqual(
    last?.attempts.map((attempt) => attempt.provider),
    ["fair"],
  );
  const { providers } = JSON.parse(await (await fetch(`${router.url}/router/providers`)).text());
  assert.deepEqual(providers[0].live.error_rates, [{ model: "m", samples: 20, share: 1 }]);
});

test("measured = false: what is typed in holds, and nothing is explored", async (t) => {
  const router = await inProcess(t, `[routing]\nmeasured = false\nexplore = 1\n${FLEET}`, { random: () => 0 });
  for (let turn = 0; turn < 12; turn++) assert.equal(await ask(router.url, false), "slow");
});
